// Part of the store suite: `scan`, `recount` and `prune`.
import { assert } from "./store-suite-assert.js";
import { MOST, ODD, add, hold, insert, stored, used } from "./store-suite-records.js";

const DAY = "code/id:a%2Fb/day/2026-11-29/uses";
const WEEK = "code/event:gala:A/week/2026-W48/by/email:ann@example.org";

export const operators = {
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
      // A scan goes through the ids in order. The new ids sort before (A) and after (z) the ids that exist: a scan that
      // saw more than one moment would miss some of them and show others.
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

  async "prunes the counters of periods that are over, and no others"({ store }) {
    const months = Array.from({ length: 1203 }, (_, i) => `code/id:x/month/${1000 + i}-01/uses`);
    const others = ["code/id:day/uses", "code/id:x/by/day:x", "pool/day/uses", "a", "day/week/month/day/x"];
    const counters = [DAY, WEEK, ...months, ...others];
    await stored(store, ...counters.map((key) => add(key, 1)));
    const asked = [];
    const isOver = (key) => {
      asked.push(key);
      return key !== WEEK;
    };
    assert.equal(await store.prune(isOver), months.length + 1);
    assert.deepEqual(asked.sort(), [DAY, WEEK, ...months].sort(), "only keys of periods, each once");
    const left = (await store.read(counters, null)).counters;
    assert.deepEqual(left, Object.fromEntries([WEEK, ...others].map((key) => [key, 1])));
    assert.equal(await store.prune(() => false), 0);
  },

  async "gives back to a counter that was pruned"({ store, drifted }) {
    await stored(store, add(DAY, 2), add(WEEK, 1));
    assert.equal(await store.prune((key) => key === DAY), 1);
    await stored(store, add(WEEK, -1), add(DAY, -2));
    assert.deepEqual(drifted, [], "a period's counter that is not there has not drifted");
    assert.deepEqual((await store.read([DAY, WEEK], null)).counters, { [WEEK]: 0 });
    await stored(store, add(WEEK, -1), add("code/id:x/uses", -1));
    assert.deepEqual(drifted, [WEEK, "code/id:x/uses"], "one that is there, and one of no period, have");
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
    const { a, b = 0 } = (await store.read(["a", "b"], null)).counters;
    assert.deepEqual([a, b], [5, 0], "a counter of 0 is as good as none");
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
        // If the store answers without waiting, the sellers only run when this loop pauses.
        await new Promise((resume) => {
          setTimeout(resume, 0);
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
};
