// What every store does, as tests on node:test: whoever writes a store for another database runs them against it.
import assert from "node:assert/strict";
import { describe, test } from "node:test";

/**
 * `open({ onDrift })` makes an empty store and returns `{ store, peer, put, rows, close }`. `peer` is another store
 * over the same tables (left out: the store itself),
 * `put(transaction, text)` writes a row of the host's own, `rows()` lists those that are stored, `close()` ends it all.
 */
export function storeSuite(name, open) {
  describe(`the store ${name}`, () => {
    for (const [title, check] of CHECKS) {
      test(title, async () => {
        const drifted = [];
        const opened = await open({ onDrift: (key) => drifted.push(key) });
        try {
          await check({ peer: opened.store, ...opened, drifted });
        } finally {
          await opened.close?.();
        }
      });
    }
  });
}

const MOST = Number.MAX_SAFE_INTEGER;
const ODD = [
  "__proto__",
  "constructor",
  'it\'s "quoted"',
  "back\\slash",
  "percent %s $1 ?",
  "{curly,brackets}",
  "  spaces ",
  "NULL",
  "null",
  "ünï-🎟️-\u202e",
  "e\u0301",
  "\u00e9",
];

/** A record as the engine writes them; the suite changes what it needs. */
function hold(id, fields = {}) {
  const { keys = [], ...given } = fields;
  const charges = keys.map((key) => ({
    key,
    code: "TEN",
    limit: null,
    amount: 1,
    tickets: [0],
    each: 1,
    back: [{ reason: "refunded", until_ms: null }],
  }));
  return {
    schema: 2,
    id,
    revision: 1,
    state: "held",
    event_id: "gala",
    currency: "EUR",
    codes: ["TEN"],
    identities: [],
    tickets: [{ line: 0, ticket_type: null, unit_price: 1000, price: 900, codes: ["TEN"], released: null }],
    applied: [],
    charges,
    created_at_ms: 1_800_000_000_000,
    expires_at_ms: 1_800_000_600_000,
    confirmed_at_ms: null,
    ...given,
  };
}
const insert = (id, fields) => ({ op: "insert", redemption: hold(id, fields) });
const update = (id, revision, fields) => ({
  op: "update",
  id,
  revision,
  redemption: hold(id, { revision: revision + 1, ...fields }),
});
const add = (key, by, at_most = null) => ({ op: "add", key, by, at_most });

async function used(store, key) {
  return (await store.read([key], null)).counters[key];
}
/** The plan must be stored. */
async function stored(store, ...ops) {
  assert.equal(await store.commit(ops), true);
}

