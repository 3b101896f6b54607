// Exchanges under prepared rules, with promotions that have faults, and into a hold that keeps its day.
import assert from "node:assert/strict";
import { test } from "node:test";
import { PreparedRules } from "redeemable";
import { audit, confirm, exchange, redeem } from "redeemable/host";
import { openMemory } from "./support.js";

const NOW = 1_800_000_000_000;
const DAY = 24 * 3_600_000;
const HALF = { code: "HALF", discount_percent: 50, max_uses: 2 };
const BAD = { code: "BAD", discount_percent: 50, max_usse: 2 };
const seats = (unit_price, quantity = 1) => [{ ticket_type: "seat", unit_price, quantity }];
const order = (id, lines) => ({ id, event_id: "gala", currency: "EUR", lines, hold_until_ms: NOW + 30 * 3_600_000 });
const at = (now = NOW) => ({ now: () => now });

/** A store with the paid order `a` of two tickets at 5.00 each, with HALF. */
async function open() {
  const { store } = openMemory();
  await redeem(store, { codes: ["half"], promos: [HALF], order: order("a", seats(1000, 2)) }, at());
  await confirm(store, { id: "a", payment: { id: "p", total: 1000, currency: "EUR" } }, at());
  return store;
}

for (const [kind, given] of Object.entries({
  "prepared rules": () => ({ rules: new PreparedRules({ promos: [HALF] }) }),
  "rules that leave out": () => ({ rules: new PreparedRules({ promos: [BAD, HALF], unsound: "leave_out" }) }),
  "promotions of which some are left out": () => ({ promos: [BAD, HALF], unsound: "leave_out" }),
  "promotions that are found": () => ({ promos: () => [BAD, HALF], unsound: "leave_out" }),
}))
  test(`an exchange under ${kind} is that under the promotions`, async () => {
    const plain = await open();
    const store = await open();
    const wanted = (rules, payment = null) => ({
      id: "a",
      payment,
      request: { codes: ["half"], ...rules, order: order("b", seats(3000)) },
    });
    for (const payment of [null, { id: "q", total: 400, currency: "EUR" }, { id: "r", total: 500, currency: "EUR" }]) {
      const answer = await exchange(store, wanted(given(), payment), at());
      assert.deepEqual(answer, await exchange(plain, wanted({ promos: [HALF] }, payment), at()));
    }
    assert.equal((await store.read([], "b")).existing.exchanged.due, 500);
    assert.deepEqual(await audit(store), []);
    const bad = { id: "b", request: { codes: ["bad"], ...given(), order: order("c", seats(10)) } };
    const refused = await exchange(store, bad, at());
    assert.deepEqual(
      refused.violations.map(({ code, public_reason }) => [code, public_reason]),
      [["BAD", "not_accepted"]],
    );
  });

test("a mistake in the request of an exchange is named there", async () => {
  const store = await open();
  const rules = new PreparedRules({ promos: [HALF] });
  const fails = (request, path, code = "invalid_request") =>
    assert.rejects(
      exchange(store, { id: "a", request: { codes: [], order: order("b", seats(1)), ...request } }, at()),
      ({ at, ...error }) => {
        assert.deepEqual([error.path, error.code, at[0]], [path, code, "request"]);
        return true;
      },
    );
  await fails({ promos: [BAD] }, "request.promos[0].max_usse", "invalid_promo");
  await fails({ promos: [BAD], unsound: "leave" }, "request.unsound");
  await fails({ rules: {} }, "request.rules");
  await fails({ rules, promos: [] }, "request.promos");
  await fails({ rules, order: order("b", []) }, "request.order.lines");
  await fails({ rules, order: order("a", seats(1)) }, "request.order.id");
  await fails({ promos: [], policy: { max_free: 1 } }, "request.policy.max_free");
  await fails({ promos: [], usage: {} }, "request.usage");
});

test("an exchange into a hold of yesterday counts in the hold's day", async () => {
  const store = await open();
  const day = (id, quantity) => ({
    codes: ["day"],
    promos: [{ code: "DAY", discount_percent: 10, per_period: [{ every: "day", max_uses: 3 }] }],
    policy: { zone: [{ from_ms: 1_700_000_000_000, offset_minutes: 60 }] },
    order: order(id, seats(1000, quantity)),
  });
  // Three uses of the first day: two in the hold, and one of somebody else. Of the next day, three are gone, too.
  await redeem(store, day("hold", 2), at());
  await redeem(store, day("other", 1), at());
  const next = at(NOW + DAY);
  await redeem(store, day("late", 3), next);
  const payment = { id: "q", total: 800, currency: "EUR" };
  const made = await exchange(store, { id: "a", request: day("hold", 2), payment }, next);
  assert.deepEqual([made.status, made.applied[0].remaining], ["accepted", 0]);
  assert.deepEqual(await audit(store, next), []);
});
