// The store suite finds what a store does wrong, and its assertions tell values apart without a runner's help.
import assert from "node:assert/strict";
import { test } from "node:test";
import { memoryStore } from "redeemable/memory";
import { storeChecks, storeSuite } from "redeemable/store-suite";
import { assert as own } from "../../pkg/js/store-suite-assert.js";

/** A store in memory with one of its functions replaced, by one that gets the store. */
const broken = (name, replace) => (hooks) => {
  const store = memoryStore(hooks);
  const open = { put: (rows, text) => rows.set(rows.size, text), rows: () => [...store.rows.values()] };
  return { ...open, store: { ...store, [name]: replace(store) } };
};

/** The names of the checks that a store does not pass, with what they say. */
async function faults(open) {
  const found = {};
  for (const { name, run } of storeChecks)
    await run(open).catch(({ message }) => {
      found[name] = message;
    });
  return found;
}

test("a sound store passes each check", async () => {
  assert.deepEqual(await faults(broken("read", ({ read }) => read)), {});
});

test("a store that does not guard first uses fails the check of them", async () => {
  const unguarded =
    ({ read, commit }) =>
    async (ops, write) => {
      const { counters } = await read(ops.map(({ key }) => key));
      const isFirst = ({ op, key }) => op === "add" && !(key in counters);
      return commit(
        ops.map((op) => (isFirst(op) ? { ...op, at_most: null } : op)),
        write,
      );
    };
  const found = await faults(broken("commit", unguarded));
  assert.equal(found["a counter's first use is guarded"], "expected false, found true");
  assert.ok(!("every later use is guarded" in found));
});

test("a store that shows the lapsed holds in another order fails the check of it", async () => {
  const reversed =
    ({ find }) =>
    async (asked) => {
      const { holds, counters } = await find(asked);
      return { holds: holds.toReversed(), counters };
    };
  assert.deepEqual(await faults(broken("find", reversed)), {
    "finds what has lapsed, oldest first": 'expected ["early","middle","late"], found ["late","middle","early"]',
  });
});

test("a runner's describe and test declare every check", async () => {
  const declared = [];
  const runner = { describe: (name, declare) => [declared.push(name), declare()], test: (name) => declared.push(name) };
  storeSuite("of mine", () => {}, runner);
  assert.deepEqual(declared, ["the store of mine", ...storeChecks.map(({ name }) => name)]);
});

test("without node:test and without a runner, the error says what to pass", (t) => {
  t.mock.method(process, "getBuiltinModule", () => undefined);
  assert.throws(
    () => storeSuite("of mine", () => {}),
    /^TypeError: node:test is not to be had here: call storeSuite\(name, open, \{ describe, test \}\)$/,
  );
});

test("the suite's own assertions", async () => {
  const proto = JSON.parse('{"__proto__": 1}');
  const alike = [
    [1, 1],
    [undefined, undefined],
    [{ a: [1, { b: null }] }, { a: [1, { b: null }] }],
    [
      { a: 1, b: 2 },
      { b: 2, a: 1 },
    ],
    [Object.assign(Object.create(null), { a: 1 }), { a: 1 }],
    [proto, JSON.parse('{"__proto__": 1}')],
  ];
  for (const [a, b] of alike) assert.doesNotThrow(() => own.deepEqual(a, b));
  const other = [
    [1, "1"],
    [null, undefined],
    [[], {}],
    [[1], [1, 2]],
    [{ a: undefined }, {}],
    [{ a: undefined }, { b: undefined }],
    [proto, {}],
    [{}, proto],
    [null, {}],
  ];
  for (const [a, b] of other) assert.throws(() => own.deepEqual(a, b), Error);
  assert.throws(() => own.equal(2, 1, "uses"), /^Error: uses: expected 1, found 2$/);
  assert.throws(() => own.ok(0), /^Error: expected something true, found 0$/);
  const fault = new Error("no such seat");
  await own.rejects(Promise.reject(fault), (error) => error === fault);
  await assert.rejects(own.rejects(Promise.resolve(1)), /^Error: expected an error, found 1$/);
  await assert.rejects(
    own.rejects(Promise.reject(fault), () => false),
    /^Error: expected another error, found Error: no such seat$/,
  );
});
