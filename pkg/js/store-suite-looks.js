// Part of the store suite: `find`, and several hosts that work at the same time.
import { assert } from "./store-suite-assert.js";
import { MOST, add, insert, stored, update, used } from "./store-suite-records.js";

export const looks = {
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
    // Buyers who look at the same time must not all get the same hold. A random store draws one hold 60 times in a row
    // in only one of 8^59 runs.
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
    // False may also mean that the database asks for a repetition, so each buyer tries until the counter is full.
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
};
