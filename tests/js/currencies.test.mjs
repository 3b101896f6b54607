// The engine's short lists of currencies agree with the full table of the messages: an amount below one unit is found
// for every currency with decimals, and one unit is not found for any.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { checkPromo } from "redeemable/organiser";

const table = JSON.parse(readFileSync(new URL("../../messages/currencies.json", import.meta.url), "utf8"));

test("an amount below one unit is found in each currency of ISO 4217", () => {
  let count = 0;
  for (const [decimals, names] of Object.entries(table)) {
    for (const currency of names.split(" ")) {
      const unit = 10 ** Number(decimals);
      const found = (price) => {
        const promos = [{ code: "FLAT", discount: { kind: "fixed_price", price }, currency, max_uses: 5 }];
        return checkPromo({ promos }).map(({ problem }) => problem);
      };
      assert.deepEqual(found(unit), [], currency);
      if (unit > 1) assert.deepEqual([found(1), found(unit - 1)], Array(2).fill(["amount_below_one_unit"]), currency);
      count += 1;
    }
  }
  assert.ok(count > 150, `${count} currencies`);
});
