// Part of the store suite: `commit` and `read`.
import { assert } from "./store-suite-assert.js";
import { MOST, ODD, add, hold, insert, stored, update, used } from "./store-suite-records.js";

export const plans = {
  async "reads the counters that exist, and no others"({ store }) {
    await stored(store, add("code/a/uses", 2), add("code/b/uses", 3));
    assert.deepEqual(await store.read(["code/a/uses", "code/c/uses"], null), {
      counters: { "code/a/uses": 2 },
      existing: null,
      archived: false,
    });
    assert.deepEqual(await store.read([], null), { counters: {}, existing: null, archived: false });
  },

  async "reads the redemption under the id, as it was written"({ store }) {
    const op = insert("o-1", { keys: ["code/a/uses"], currency: '₿\u0007"\\' });
    await stored(store, op, insert("o-2"), add("code/a/uses", 1));
    const { counters, existing } = await store.read(["code/a/uses"], "o-1");
    assert.deepEqual(counters, { "code/a/uses": 1 });
    assert.equal(JSON.stringify(existing), JSON.stringify(op.redemption), "the same fields in the same order");
    assert.equal((await store.read([], "o-3")).existing, null);
  },

  async "a change to an answer changes nothing stored"({ store }) {
    await stored(store, insert("o-1"));
    (await store.read([], "o-1")).existing.state = "confirmed";
    assert.equal((await store.read([], "o-1")).existing.state, "held");
  },

  async "keeps keys and ids apart, however odd"({ store }) {
    for (const [index, text] of ODD.entries()) await stored(store, insert(text), add(text, index + 1));
    const { counters } = await store.read(ODD, null);
    assert.deepEqual(Object.entries(counters).sort(), ODD.map((text, index) => [text, index + 1]).sort());
    for (const text of ODD) assert.equal((await store.read([], text)).existing?.id, text);
    assert.equal((await store.read([], "%")).existing, null);
  },

  async "counts exactly up to 2^53 - 1"({ store }) {
    await stored(store, add("a", MOST - 1, MOST), add("b", MOST, MOST), add("c", MOST));
    assert.equal(await store.commit([add("a", 2, MOST)]), false);
    await stored(store, add("a", 1, MOST), add("b", -(MOST - 1)));
    const { counters } = await store.read(["a", "b", "c"], null);
    assert.deepEqual(counters, { a: MOST, b: 1, c: MOST });
    await stored(store, insert("late", { expires_at_ms: MOST, revision: MOST - 1 }));
    await stored(store, update("late", MOST - 1, { expires_at_ms: MOST }));
    assert.equal((await store.find({ lapsed_by_ms: MOST, keys: null, limit: 1 })).holds[0].revision, MOST);
    assert.deepEqual(await store.find({ lapsed_by_ms: MOST - 1, keys: null, limit: 1 }), { holds: [], counters: {} });
  },

  async "a counter's first use is guarded"({ store }) {
    assert.equal(await store.commit([add("a", 3, 2)]), false);
    assert.equal(await store.commit([add("a", 1, 0)]), false);
    assert.equal(await used(store, "a"), undefined);
    await stored(store, add("a", 2, 2));
    assert.equal(await used(store, "a"), 2);
  },

  async "every later use is guarded"({ store }) {
    await stored(store, add("a", 2, 5));
    assert.equal(await store.commit([add("a", 4, 5)]), false);
    await stored(store, add("a", 3, 5));
    assert.equal(await store.commit([add("a", 1, 5)]), false);
    assert.equal(await store.commit([add("a", 1, 4)]), false);
    assert.equal(await used(store, "a"), 5);
    await stored(store, add("a", 1));
    assert.equal(await used(store, "a"), 6, "without a limit nothing is guarded");
  },

  async "gives back, and stops at 0 with a word about it"({ store, drifted }) {
    await stored(store, add("a", 5), add("b", 5));
    await stored(store, add("a", -5), add("b", -2));
    assert.deepEqual(drifted, []);
    await stored(store, add("a", -1), add("b", -4), add("c", -1));
    assert.deepEqual(drifted.sort(), ["a", "b", "c"]);
    const { counters } = await store.read(["a", "b", "c"], null);
    assert.deepEqual([counters.a ?? 0, counters.b ?? 0, counters.c ?? 0], [0, 0, 0]);
    await stored(store, add("b", 2, 2));
    assert.equal(await used(store, "b"), 2);
  },

  async "gives back even where the limit is lower by now"({ store, drifted }) {
    await stored(store, add("a", 5));
    await stored(store, add("a", -2, 1));
    assert.deepEqual([await used(store, "a"), drifted], [3, []]);
  },

  async "what is rolled back has not drifted"({ store, drifted }) {
    await stored(store, add("a", 1));
    assert.equal(await store.commit([add("a", -2), add("b", 1, 0)]), false);
    assert.deepEqual([await used(store, "a"), drifted], [1, []]);
  },

  async "an insert fails if the id exists"({ store }) {
    await stored(store, insert("o-1"));
    assert.equal(await store.commit([insert("o-1", { currency: "USD" })]), false);
    assert.equal(await store.commit([insert("o-2"), insert("o-2")]), false);
    assert.equal((await store.read([], "o-1")).existing.currency, "EUR");
    assert.equal((await store.read([], "o-2")).existing, null);
  },

  async "an update replaces the record of its revision, or fails"({ store }) {
    assert.equal(await store.commit([update("o-1", 1)]), false, "there is none");
    await stored(store, insert("o-1"), insert("o-2"));
    await stored(store, update("o-1", 1, { currency: "USD" }));
    assert.equal(await store.commit([update("o-1", 1, { currency: "GBP" })]), false, "it has revision 2 by now");
    assert.equal(await store.commit([update("o-1", 3, { currency: "GBP" })]), false);
    await stored(store, update("o-1", 2, { currency: "CHF" }));
    const { existing } = await store.read([], "o-1");
    assert.deepEqual([existing.revision, existing.currency], [3, "CHF"]);
    assert.equal((await store.read([], "o-2")).existing.revision, 1);
  },

  async "an operation that fails takes everything with it, the host's own writes included"({ store, put, rows }) {
    await stored(store, insert("o-1"), add("a", 1));
    const failing = [[add("z", 1, 0)], [insert("o-1")], [update("o-1", 7)]];
    for (const last of failing) {
      const plan = [insert("o-2"), update("o-1", 1, { currency: "USD" }), add("a", 1, 9), add("b", 1, 9), ...last];
      assert.equal(await store.commit(plan, (transaction) => put(transaction, "ticket")), false, JSON.stringify(last));
      assert.deepEqual((await store.read(["a", "b", "z"], "o-1")).counters, { a: 1 });
      assert.equal((await store.read([], "o-1")).existing.revision, 1);
      assert.equal((await store.read([], "o-2")).existing, null);
      assert.deepEqual(await rows(), []);
    }
  },

  async "the host's own writes are stored with the plan, and given its records"({ store, put, rows }) {
    await stored(store, insert("o-2"));
    let given;
    const plan = [insert("o-1"), update("o-2", 1, { state: "released" }), add("a", 1)];
    assert.equal(
      await store.commit(plan, (transaction, redemptions) => {
        given = redemptions;
        return put(transaction, "it's a ticket");
      }),
      true,
    );
    assert.deepEqual(given, [plan[0].redemption, plan[1].redemption]);
    assert.deepEqual(await rows(), ["it's a ticket"]);
    assert.equal(await used(store, "a"), 1);
  },

  async "what the host's writes throw is thrown, and nothing is stored"({ store, put, rows }) {
    const fault = new Error("no such seat");
    await assert.rejects(
      store.commit([insert("o-1"), add("a", 1)], (transaction) => {
        const written = put(transaction, "ticket");
        if (typeof written?.then === "function")
          return written.then(() => {
            throw fault;
          });
        throw fault;
      }),
      (error) => error === fault,
    );
    await assert.rejects(
      store.commit([add("a", 1)], () => {
        throw fault;
      }),
      (error) => error === fault,
    );
    assert.deepEqual(
      [await rows(), await used(store, "a"), (await store.read([], "o-1")).existing],
      [[], undefined, null],
    );
    await stored(store, insert("o-1"), add("a", 1));
  },

  async "a record that no longer holds is told before the host's own rows collide"({ store, put, rows }) {
    await stored(store, insert("o-1"));
    const write = (transaction) => {
      const written = put(transaction, "ticket");
      if (typeof written?.then === "function")
        return written.then(() => {
          throw new Error("that row is there already");
        });
      throw new Error("that row is there already");
    };
    for (const op of [insert("o-1"), update("o-1", 7)])
      assert.equal(await store.commit([op, add("a", 1)], write), false);
    assert.deepEqual([await rows(), await used(store, "a")], [[], undefined]);
  },

  async "an operation that it does not know is an error, and nothing is stored"({ store, put, rows }) {
    await assert.rejects(
      store.commit([insert("o-1"), add("a", 1), { op: "multiply", key: "a", by: 2 }], (transaction) =>
        put(transaction, "ticket"),
      ),
    );
    assert.deepEqual(
      [await rows(), await used(store, "a"), (await store.read([], "o-1")).existing],
      [[], undefined, null],
    );
  },

  async "making the tables again changes nothing"({ store, peer }) {
    if (!store.migrate) return;
    await stored(store, insert("o-1"), add("a", 1));
    await Promise.all([store.migrate(), peer.migrate(), store.migrate()]);
    assert.deepEqual(await store.read(["a"], "o-1"), { counters: { a: 1 }, existing: hold("o-1"), archived: false });
  },
};
