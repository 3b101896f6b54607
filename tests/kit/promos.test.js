// Promotions that functions of the host find: those of the typed codes, and those that are in every order.
import assert from "node:assert/strict";
import { test } from "node:test";
import { exchange, confirm, preview, redeem } from "redeemable/host";
import { memoryStore } from "redeemable/memory";

const NOW = 1_800_000_000_000;
const now = () => NOW;
const order = (id) => ({
  id,
  event_id: "gala",
  currency: "EUR",
  lines: [{ unit_price: 1000, quantity: 1 }],
  hold_until_ms: NOW + 1000,
});
const TENTH = { code: "TENTH", discount_percent: 10, automatic: true, combines: true, max_uses: 1 };
const HALF = { code: "HALF", discount_percent: 50, combines: true };

test("automatic promotions are asked for in every order, and the typed ones only if a code was typed", async () => {
  const store = memoryStore();
  const calls = [];
  const promos = {
    always(...given) {
      calls.push(["always", given]);
      return [TENTH];
    },
    async find(codes) {
      calls.push(["find", codes.map(({ canonical }) => canonical)]);
      // As a table with all promotions would find them: the automatic one, too, if it was typed.
      return [TENTH, HALF].filter(({ code }) => codes.some(({ canonical }) => canonical === code));
    },
  };
  const total = async (codes) => (await preview(store, { codes, promos, order: order("a") }, { now })).quote.total;
  // 10 % of 1000 come off; then half of the 900 that are left, or of 1000 first: both ways 450.
  assert.equal(await total([]), 900);
  assert.equal(await total([" "]), 900);
  assert.equal(await total(["half"]), 450);
  assert.equal(await total(["tenth", "half"]), 450);
  assert.deepEqual(calls, [
    ["always", []],
    ["always", []],
    ["always", []],
    ["find", ["HALF"]],
    ["always", []],
    ["find", ["TENTH", "HALF"]],
  ]);
  const sold = async (id) => (await redeem(store, { codes: [], promos, order: order(id) }, { now })).quote.total;
  // The automatic promotion has one use.
  assert.deepEqual([await sold("a"), await sold("b")], [900, 1000]);
  await confirm(store, { id: "a", payment: { id: "p-1", total: 900, currency: "EUR" } }, { now });
  // The use that goes back is free for the new order.
  const wanted = { id: "a", request: { codes: ["half"], promos, order: order("c") } };
  const { quote } = await exchange(store, wanted, { now });
  assert.equal(quote.total, 450);
});

test("a promotion that was typed is the one that was found, whatever `always` remembers", async () => {
  const store = memoryStore();
  const promos = { always: () => [TENTH], find: () => [{ ...TENTH, active: false }] };
  const ask = (codes) => preview(store, { codes, promos, order: order("a") }, { now });
  assert.equal((await ask([])).quote.total, 900);
  assert.deepEqual(
    (await ask(["tenth"])).violations.map(({ reason }) => reason),
    ["inactive"],
  );
});

test("a mistake in the functions is told, and none is called for a malformed request", async () => {
  const store = memoryStore();
  const never = () => assert.fail("not to be asked");
  const list = () => [];
  const fails = async (promos, path, message, more = {}) => {
    for (const call of [preview, redeem])
      await assert.rejects(call(store, { codes: ["ten"], promos, order: order("a"), ...more }, { now }), {
        code: "invalid_request",
        path,
        message,
      });
  };
  await fails({ always: list }, "promos.find", "expected a function, found undefined");
  await fails({ find: list }, "promos.always", "expected a function, found undefined");
  await fails({ always: [], find: list }, "promos.always", "expected a function, found object");
  await fails({ always: list, find: list, finds: list }, "promos.finds", /^unknown field/);
  await fails({ always: () => null, find: never }, "promos.always", "expected it to return an array");
  await fails({ always: list, find: async () => "TEN" }, "promos.find", "expected it to return an array");
  await fails({ always: never, find: never }, "codes[0]", /./, { codes: [7] });
});
