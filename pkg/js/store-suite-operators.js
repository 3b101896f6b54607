// Part of the store suite: `scan` and `prune`.
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

  async "shows each redemption that is there all the while, once, also while others sell"({ store, peer }) {
    const ids = Array.from({ length: 600 }, (_, i) => `a-${i}`);
    await stored(store, ...ids.map((id) => insert(id)), add("a", 600));
    let sold = 600;
    const sell = async () => {
      // The new ids sort before (A) and after (z) the ids that exist.
      for (let asked = 0; sold < 640 && asked < 400; asked += 1) {
        if (await peer.commit([insert(`${sold % 2 ? "A" : "z"}-${sold}`), add("a", 1)])) sold += 1;
      }
    };
    const look = async () => {
      for (let i = 0; i < 10; i += 1) {
        const seen = [];
        await store.scan(({ redemptions }) => seen.push(...redemptions.map(({ id }) => id)));
        assert.deepEqual(seen.filter((id) => id.startsWith("a-")).sort(), [...ids].sort());
        assert.equal(new Set(seen).size, seen.length);
      }
    };
    await Promise.all([sell(), look()]);
    assert.equal(await used(store, "a"), 640);
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
};
