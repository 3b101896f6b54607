// Part of the store suite: `joining`, the store in a transaction that the host begins and ends.
import { assert } from "./store-suite-assert.js";
import { MOST, add, hold, insert, stored, update, used } from "./store-suite-records.js";

/** What is stored: the record `id`, the counter `a`, and the host's rows. */
async function left({ store, rows }, id = "o-1") {
  return [(await store.read([], id)).existing?.revision ?? null, (await used(store, "a")) ?? null, await rows()];
}

/** Joins a plan that must fail: the answer is false, or the host is told to repeat its transaction. */
async function fails(joined, ops, write) {
  const answer = await joined.commit(ops, write).catch((error) => error.code);
  assert.ok(answer === false || answer === "repeat_transaction", `expected the plan to fail, found ${answer}`);
}

/** A check of stores that can join: it gets what the others get. */
const ofJoining = (check) => async (opened) => {
  if (!opened.store.joining) return;
  assert.ok(opened.transaction, "expected `open` to return `transaction`, because the store has `joining`");
  await check(opened);
};

export const joining = {
  "a plan in the host's transaction is stored with the host's rows when the host commits": ofJoining(async (opened) => {
    const { store, transaction, put } = opened;
    const plan = [insert("o-1"), add("a", 2, 2)];
    const result = await transaction(async (outer) => {
      await put(outer, "before");
      let given;
      const write = (inner, redemptions) => {
        given = redemptions;
        return put(inner, "ticket");
      };
      assert.equal(await store.joining(outer).commit(plan, write), true);
      assert.deepEqual(given, [plan[0].redemption]);
      await put(outer, "after");
      return "returned";
    });
    assert.equal(result, "returned");
    assert.deepEqual(await left(opened), [1, 2, ["after", "before", "ticket"]]);
  }),

  "a plan without writes of the host's joins, too": ofJoining(async (opened) => {
    const { store, transaction } = opened;
    await transaction((outer) => stored(store.joining(outer), insert("o-1"), add("a", 1)));
    await transaction((outer) => stored(store.joining(outer), update("o-1", 1, { state: "confirmed" }), add("a", -1)));
    assert.deepEqual(await left(opened), [2, 0, []]);
  }),

  "a plan is gone with the host's transaction": ofJoining(async (opened) => {
    const { store, transaction, put } = opened;
    const fault = new Error("the host changes its mind");
    await assert.rejects(
      transaction(async (outer) => {
        await put(outer, "before");
        assert.equal(
          await store.joining(outer).commit([insert("o-1"), add("a", 1)], (inner) => put(inner, "ticket")),
          true,
        );
        throw fault;
      }),
      (error) => error === fault,
    );
    assert.deepEqual(await left(opened), [null, null, []]);
    await stored(store, insert("o-1"), add("a", 1));
  }),

  "the host's transaction sees its own plans, and the second counts on the first": ofJoining(async (opened) => {
    const { store, transaction } = opened;
    await stored(store, add("a", 1));
    await transaction(async (outer) => {
      const joined = store.joining(outer);
      assert.deepEqual(await joined.read(["a"], "o-1"), { counters: { a: 1 }, existing: null, archived: false });
      await stored(joined, insert("o-1", { keys: ["a"] }), add("a", 1, 3));
      const existing = hold("o-1", { keys: ["a"] });
      assert.deepEqual(await joined.read(["a"], "o-1"), { counters: { a: 2 }, existing, archived: false });
      assert.deepEqual(await joined.find({ lapsed_by_ms: MOST, keys: ["a"], limit: 10 }), {
        holds: [hold("o-1", { keys: ["a"] })],
        counters: { a: 2 },
      });
      await stored(joined, insert("o-2"), add("a", 1, 3));
      await fails(joined, [insert("o-3"), add("a", 1, 3)]);
    });
    assert.deepEqual(await left(opened, "o-2"), [1, 3, []]);
    assert.deepEqual(await left(opened, "o-3"), [null, 3, []]);
  }),

  "a plan that fails takes its own writes with it, and leaves the host's": ofJoining(async (opened) => {
    const { store, transaction, put } = opened;
    await stored(store, insert("o-1"), add("a", 1));
    const failing = [[add("z", 1, 0)], [insert("o-1")], [update("o-1", 7)]];
    for (const [index, last] of failing.entries()) {
      await transaction(async (outer) => {
        await put(outer, `before ${index}`);
        const plan = [insert("o-2"), update("o-1", 1, { currency: "USD" }), add("a", 1, 9), ...last];
        await fails(store.joining(outer), plan, (inner) => put(inner, "ticket"));
        await put(outer, `outer ${index}`);
      });
    }
    const kept = ["before 0", "before 1", "before 2", "outer 0", "outer 1", "outer 2"];
    assert.deepEqual(await left(opened), [1, 1, kept]);
    assert.equal((await store.read([], "o-2")).existing, null);
  }),

  "what the host's writes throw is thrown, and the plan is undone even if the host then commits": ofJoining(
    async (opened) => {
      const { store, transaction, put } = opened;
      const fault = new Error("no such seat");
      await transaction(async (outer) => {
        await put(outer, "before");
        const write = (inner) => {
          const written = put(inner, "ticket");
          if (typeof written?.then !== "function") throw fault;
          return written.then(() => {
            throw fault;
          });
        };
        await assert.rejects(
          store.joining(outer).commit([insert("o-1"), add("a", 1)], write),
          (error) => error === fault,
        );
        await put(outer, "outer");
      });
      assert.deepEqual(await left(opened), [null, null, ["before", "outer"]]);
    },
  ),

  "an operation that it does not know is an error, and undone": ofJoining(async (opened) => {
    const { store, transaction, put } = opened;
    await transaction(async (outer) => {
      await put(outer, "before");
      await assert.rejects(
        store.joining(outer).commit([insert("o-1"), add("a", 1), { op: "multiply", key: "a", by: 2 }]),
      );
    });
    assert.deepEqual(await left(opened), [null, null, ["before"]]);
  }),

  "tells what has drifted, unless the plan fails": ofJoining(async ({ store, transaction, drifted }) => {
    await stored(store, add("a", 1));
    await transaction(async (outer) => {
      await fails(store.joining(outer), [add("a", -2), add("b", 1, 0)]);
      assert.deepEqual(drifted, []);
      await stored(store.joining(outer), add("a", -2));
    });
    assert.deepEqual([await used(store, "a"), drifted], [0, ["a"]]);
  }),
};
