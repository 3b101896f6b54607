// Records that leave for the archive, or for good, and come back; and persons that are erased.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, test } from "node:test";
import { archive, audit, confirm, erase, redeem, release, repair, restoreRecords, sweep } from "redeemable/host";
import { STORES } from "./support.js";

const NOW = 1_800_000_000_000;
const now = () => NOW;
const USES = "code/event:gala:TEN/uses";
const ANN = "email:ann+1/2@example.org";
const ANN_TICKETS = "event/gala/tickets/email:ann+1%2F2@example.org";
const promos = [{ code: "TEN", discount_percent: 10, max_uses: 10, max_uses_per_identity: 4 }];
const policy = { max_tickets_per_identity: 6, email_aliases: "exact" };
const buy = (store, id, quantity = 1, { email = `${id}@example.org`, event_id = "gala", at = NOW } = {}) =>
  redeem(
    store,
    {
      codes: ["TEN"],
      promos,
      policy,
      order: {
        id,
        event_id,
        currency: "EUR",
        lines: [{ unit_price: 1000, quantity }],
        identities: { email },
        hold_until_ms: at + 1000,
      },
    },
    { now: () => at },
  );
const pay = (store, id, quantity = 1, options = {}) =>
  confirm(store, { id, payment: { id: `p-${id}`, total: 900 * quantity, currency: "EUR" } }, { now, ...options });

const hashed = createHash("sha256").update(ANN).digest("hex").slice(0, 16);

/** Every row of every table of the kit, as text: bytes in hexadecimal digits and as they are. */
async function texts({ db, admin, config }) {
  const rows = [];
  for (const table of ["redemptions", "counters", "held", "persons", "archive"]) {
    const text = `SELECT * FROM redeemable_${table}`;
    if (db) rows.push(...db.prepare(text).all());
    else if (admin)
      rows.push(...(config.connectionString ? (await admin.query(text)).rows : (await admin.query(text))[0]));
  }
  const shown = (value) => (Buffer.isBuffer(value) ? value.toString("hex") + value.toString() : value);
  return rows.map((row) => JSON.stringify(Object.values(row).map(shown)));
}

