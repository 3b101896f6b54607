import assert from "node:assert/strict";
import pg from "pg";
import { preview } from "redeemable/host";
import { postgresStore } from "redeemable/postgres";

const pool = new pg.Pool({ connectionString: process.env.SHOP_URL });
const storeOf = (tenant) =>
  postgresStore(pool, { begin: (transaction) => transaction.query("SELECT set_tenant($1)", [tenant]) });

const order = { event_id: "gala", currency: "EUR", lines: [{ unit_price: 4500, quantity: 1 }] };
const promos = [{ code: "EARLY", discount_percent: 20, max_uses: 1 }];
assert.equal((await preview(storeOf("north"), { codes: ["EARLY"], promos, order })).status, "accepted");
await pool.end();
