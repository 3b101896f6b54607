// Part of the store suite: the archive, `old`, `person`, and the operations that erase a person.
import { assert } from "./store-suite-assert.js";
import { MOST, ODD, add, charge, hold, insert, stored, update, used } from "./store-suite-records.js";

const A = "code/event:gala:A/uses";
const DAY = "code/event:gala:A/day/2026-11-29/uses";
const ANN = "email:ann@example.org";
const PAID = { state: "confirmed", expires_at_ms: null, confirmed_at_ms: 1_800_000_000_000 };
const archive = (id, revision = 1) => ({ op: "archive", id, revision });
const restore = (id) => ({ op: "restore", id });
const drop = (id) => ({ op: "drop", id });
const open = (key, by) => ({ op: "open", key, by });
const forget = (key) => ({ op: "forget", key });
const all = { after: "", limit: 100 };

export const archives = {
  async "moves a record to the archive and back"({ store }) {
    for (const id of ODD) await stored(store, insert(id, { ...PAID, keys: [A] }), add(A, 1));
    const count = ODD.length;
    await stored(store, ...ODD.map((id) => archive(id)), open(A, count));
    for (const id of ODD) {
      const existing = hold(id, { ...PAID, keys: [A] });
      assert.deepEqual(await store.read([A], id), { counters: { [A]: count }, existing, archived: true });
      assert.equal(await store.commit([insert(id, { ...PAID, keys: [A] })]), false, "the id is taken");
      assert.equal(await store.commit([update(id, 1, PAID)]), false, "it has to come back first");
      assert.equal(await store.commit([archive(id)]), false);
    }
    assert.deepEqual(await store.differences(all), []);
    const seen = [];
    await store.scan(({ redemptions }) => seen.push(...redemptions.map(({ id }) => id)));
    assert.deepEqual(seen.sort(), [...ODD].sort(), "a report counts the archive, too");
    const released = { state: "released", charges: [charge(A, 1, 0)], expires_at_ms: null };
    await stored(store, restore(ODD[0]), update(ODD[0], 1, released), open(A, -1), add(A, -1));
    assert.deepEqual(await store.read([A], ODD[0]), {
      counters: { [A]: count - 1 },
      existing: hold(ODD[0], { ...released, revision: 2 }),
      archived: false,
    });
    assert.equal(await store.commit([restore(ODD[0])]), false);
    assert.equal(await store.commit([restore("nobody's")]), false);
    assert.deepEqual(await store.differences(all), []);
  },

  async "archives no record that is held, or has another revision by now"({ store, put, rows }) {
    await stored(store, insert("held"), insert("paid", PAID), add(A, 1));
    for (const op of [archive("held"), archive("paid", 3), archive("none"), restore("paid"), drop("paid")]) {
      const plan = [update("paid", 1, { ...PAID, currency: "USD" }), op, add(A, 1), open(A, 1)];
      assert.equal(await store.commit(plan, (transaction) => put(transaction, "row")), false, op.op);
    }
    assert.deepEqual([await rows(), await used(store, A)], [[], 1]);
    const { existing, archived } = await store.read([], "paid");
    assert.deepEqual([existing.revision, archived], [1, false]);
  },

  async "of those who archive and change a record at once, one does"({ store, peer }) {
    for (let i = 0; i < 10; i += 1) {
      await stored(store, insert(`o-${i}`, { ...PAID, keys: [A] }), add(A, 1));
      const released = { state: "released", charges: [charge(A, 1, 0)], expires_at_ms: null };
      const [moved, changed] = await Promise.all([
        store.commit([archive(`o-${i}`), open(A, 1)]),
        peer.commit([update(`o-${i}`, 1, released), add(A, -1)]),
      ]);
      const { existing, archived } = await store.read([], `o-${i}`);
      assert.deepEqual([archived, existing.revision], [moved, changed ? 2 : 1]);
      assert.ok(!(moved && changed));
    }
    assert.deepEqual(await store.differences(all), []);
  },

  async "drops a record that leaves the archive for good"({ store }) {
    await stored(store, insert("o-1", { ...PAID, keys: [A] }), insert("o-2", { ...PAID, keys: [A] }), add(A, 2));
    await stored(store, archive("o-1"), drop("o-1"), open(A, 1));
    assert.deepEqual(await store.read([A], "o-1"), { counters: { [A]: 2 }, existing: null, archived: false });
    assert.deepEqual(await store.differences(all), [], "its use is still counted");
    assert.equal(await store.commit([drop("o-1")]), false);
    await stored(store, insert("o-1", { ...PAID, keys: [A] }), open(A, -1));
    assert.deepEqual(await store.differences(all), [], "and comes back with it");
  },

  async "what the archive holds of a counter stays until it is restored"({ store }) {
    await stored(store, add(A, 2), open(A, 2));
    await stored(store, forget(A));
    assert.equal(await used(store, A), 2);
    await stored(store, add(A, -2), forget(A));
    assert.equal(await used(store, A), 0, "the archive has 2 of it");
    assert.deepEqual(await store.differences(all), [{ key: A, used: 0, must: 2, corrected: 0 }]);
    await stored(store, open(A, -2), forget(A), forget("nobody's"));
    assert.equal(await used(store, A), undefined);
    await stored(store, open(A, 3));
    assert.deepEqual(await store.differences(all), [{ key: A, used: 0, must: 3, corrected: 0 }]);
  },

  async "makes no counter of a period that may have been pruned"({ store, drifted }) {
    await stored(store, insert("o-1", { ...PAID, keys: [DAY] }), open(DAY, 1), open(DAY, -1), open(A, -1));
    assert.deepEqual((await store.read([DAY, A], null)).counters, {});
    await stored(store, add(DAY, -1));
    assert.deepEqual(drifted, []);
    await stored(store, add(DAY, 1), open(DAY, 1));
    assert.deepEqual(await store.differences(all), [{ key: DAY, used: 1, must: 2, corrected: 0 }]);
  },

  async "finds what is old: by event, by time, and by id"({ store }) {
    const at = (id, created_at_ms, event_id, fields = PAID) => insert(id, { ...fields, created_at_ms, event_id });
    await stored(
      store,
      at("b", 200, "gala"),
      at("a", 100, "ball"),
      at("d", 300, "gala", { state: "released", expires_at_ms: null }),
      at("c", 100, "gala", {}),
      at("e", 100, 'o\'no "gala"'),
      at("f", 100, "gala"),
    );
    await stored(store, archive("f"));
    const old = async (fields) =>
      (await store.old({ after: "", before_ms: null, event_id: null, limit: 10, ...fields })).map(({ id }) => id);
    assert.deepEqual(await old({}), ["a", "b", "d", "e"]);
    assert.deepEqual(await old({ event_id: "gala" }), ["b", "d"]);
    assert.deepEqual(await old({ event_id: "Gala" }), []);
    assert.deepEqual(await old({ event_id: 'o\'no "gala"' }), ["e"]);
    assert.deepEqual(await old({ before_ms: 300 }), ["a", "b", "e"]);
    assert.deepEqual(await old({ before_ms: 301, event_id: "gala", after: "b" }), ["d"]);
    assert.deepEqual(await old({ after: "a", limit: 1 }), ["b"]);
    const [first] = await store.old({ after: "", before_ms: null, event_id: null, limit: 1 });
    assert.equal(JSON.stringify(first), JSON.stringify(hold("a", { ...PAID, created_at_ms: 100, event_id: "ball" })));
  },

  async "finds the records that name a person, those in the archive, too"({ store }) {
    const of = (id, identities, fields) => insert(id, { identities, ...fields });
    await stored(
      store,
      of("held", [ANN, "card:1/2"]),
      of("paid", [ANN], PAID),
      of("kept", ["card:1/2", ANN], PAID),
      of("other", ["email:ann@example.or"], PAID),
      of("nobody", []),
    );
    await stored(store, archive("kept"));
    const person = async (identity) =>
      (await store.person(identity)).map(({ redemption, archived }) => `${redemption.id} ${archived}`).sort();
    assert.deepEqual(await person(ANN), ["held false", "kept true", "paid false"]);
    assert.deepEqual(await person("card:1/2"), ["held false", "kept true"]);
    assert.deepEqual(await person("email:bob@example.org"), []);
    await stored(store, update("held", 1, { identities: ["email:bob@example.org"] }), restore("kept"));
    await stored(store, update("held", 2, { ...PAID, identities: ["email:bob@example.org"] }));
    assert.deepEqual(await person("email:bob@example.org"), ["held false"]);
    assert.deepEqual(await person(ANN), ["kept false", "paid false"]);
    const [{ redemption }] = await store.person("email:bob@example.org");
    assert.equal(
      JSON.stringify(redemption),
      JSON.stringify(hold("held", { ...PAID, identities: ["email:bob@example.org"], revision: 3 })),
    );
  },

  async "finds whom an order names that is placed anew and is free"({ store }) {
    const tickets = [{ line: 0, unit_price: 900, price: 0, codes: [] }];
    const free = (identities) => ({ ...PAID, identities, tickets });
    await stored(store, insert("held", { identities: [ANN] }), insert("over", { identities: [ANN] }));
    await stored(store, update("over", 1, { identities: [ANN], state: "released", expires_at_ms: null }));
    for (const [id, revision] of Object.entries({ held: 1, over: 2 })) {
      await stored(store, update(id, revision, free(["email:bob@example.org"])));
      const found = (await store.person("email:bob@example.org")).map(({ redemption }) => redemption.id);
      assert.ok(found.includes(id), id);
    }
    assert.deepEqual(await store.person(ANN), []);
  },

  async "finds a hold that is placed anew by what it charges now"({ store }) {
    const found = async (...keys) =>
      (await store.find({ lapsed_by_ms: MOST, keys: keys.length > 0 ? keys : null, limit: 10 })).holds.length;
    const sought = async () => [await found("a"), await found("b"), await found("c"), await found()];
    await stored(store, insert("held", { keys: ["a", "b"] }));
    assert.deepEqual(await sought(), [1, 1, 0, 1]);
    await stored(store, update("held", 1, { keys: ["b", "c"], expires_at_ms: 7 }));
    assert.deepEqual(await sought(), [0, 1, 1, 1]);
    await stored(store, update("held", 2, { ...PAID, keys: ["b", "c"] }));
    assert.deepEqual(await sought(), [0, 0, 0, 0]);
  },

  async "finds an order that an exchange puts in the place of a hold"({ store }) {
    const BOB = "email:bob@example.org";
    const exchanged = { from: "old", credit: 900, due: 0, refundable: 0 };
    const tickets = [{ line: 0, unit_price: 900, price: 900, codes: [] }];
    await stored(store, insert("new", { identities: [BOB], keys: ["a"] }));
    await stored(store, update("new", 1, { ...PAID, identities: [ANN], keys: ["b"], tickets, exchanged }));
    const ids = async (person) => (await store.person(person)).map(({ redemption }) => redemption.id);
    assert.deepEqual([await ids(ANN), await ids(BOB)], [["new"], []]);
    for (const keys of [["a"], ["b"], null])
      assert.deepEqual((await store.find({ lapsed_by_ms: MOST, keys, limit: 10 })).holds, []);
  },

  async "a person's name is taken out of a record"({ store }) {
    const [old, next] = [`code/event:gala:A/by/${ANN}`, "code/event:gala:A/by/email:erased-1"];
    const paid = { ...PAID, identities: [ANN], charges: [charge(old, 2)] };
    const held = { identities: [ANN], charges: [charge(old, 1)] };
    await stored(store, insert("paid", paid), insert("held", held), insert("gone", paid), add(old, 5));
    await stored(store, archive("gone"), open(old, 2));
    const erase = (id, erased = "email:erased-1") => ({ op: "erase", id, person: ANN, erased });
    const nameless = (fields, amount) => ({
      ...fields,
      identities: ["email:erased-1"],
      charges: [charge(next, amount)],
    });
    await stored(
      store,
      ...[update("paid", 1, nameless(paid, 2)), erase("paid")],
      ...[update("held", 1, nameless(held, 1)), erase("held")],
      ...[add(old, -3), add(next, 3), forget(old)],
    );
    assert.deepEqual(
      (await store.person(ANN)).map(({ redemption: { id } }) => id),
      ["gone"],
    );
    await stored(store, erase("gone", null), drop("gone"), forget(old));
    assert.deepEqual(await store.person(ANN), []);
    assert.deepEqual((await store.person("email:erased-1")).map(({ redemption: { id } }) => id).sort(), [
      "held",
      "paid",
    ]);
    assert.deepEqual((await store.read([old, next], null)).counters, { [old]: 2, [next]: 3 });
    const find = async (key) => (await store.find({ lapsed_by_ms: MOST, keys: [key], limit: 10 })).holds.length;
    assert.deepEqual([await find(old), await find(next)], [0, 1]);
    await stored(store, add(old, -2), open(old, -2), forget(old));
    assert.deepEqual([await used(store, old), await store.differences(all)], [undefined, []]);
  },
};