for (const [name, open] of Object.entries(STORES)) {
  describe(`archive and erase on ${name}`, () => {
    const scene = (title, run) =>
      test(title, async (t) => {
        const drifted = [];
        const place = await open({ onDrift: (key) => drifted.push(key) });
        t.after(place.close);
        await run(place.store, place);
        assert.deepEqual([await audit(place.store), drifted], [[], []]);
      });
    const used = async (store, key = USES) => (await store.read([key], null)).counters[key];
    const has = async (store, id) => {
      const { existing, archived } = await store.read([], id);
      return [existing?.state ?? null, archived];
    };

    scene("archived orders stay counted: a repair sells no use twice", async (store) => {
      for (const id of ["a", "b", "c", "d", "e"]) await buy(store, id, 2, { email: `${id}@example.org` });
      for (const id of ["a", "b", "c"]) await pay(store, id, 2);
      assert.equal((await buy(store, "f")).status, "rejected", "10 of 10 are used");
      assert.equal(await archive(store, { event_id: "gala" }), 3, "what is held stays");
      assert.deepEqual([await audit(store), await repair(store)], [[], []]);
      assert.equal(await used(store), 10);
      assert.equal((await buy(store, "f")).status, "rejected");
      assert.deepEqual(
        [await has(store, "a"), await has(store, "d")],
        [
          ["confirmed", true],
          ["held", false],
        ],
      );
      await store.commit([{ op: "add", key: USES, by: 3, at_most: null }]);
      assert.deepEqual(await repair(store), [{ key: USES, used: 13, must: 10 }]);
      assert.equal(await sweep(store, { now: () => NOW + 2000 }), 2);
      assert.deepEqual([await used(store), await repair(store)], [6, []]);
    });

    scene("chooses by time and by event, and asks for one of them", async (store) => {
      await buy(store, "old", 1, { at: NOW - 5000 });
      await pay(store, "old");
      await buy(store, "new");
      await pay(store, "new");
      await buy(store, "other", 1, { event_id: "ball", at: NOW - 5000 });
      await pay(store, "other");
      for (const wrong of [{}, { before_ms: "1" }, { event_id: 7 }, { before_ms: 1, to: 5 }, { before: 1 }])
        await assert.rejects(archive(store, wrong), { code: "invalid_request" }, JSON.stringify(wrong));
      assert.equal(await archive(store, { before_ms: NOW - 5000, event_id: "gala" }), 0);
      assert.equal(await archive(store, { before_ms: NOW - 4999, event_id: "gala" }), 1);
      assert.deepEqual(
        [await has(store, "old"), await has(store, "new")],
        [
          ["confirmed", true],
          ["confirmed", false],
        ],
      );
      assert.equal(await archive(store, { before_ms: NOW }), 1);
      assert.deepEqual(await has(store, "other"), ["confirmed", true]);
    });

    scene("an archived order is answered again, and comes back when it changes", async (store, { put, rows }) => {
      const bought = await buy(store, "a", 2);
      await pay(store, "a", 2);
      await archive(store, { event_id: "gala" });
      const again = await buy(store, "a", 2);
      assert.deepEqual([again.status, again.replayed, again.quote], ["accepted", true, bought.quote]);
      assert.equal((await pay(store, "a", 2)).money, "kept", "the same payment again changes nothing");
      assert.deepEqual(await has(store, "a"), ["confirmed", true]);
      const other = { id: "a", payment: { id: "p-2", total: 1800, currency: "EUR" } };
      assert.equal((await confirm(store, { ...other, dry: true }, { now })).money, "returned");
      assert.deepEqual(await has(store, "a"), ["confirmed", true], "only asked");
      assert.equal((await confirm(store, other, { now })).money, "returned");
      assert.deepEqual(await has(store, "a"), ["confirmed", false], "the record remembers the payment");
      await archive(store, { event_id: "gala" });
      const write = (transaction, [{ id, revision }]) => put(transaction, `${id} ${revision}`);
      const released = await release(store, { id: "a", reason: "refunded", tickets: [1] }, { now, write });
      assert.deepEqual([released.refundable, await rows()], [900, ["a 4"]]);
      assert.deepEqual([await has(store, "a"), await used(store)], [["confirmed", false], 1]);
      await archive(store, { event_id: "gala" });
      await release(store, { id: "a", reason: "refunded" }, { now });
      assert.deepEqual([await has(store, "a"), await used(store)], [["released", false], 0]);
    });

    scene(
      "an archived order comes back in the host's transaction, or stays",
      async (store, { transaction, put, rows }) => {
        if (transaction === undefined) return;
        await buy(store, "a", 2);
        await pay(store, "a", 2);
        await archive(store, { event_id: "gala" });
        const returned = (outer) => release(store, { id: "a", reason: "refunded" }, { now, transaction: outer });
        const fault = new Error("the host changes its mind");
        const undone = transaction(async (outer) => {
          await put(outer, "undone");
          assert.equal((await returned(outer)).status, "released");
          throw fault;
        });
        await assert.rejects(undone, (error) => error === fault);
        assert.deepEqual([await has(store, "a"), await used(store), await rows()], [["confirmed", true], 2, []]);
        await transaction(async (outer) => {
          await put(outer, "done");
          await returned(outer);
        });
        assert.deepEqual([await has(store, "a"), await used(store), await rows()], [["released", false], 0, ["done"]]);
      },
    );

    scene("a released order in the archive is placed again, or paid late", async (store) => {
      for (const id of ["a", "b"]) await buy(store, id, 2);
      await sweep(store, { now: () => NOW + 2000 });
      assert.equal(await archive(store, { event_id: "gala" }), 2);
      assert.equal((await buy(store, "a", 1)).status, "accepted");
      assert.equal((await pay(store, "b", 2)).money, "kept");
      assert.deepEqual(
        [await has(store, "a"), await has(store, "b")],
        [
          ["held", false],
          ["confirmed", false],
        ],
      );
      assert.equal(await used(store), 3);
    });

    scene("what leaves through `to` is counted, and comes back as it was", async (store) => {
      for (const id of ["a", "b", "c"]) await pay(store, (await buy(store, id, 2)) && id, 2);
      const left = [];
      const to = (redemptions) => left.push(...redemptions);
      assert.equal(await archive(store, { before_ms: NOW + 1, to }), 3);
      assert.deepEqual(
        left.map(({ id }) => id),
        ["a", "b", "c"],
      );
      assert.deepEqual([await has(store, "a"), await used(store)], [[null, false], 6]);
      assert.deepEqual([await audit(store), await repair(store)], [[], []]);
      assert.equal(await release(store, { id: "a", reason: "refunded" }, { now }), null);
      assert.equal((await buy(store, "d", 4)).status, "accepted");
      assert.equal((await buy(store, "e", 1)).status, "rejected");
      assert.deepEqual(await store.person("email:a@example.org"), []);
      assert.equal(await restoreRecords(store, left.slice(0, 1)), 1);
      assert.equal((await release(store, { id: "a", reason: "refunded" }, { now })).refundable, 1800);
      assert.equal((await store.person("email:a@example.org")).length, 1);
      assert.equal((await buy(store, "e", 2)).status, "accepted");
      await assert.rejects(restoreRecords(store, left), { path: "redemptions[0].id" }, "it is there");
      await assert.rejects(restoreRecords(store, [{ ...left[1], state: "held" }]), { path: "redemptions[0].state" });
      assert.equal(await restoreRecords(store, left.slice(1)), 2);
      assert.equal(await used(store), 10);
    });

    scene("what `to` throws is thrown, and nothing has left", async (store) => {
      await buy(store, "a");
      await pay(store, "a");
      const fault = new Error("no space");
      const to = () => Promise.reject(fault);
      await assert.rejects(archive(store, { before_ms: NOW + 1, to }), (error) => error === fault);
      assert.deepEqual(await has(store, "a"), ["confirmed", false]);
    });

    scene("a record that somebody changes meanwhile stays, and the others go", async (store) => {
      for (const id of ["a", "b", "c"]) await pay(store, (await buy(store, id)) && id);
      const to = () => release(store, { id: "b", reason: "refunded" }, { now });
      assert.equal(await archive(store, { event_id: "gala", to }), 2);
      assert.deepEqual(
        [await has(store, "a"), await has(store, "b")],
        [
          [null, false],
          ["released", false],
        ],
      );
    });

    scene("a person is erased from records, counters and the archive", async (store, place) => {
      const email = ANN.slice("email:".length);
      await buy(store, "held", 1, { email });
      await buy(store, "paid", 1, { email });
      await buy(store, "kept", 2, { email });
      await buy(store, "gone", 1, { email: "bob@example.org" });
      for (const [id, quantity] of [
        ["paid", 1],
        ["kept", 2],
        ["gone", 1],
      ])
        await pay(store, id, quantity);
      await archive(store, { before_ms: NOW + 1 });
      await release(store, { id: "paid", reason: "refunded" }, { now });
      assert.equal(await used(store, ANN_TICKETS), 3);
      for (const wrong of [null, "", "ann", "email:", "email:\ud800"])
        await assert.rejects(erase(store, wrong), { code: "invalid_request", path: "identity" });
      assert.ok(!(place.db ?? place.admin) || (await texts(place)).some((text) => /ann\+1/.test(text)));
      assert.equal(await erase(store, ANN), 3);
      assert.equal(await erase(store, ANN), 0);
      assert.deepEqual([await store.person(ANN), await used(store, ANN_TICKETS)], [[], undefined]);
      assert.equal((await store.person("email:bob@example.org")).length, 1);
      const names = new RegExp(`ann\\+1|${hashed}`);
      assert.deepEqual(
        (await texts(place)).filter((text) => names.test(text)),
        [],
      );
      const { existing } = await store.read([], "kept");
      const [person] = existing.identities;
      assert.match(person, /^email:erased-[0-9a-f-]{36}$/);
      assert.equal(
        await used(store, `event/gala/tickets/${person}`),
        3,
        "the order that is held, and that in the archive",
      );
      assert.deepEqual(await has(store, "kept"), ["confirmed", true]);
      // A paid order stays sold, whoever asks for it; one that is not paid is judged anew.
      const again = await buy(store, "kept", 2, { email });
      assert.deepEqual([again.status, again.violations[0].reason], ["rejected", "already_confirmed"]);
      assert.equal((await release(store, { id: "kept", reason: "refunded" }, { now })).refundable, 1800);
      assert.equal((await pay(store, "held")).money, "kept");
      assert.equal((await release(store, { id: "held", reason: "refunded" }, { now })).refundable, 900);
      assert.deepEqual([await used(store), await used(store, `event/gala/tickets/${person}`)], [1, 0]);
    });

    scene("an unpaid order of an erased person names the person again if it is asked for", async (store) => {
      const email = ANN.slice("email:".length);
      await buy(store, "a", 1, { email });
      assert.equal(await erase(store, ANN), 1);
      const { status, replayed } = await buy(store, "a", 1, { email });
      assert.deepEqual([status, replayed, await used(store)], ["accepted", false, 1]);
      assert.equal((await store.person(ANN)).length, 1);
    });

    scene("an unpaid order that is asked for in another name keeps nothing of the first name", async (store, place) => {
      await buy(store, "a", 1, { email: ANN.slice("email:".length) });
      assert.equal(await used(store, ANN_TICKETS), 1);
      assert.equal((await buy(store, "a", 1, { email: "bob@example.org" })).status, "accepted");
      assert.deepEqual([await used(store, ANN_TICKETS), await store.person(ANN)], [undefined, []]);
      assert.equal(await used(store, "event/gala/tickets/email:bob@example.org"), 1);
      assert.deepEqual(
        (await texts(place)).filter((text) => new RegExp(`ann\\+1|${hashed}`).test(text)),
        [],
      );
    });

    scene("the host's own rows are written with the records that are erased", async (store, { put, rows }) => {
      await buy(store, "a", 1, { email: ANN.slice("email:".length) });
      const write = (transaction, [{ id, identities }]) => put(transaction, `${id} ${identities[0].slice(0, 13)}`);
      assert.equal(await erase(store, ANN, { write }), 1);
      assert.deepEqual(
        await rows(),
        ["a email:erased-"].map((text) => text.slice(0, 15)),
      );
    });
  });
}
