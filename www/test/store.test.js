// The store executes plans: the guards hold against plans that were made on what is no longer true, and a plan is all or nothing.
import assert from "node:assert/strict";
import { test } from "node:test";
import { usageKeys, validateRedemption } from "redeemable";
import { Conflict, openStore } from "../store.js";
import { eventWith, workspace } from "./support.js";

function open(t) {
  const { file } = workspace(t, eventWith([]));
  const store = openStore(file);
  t.after(() => store.close());
  return Object.assign(store, { run: (...ops) => store.write(() => store.commit(ops)), used: (key) => store.counters([key])[key] });
}
const add = (key, by, at_most) => ({ op: "add", key, by, at_most });

test("200 plans made on the same reading: 50 commit, 150 conflict", (t) => {
  const store = open(t);
  const promos = [{ code: "FIFTY", discount_percent: 20, max_uses: 50 }];
  const requests = Array.from({ length: 200 }, (_, i) => ({
    codes: ["FIFTY"], promos, now_ms: 1_800_000_000_000,
    order: { id: `order-${i}`, event_id: "gala", currency: "EUR", lines: [{ unit_price: 1000, quantity: 1 }], hold_until_ms: 1_800_000_600_000 },
  }));
  const plans = requests.map((request) => validateRedemption({ ...request, usage: store.read(usageKeys(request), request.order.id) }).ops);
  const outcomes = plans.map((ops) => {
    try {
      store.run(...ops);
      return "committed";
    } catch (error) {
      assert.ok(error instanceof Conflict);
      return "conflict";
    }
  });
  assert.equal(outcomes.filter((outcome) => outcome === "committed").length, 50);
  assert.equal(store.latest(1000).length, 50, "a plan that conflicts leaves no record");
  assert.equal(store.used("code/event:gala:FIFTY/uses"), 50);
});

test("an addition is guarded from the first use of the counter to the last", (t) => {
  const store = open(t);
  assert.throws(() => store.run(add("a", 3, 2)), Conflict);
  assert.equal(store.used("a"), 0);
  store.run(add("a", 2, 2));
  assert.throws(() => store.run(add("a", 1, 2)), Conflict);
  assert.throws(() => store.run(add("b", 1, 0)), Conflict);
  store.run(add("a", 5, null), add("b", 5, null));
  assert.deepEqual(store.counters(["a", "b", "c"]), { a: 7, b: 5, c: 0 });
});

test("giving back never fails, stops at 0 and says so", (t) => {
  const store = open(t);
  const warned = t.mock.method(console, "warn", () => {});
  store.run(add("a", 3, null));
  store.run(add("a", -2, null));
  assert.equal(warned.mock.callCount(), 0);
  store.run(add("a", -2, null), add("never", -1, null));
  assert.deepEqual([store.used("a"), store.used("never"), warned.mock.callCount()], [0, 0, 2]);
});

test("a record is inserted once and replaced only at the revision that was read", (t) => {
  const store = open(t);
  const record = (revision) => ({ id: "o", revision, state: "held", expires_at_ms: 1_800_000_000_000 });
  store.run({ op: "insert", redemption: record(1) });
  assert.throws(() => store.run({ op: "insert", redemption: record(1) }), Conflict);
  store.run({ op: "update", id: "o", revision: 1, redemption: record(2) });
  assert.throws(() => store.run({ op: "update", id: "o", revision: 1, redemption: record(2) }), Conflict);
  assert.throws(() => store.run({ op: "update", id: "nobody", revision: 1, redemption: record(2) }), Conflict);
  assert.deepEqual(store.redemption("o"), record(2));
});

test("a plan whose last operation fails leaves nothing, nor does an operation that nobody knows", (t) => {
  const store = open(t);
  const record = { id: "o", revision: 1, state: "confirmed", expires_at_ms: null };
  assert.throws(() => store.run({ op: "insert", redemption: record }, add("a", 1, 5), add("b", 1, 0)), Conflict);
  assert.throws(() => store.run({ op: "insert", redemption: record }, { op: "multiply", key: "a" }), /unknown operation/);
  assert.deepEqual([store.redemption("o"), store.used("a")], [null, 0]);
});
