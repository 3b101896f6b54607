// A PostgreSQL server with a synchronous standby, those of scripts/standby, with hosts in both languages.
// ROUNDS is how many rounds of each fault are played, 1 by default.
import assert from "node:assert/strict";
import { test } from "node:test";
import pg from "pg";
import { confirm, redeem } from "redeemable/host";
import { postgresStore } from "redeemable/postgres";
import { run } from "../faults/run.js";
import * as standby from "../faults/standby.js";

const ROUNDS = Number(process.env.ROUNDS ?? 1);

// First, while the first address is that of the primary.
test("a host that asks the standby finds what was sold, and gets an error when it sells", async (t) => {
  const [primary, other] = process.env.STANDBY_URLS.split(" ").map((connectionString) => {
    const pool = new pg.Pool({ connectionString });
    t.after(() => pool.end());
    return postgresStore(pool);
  });
  await primary.migrate();
  for (let n = 0; n < 20; n += 1) {
    const id = `order-${n}`;
    const order = { id, event_id: "gala", currency: "EUR", lines: [{ unit_price: 1000, quantity: 1 }] };
    order.hold_until_ms = Date.now() + 600_000;
    await redeem(primary, { codes: ["ten"], promos: [{ code: "TEN", discount_percent: 10 }], order });
    // Not null, which would send the money back.
    const paid = confirm(other, { id, payment: { id: `p-${n}`, total: 900, currency: "EUR" } });
    await assert.rejects(paid, { code: "25006" });
  }
});

test(`${ROUNDS} rounds of each fault with a standby lose nothing, count nothing twice`, async (t) => {
  const kinds = await run(standby, ROUNDS, Math.floor(Math.random() * 2 ** 30), (line) => t.diagnostic(line));
  assert.deepEqual(
    Object.entries(kinds).map(([kind, { met }]) => [kind, met]),
    standby.kinds.map((kind) => [kind, ROUNDS]),
  );
});
