import assert from "node:assert/strict";
import pg from "pg";
import { redeem } from "redeemable/host";
import { postgresStore } from "redeemable/postgres";

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL });
const storeOf = (tenant) => postgresStore(pool, { schema: `tenant_${tenant}` });

// When a tenant signs up, and when a new version of your shop starts:
for (const tenant of ["north", "south"]) await storeOf(tenant).migrate();

// At a sale, with the tenant of the request:
const buy = (tenant, id) =>
  redeem(storeOf(tenant), {
    codes: ["EARLY"],
    promos: [{ code: "EARLY", discount_percent: 20, max_uses: 1 }],
    order: {
      id,
      event_id: "gala",
      currency: "EUR",
      hold_until_ms: Date.now() + 900_000,
      lines: [{ unit_price: 4500, quantity: 1 }],
    },
  });
assert.equal((await buy("north", "order-1")).status, "accepted");
assert.equal((await buy("south", "order-1")).status, "accepted");
assert.equal((await buy("north", "order-2")).violations[0].reason, "uses_exhausted");
await pool.end();
