// Tests of a shop that are shown in docs/stacks/test-runners.md.
const { redeem } = require("redeemable/host");
const { memoryStore } = require("redeemable/memory");
const { expect, test } = require("@jest/globals");

const promos = [{ code: "LAST", discount_percent: 50, max_uses: 1 }];
const order = {
  event_id: "gala",
  currency: "EUR",
  lines: [{ unit_price: 4500, quantity: 1 }],
  hold_until_ms: Date.now() + 900_000,
};

test("one buyer gets the last use, and the next is refused", async () => {
  const store = memoryStore();
  const buy = (id) => redeem(store, { codes: ["last"], promos, order: { ...order, id } });
  expect((await buy("order-1")).quote.total).toBe(2250);
  expect((await buy("order-2")).violations[0].reason).toBe("uses_exhausted");
});
