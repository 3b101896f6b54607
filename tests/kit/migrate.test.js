// A host that has not called `migrate` is told so, by each call and on each database.
import assert from "node:assert/strict";
import { test } from "node:test";
import Database from "better-sqlite3";
import pg from "pg";
import { audit, preview, redeem, release, sweep } from "redeemable/host";
import { mysqlStore } from "redeemable/mysql";
import { postgresOver } from "redeemable/over";
import { postgresStore } from "redeemable/postgres";
import { sqliteStore } from "redeemable/sqlite";
import { pgBridge } from "./bridges.js";
import { databaseUrl, mysqlDatabase } from "./support.js";

const lines = [{ unit_price: 1000, quantity: 1 }];
const order = { id: "o", event_id: "gala", currency: "EUR", lines, hold_until_ms: Date.now() + 600_000 };
const request = { codes: ["ten"], promos: [{ code: "TEN", discount_percent: 10, max_uses: 5 }], order };
const NOT_MIGRATED = { code: "not_migrated", message: "the kit's tables are not there: call the store's migrate()" };

/** Each call of the kit that asks the store for something, on a database without the kit's tables. */
async function isTold(store) {
  for (const call of [
    () => preview(store, request),
    () => redeem(store, request),
    () => release(store, { id: "o", reason: "refunded" }),
    () => sweep(store),
    () => audit(store),
  ])
    await assert.rejects(call, NOT_MIGRATED, String(call));
}

test("on SQLite", () => isTold(sqliteStore(new Database(":memory:"))));

test("on PostgreSQL", async (t) => {
  const pool = new pg.Pool({ connectionString: databaseUrl() });
  t.after(() => pool.end());
  await isTold(postgresStore(pool, { schema: "nobody" }));
  await isTold(postgresOver(pgBridge(pool), { schema: "nobody" }));
});

test("on MariaDB", async (t) => {
  const { admin, close } = await mysqlDatabase();
  t.after(close);
  await admin.query("DROP TABLE redeemable_redemptions, redeemable_counters");
  await isTold(mysqlStore(admin));
});

test("a table of the host's own that is missing is another error", async () => {
  const db = new Database(":memory:");
  const store = sqliteStore(db);
  store.migrate();
  const write = () => db.prepare("INSERT INTO tickets VALUES (1)").run();
  await assert.rejects(redeem(store, request, { write }), { code: "SQLITE_ERROR", message: "no such table: tickets" });
});