const CHECKS = Object.entries({
  async "reads the counters that exist, and no others"({ store }) {
    await stored(store, add("code/a/uses", 2), add("code/b/uses", 3));
    assert.deepEqual(await store.read(["code/a/uses", "code/c/uses"], null), {
      counters: { "code/a/uses": 2 },
      existing: null,
    });
    assert.deepEqual(await store.read([], null), { counters: {}, existing: null });
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

  async "finds what has lapsed, oldest first"({ store }) {
    const at = (ms) => ({ expires_at_ms: 1_800_000_000_000 + ms });
    await stored(
      store,
      insert("late", at(300)),
      insert("early", at(100)),
      insert("middle", at(200)),
      insert("open", at(301)),
      insert("paid", { state: "confirmed", expires_at_ms: null, confirmed_at_ms: 1_800_000_000_000 }),
      insert("gone", { state: "released", expires_at_ms: null }),
    );
    const find = async (ms, limit) =>
      (await store.find({ lapsed_by_ms: 1_800_000_000_000 + ms, keys: null, limit })).holds.map(({ id }) => id);
    assert.deepEqual(await find(300, 10), ["early", "middle", "late"]);
    assert.deepEqual(await find(300, 2), ["early", "middle"]);
    assert.deepEqual(await find(299, 10), ["early", "middle"]);
    assert.deepEqual(await find(99, 10), []);
    await stored(store, update("early", 1, at(400)), update("middle", 1, { state: "released", expires_at_ms: null }));
    assert.deepEqual(await find(300, 10), ["late"], "extended and released ones are left out");
    assert.deepEqual(await find(400, 10), ["late", "open", "early"]);
  },

  async "finds some of those that charge one of the counters, at random, and these counters"({ store }) {
    const [a, b, c] = [
      "code/event:gala:A/uses",
      "code/event:gala:A/by/email:ann@example.org",
      "code/event:gala:A%25/uses",
    ];
    const holds = Array.from({ length: 8 }, (_, i) =>
      insert(`hold ${i}`, { keys: i % 2 ? [a, b] : [b], expires_at_ms: 1_800_000_000_000 + i }),
    );
    await stored(
      store,
      ...holds,
      insert("open", { keys: [a, b], expires_at_ms: 1_800_000_000_008 }),
      insert("other", { keys: [c] }),
      insert("none"),
      insert("paid", { keys: [a], state: "confirmed", expires_at_ms: null, confirmed_at_ms: 1_800_000_000_000 }),
      add(a, 5),
      add(b, 9),
      add(c, 1),
    );
    const look = (keys, limit = 100) => store.find({ lapsed_by_ms: 1_800_000_000_007, keys, limit });
    const find = async (...asked) => (await look(...asked)).holds.map(({ id }) => id);
    assert.deepEqual(
      (await find([b])).sort(),
      holds.map(({ redemption }) => redemption.id),
    );
    assert.deepEqual((await find([a, "nobody's"])).sort(), ["hold 1", "hold 3", "hold 5", "hold 7"]);
    assert.deepEqual([await find(["code/event:gala:A"]), await find([])], [[], []]);
    assert.equal((await find([a, b], 3)).length, 3);
    const {
      holds: [found],
      counters,
    } = await look([a, "nobody's"], 1);
    assert.equal(
      JSON.stringify(found),
      JSON.stringify(holds.find(({ redemption }) => redemption.id === found.id).redemption),
      "as it was written",
    );
    assert.deepEqual(counters, { [a]: 5 });
    // One in 8^59 runs says the same 60 times by chance: buyers who look at once do not all meet at one hold.
    const drawn = new Set();
    for (let i = 0; i < 60; i += 1) drawn.add((await find([b], 1))[0]);
    assert.ok(drawn.size > 1);
  },

  async "finds holds and counters as of one moment"({ store, peer }) {
    await stored(store, ...Array.from({ length: 20 }, (_, i) => insert(`o-${i}`, { keys: ["a"] })), add("a", 20));
    const release = async () => {
      for (let i = 0, asked = 0; i < 20 && asked < 200; asked += 1) {
        if (
          await peer.commit([
            update(`o-${i}`, 1, { keys: ["a"], state: "released", expires_at_ms: null }),
            add("a", -1),
          ])
        )
          i += 1;
      }
    };
    const look = async () => {
      for (let i = 0; i < 40; i += 1) {
        const { holds, counters } = await store.find({ lapsed_by_ms: MOST, keys: ["a"], limit: 100 });
        assert.equal(holds.length, counters.a);
      }
    };
    await Promise.all([release(), look(), look()]);
    assert.equal(await used(store, "a"), 0);
  },

  async "a limit holds, whoever commits at once"({ store, peer }) {
    // False may also mean that the database asks for a repetition, so each buyer goes on until the counter is full.
    const buy = async (from, id) => {
      for (let attempt = 0; attempt < 200; attempt += 1) {
        if (await from.commit([insert(id), add("event/gala/a", 1, 100), add("hot", 1, 10)])) return 1;
        if ((await used(from, "hot")) === 10) return 0;
      }
      throw new Error("refused 200 times below the limit");
    };
    const sold = await Promise.all(Array.from({ length: 24 }, (_, i) => buy(i % 2 ? store : peer, `o-${i}`)));
    assert.equal(
      sold.reduce((sum, one) => sum + one),
      10,
    );
    assert.deepEqual((await store.read(["event/gala/a", "hot"], null)).counters, { "event/gala/a": 10, hot: 10 });
    assert.equal((await store.find({ lapsed_by_ms: MOST, keys: null, limit: 100 })).holds.length, 10);
  },

  async "of those who write one record at once, one does"({ store, peer }) {
    const once = async (op) =>
      (await Promise.all(Array.from({ length: 8 }, (_, i) => (i % 2 ? store : peer).commit([op, add("a", 1)])))).filter(
        Boolean,
      ).length;
    assert.equal(await once(insert("o-1")), 1);
    assert.equal(await once(update("o-1", 1)), 1);
    assert.equal(await used(store, "a"), 2);
  },

  async "reads one moment"({ store, peer }) {
    await stored(store, add("a", 50), insert("o-1", { revision: 1 }));
    const move = async () => {
      for (let moved = 0, asked = 0; moved < 20 && asked < 200; asked += 1) {
        if (await peer.commit([update("o-1", moved + 1), add("a", -1), add("b", 1)])) moved += 1;
      }
    };
    const look = async () => {
      for (let i = 0; i < 40; i += 1) {
        const {
          counters: { a, b = 0 },
          existing: { revision },
        } = await store.read(["a", "b"], "o-1");
        assert.deepEqual([a + b, revision - 1], [50, b]);
      }
    };
    await Promise.all([move(), look(), look()]);
    assert.equal(await used(store, "b"), 20);
  },

  async "shows every redemption once, in batches, and then every counter"({ store }) {
    const ids = [...ODD, ...Array.from({ length: 1200 }, (_, i) => `o-${i}`)];
    await stored(store, ...ids.map((id) => insert(id)), add("a", 1), add("b", 2), add("b", -2), add("c", MOST));
    const seen = [];
    let counted;
    await store.scan(({ redemptions, counters }) => {
      assert.ok(redemptions.length <= 500);
      assert.ok(redemptions.length === 0 || counted === undefined, "counters come last");
      seen.push(...redemptions);
      if (Object.keys(counters).length > 0) counted = { ...counted, ...counters };
    });
    assert.deepEqual(seen.map(({ id }) => id).sort(), [...ids].sort());
    assert.equal(
      JSON.stringify(seen.find(({ id }) => id === "o-7")),
      JSON.stringify(hold("o-7")),
      "as they were written",
    );
    assert.deepEqual(counted, { a: 1, b: 0, c: MOST });
  },

  async "an empty store shows nothing, and what a visit throws is thrown"({ store }) {
    await store.scan(({ redemptions, counters }) => assert.deepEqual([redemptions, counters], [[], {}]));
    await stored(store, insert("o-1"), add("a", 1));
    const fault = new Error("no such seat");
    await assert.rejects(
      store.scan(() => {
        throw fault;
      }),
      (error) => error === fault,
    );
    await stored(store, insert("o-2"), add("a", 1));
  },

  async "shows one moment"({ store, peer }) {
    await stored(store, ...Array.from({ length: 600 }, (_, i) => insert(`a-${i}`)), add("a", 600));
    let sold = 600;
    const sell = async () => {
      // Ids before and after those that a scan has shown already.
      for (let asked = 0; sold < 640 && asked < 400; asked += 1) {
        if (await peer.commit([insert(`${sold % 2 ? "A" : "z"}-${sold}`), add("a", 1)])) sold += 1;
      }
    };
    const look = async () => {
      for (let i = 0; i < 10; i += 1) {
        let records = 0;
        await store.scan(({ redemptions, counters }) => {
          records += redemptions.length;
          if ("a" in counters) assert.equal(counters.a, records);
        });
        assert.ok(records >= 600);
      }
    };
    await Promise.all([sell(), look()]);
    assert.equal(await used(store, "a"), 640);
  },

  async "recounts from the redemptions that charge the counter, and returns what it was"({ store }) {
    const [a, b, c] = [
      "code/event:gala:A/uses",
      "code/event:gala:A/by/email:ann@example.org",
      "code/event:gala:A%25/uses",
    ];
    await stored(
      store,
      insert("both", { keys: [b, a] }),
      insert("paid", { keys: [a], state: "confirmed", expires_at_ms: null, confirmed_at_ms: 1_800_000_000_000 }),
      insert("gone", { keys: [a], state: "released", expires_at_ms: null }),
      insert("other", { keys: [c, `${a}/more`, `x${a}`] }),
      insert("none"),
      add(a, 9),
      add(c, 1),
    );
    let given;
    const count = (value) => (redemptions) => {
      given = redemptions.map(({ id }) => id).sort();
      return value;
    };
    assert.equal(await store.recount(a, count(3)), 9);
    assert.deepEqual(given, ["both", "gone", "paid"]);
    assert.equal(await store.recount(a, count(MOST)), 3);
    assert.equal(await store.recount(b, count(1)), 0, "a counter that is missing is 0");
    assert.deepEqual(given, ["both"]);
    assert.equal(await store.recount("nobody's", count(0)), 0);
    assert.deepEqual(given, []);
    const { counters } = await store.read([a, b, c], null);
    assert.deepEqual(counters, { [a]: MOST, [b]: 1, [c]: 1 }, "and no other");
  },

  async "a count that throws changes nothing"({ store }) {
    await stored(store, insert("o-1", { keys: ["a"] }), add("a", 5));
    const fault = new Error("cannot count");
    for (const key of ["a", "b"])
      await assert.rejects(
        store.recount(key, () => {
          throw fault;
        }),
        (error) => error === fault,
      );
    assert.deepEqual((await store.read(["a", "b"], null)).counters, { a: 5 });
    await stored(store, insert("o-2"), add("a", 1));
  },

  async "a recount loses no use of those who buy meanwhile"({ store, peer }) {
    let sold = 0;
    const sell = async (from, name) => {
      for (let asked = 0; sold < 60 && asked < 600; asked += 1) {
        if (await from.commit([insert(`${name}-${asked}`, { keys: ["a"] }), add("a", 1)])) sold += 1;
      }
    };
    let recounts = 0;
    const recount = async () => {
      while (sold < 60) {
        if ((await store.recount("a", ({ length }) => length)) !== null) recounts += 1;
        // Stores that answer at once would keep the others from their turn.
        await new Promise((resume) => {
          setImmediate(resume);
        });
      }
    };
    await Promise.all([sell(peer, "a"), sell(peer, "b"), sell(store, "c"), recount()]);
    assert.ok(recounts > 0);
    assert.deepEqual(
      [await used(store, "a"), (await store.find({ lapsed_by_ms: MOST, keys: null, limit: 1000 })).holds.length],
      [sold, sold],
    );
  },

  async "making the tables again changes nothing"({ store, peer }) {
    if (!store.migrate) return;
    await stored(store, insert("o-1"), add("a", 1));
    await Promise.all([store.migrate(), peer.migrate(), store.migrate()]);
    assert.deepEqual(await store.read(["a"], "o-1"), { counters: { a: 1 }, existing: hold("o-1") });
  },
});
