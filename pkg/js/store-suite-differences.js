// Part of the store suite: `differences`, and the operation that corrects a counter.
import { assert } from "./store-suite-assert.js";
import { MOST, add, charge, hold, insert, stored, update, used } from "./store-suite-records.js";

const [A, B, C, D] = [
  "code/event:gala:A/uses",
  "code/event:gala:A/by/email:ann@example.org",
  "code/event:gala:A%25/uses",
  "code/event:gala:A/uses/more",
];
const correct = (key, by, corrected) => ({ op: "correct", key, by, corrected });
const all = { after: "", limit: 100 };

export const differences = {
  async "finds the counters that differ from what the records hold, by key"({ store }) {
    assert.deepEqual(await store.differences(all), []);
    await stored(
      store,
      insert("held", { charges: [charge(B, 2), charge(A, 3)] }),
      insert("paid", { charges: [charge(A, 5, 4)], state: "confirmed", expires_at_ms: null }),
      insert("gone", { charges: [charge(A, 7, 0), charge(C, 9, 0)], state: "released", expires_at_ms: null }),
      insert("none"),
      add(A, 7),
      add(B, 2),
    );
    assert.deepEqual(await store.differences(all), [], "3 + 4 + 0 of A, 2 of B, 0 of C");
    await stored(store, add(A, -1), add(C, MOST), add(D, 1), insert("late", { charges: [charge(B, 1)] }));
    const found = [
      { key: B, used: 2, must: 3, corrected: 0 },
      { key: C, used: MOST, must: 0, corrected: 0 },
      { key: A, used: 6, must: 7, corrected: 0 },
      { key: D, used: 1, must: 0, corrected: 0 },
    ].sort((a, b) => (a.key < b.key ? -1 : 1));
    assert.deepEqual(await store.differences(all), found);
    assert.deepEqual(await store.differences({ after: "", limit: 2 }), found.slice(0, 2));
    assert.deepEqual(await store.differences({ after: found[1].key, limit: 1 }), found.slice(2, 3));
    assert.deepEqual(await store.differences({ after: found[3].key, limit: 1 }), []);
  },

  async "a counter that is missing is 0"({ store }) {
    await stored(store, insert("o-1", { charges: [charge(A, 2)] }));
    assert.deepEqual(await store.differences(all), [{ key: A, used: 0, must: 2, corrected: 0 }]);
    assert.equal(await store.commit([correct(A, 2, 1)]), false, "nobody has corrected it");
    await stored(store, correct(A, 2, 0));
    assert.deepEqual([await used(store, A), await store.differences(all)], [2, []]);
  },

  async "compares as of one moment, while others sell"({ store, peer }) {
    let sold = 0;
    const sell = async () => {
      for (let asked = 0; sold < 40 && asked < 400; asked += 1)
        if (await peer.commit([insert(`o-${sold}`, { charges: [charge(A, 2)] }), add(A, 2)])) sold += 1;
    };
    const look = async () => {
      for (let i = 0; i < 40; i += 1) assert.deepEqual(await store.differences(all), []);
    };
    await Promise.all([sell(), look()]);
    assert.deepEqual([await used(store, A), await store.differences(all)], [80, []]);
  },

  async "corrects a counter by what it differs, once"({ store }) {
    await stored(store, insert("o-1", { charges: [charge(A, 2)] }), add(A, 9));
    const [{ must, used: was, corrected }] = await store.differences(all);
    assert.deepEqual([must, was, corrected], [2, 9, 0]);
    // Somebody buys in between: the counter and the records change alike.
    await stored(store, insert("o-2", { charges: [charge(A, 1)] }), add(A, 1));
    await stored(store, correct(A, must - was, corrected));
    assert.equal(await used(store, A), 3);
    assert.equal(await store.commit([correct(A, must - was, corrected)]), false);
    assert.equal(await store.commit([correct(A, 0, 2)]), false);
    assert.deepEqual([await used(store, A), await store.differences(all)], [3, []]);
    await stored(store, add(A, 1));
    assert.deepEqual(await store.differences(all), [{ key: A, used: 4, must: 3, corrected: 1 }]);
    await stored(store, correct(A, -1, 1));
    assert.deepEqual([await used(store, A), await store.differences(all)], [3, []]);
    assert.equal(await store.commit([correct(A, -4, 2)]), false, "it would fall below 0");
    assert.equal(await used(store, A), 3);
  },

  async "uses that came back and stopped at 0 make a correction fail that did not know of them"({ store }) {
    const state = { state: "released", expires_at_ms: null, charges: [charge(A, 3, 0)] };
    await stored(store, insert("o-1", { charges: [charge(A, 3)] }), add(A, 1));
    const [{ must, used: was, corrected }] = await store.differences(all);
    assert.deepEqual([must, was], [3, 1]);
    await stored(store, update("o-1", 1, state), add(A, -3));
    assert.equal(await used(store, A), 0);
    assert.equal(await store.commit([correct(A, must - was, corrected)]), false);
    assert.deepEqual([await used(store, A), await store.differences(all)], [0, []]);
  },

  async "of those who correct a counter at once, one does"({ store, peer }) {
    await stored(store, insert("o-1", { charges: [charge(A, 2)] }), add(A, 5));
    const tries = await Promise.all(
      Array.from({ length: 8 }, (_, i) => (i % 2 ? store : peer).commit([correct(A, -3, 0)])),
    );
    assert.equal(tries.filter(Boolean).length, 1);
    assert.deepEqual([await used(store, A), await store.differences(all)], [2, []]);
  },

  async "finds no hold by a counter of which it holds nothing"({ store }) {
    await stored(store, insert("o-1", { charges: [charge(A, 2), charge(C, 2, 0)] }), add(A, 2));
    const find = async (key) => (await store.find({ lapsed_by_ms: MOST, keys: [key], limit: 10 })).holds;
    assert.deepEqual(await find(A), [hold("o-1", { charges: [charge(A, 2), charge(C, 2, 0)] })]);
    assert.deepEqual(await find(C), []);
    await stored(store, update("o-1", 1, { charges: [charge(A, 2, 0), charge(C, 2, 1)] }), add(A, -2), add(C, 1));
    assert.deepEqual([await find(A), (await find(C)).length], [[], 1]);
  },
};
