import assert from "node:assert/strict";
import pg from "pg";
import { redeem } from "redeemable/host";
import { postgresStore } from "redeemable/postgres";

// No `options: "-c search_path=…"`: PgBouncer refuses it. Name the schema instead.
const pool = new pg.Pool({ connectionString: process.env.POOLER_URL });
const store = postgresStore(pool, { schema: "shop" });
await store.migrate();

const order = {
  id: "order-1",
  event_id: "gala",
  currency: "EUR",
  hold_until_ms: Date.now() + 900_000,
  lines: [{ unit_price: 4500, quantity: 1 }],
};
const promos = [{ code: "EARLY", discount_percent: 20, max_uses: 1 }];
assert.equal((await redeem(store, { codes: ["EARLY"], promos, order })).status, "accepted");
await pool.end();
