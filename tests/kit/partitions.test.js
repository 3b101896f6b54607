// The tables of docs/stores.md in partitions: `migrate` leaves them as they are, and every statement works on them.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, test } from "node:test";
import { postgresStore } from "redeemable/postgres";
import { storeSuite } from "redeemable/store-suite";
import { pgBridge } from "./bridges.js";
import { postgresSchema } from "./support.js";

const [, script] = readFileSync(new URL("../../docs/stores.md", import.meta.url), "utf8").match(
  /^```sql partitions\n([\s\S]*?)^```$/m,
);

const WHOLE = ["redeemable_archive", "redeemable_counters", "redeemable_persons", "redeemable_redemptions"];

/** The schema with the tables of the page in place of those that `migrate` has made. */
async function partitioned(admin) {
  await admin.query(`DROP TABLE ${WHOLE.join(", ")}`);
  await admin.query(script);
  await postgresStore(admin).migrate();
}

const columns = async (admin, schema) =>
  (
    await admin.query(
      `SELECT table_name, column_name, data_type, collation_name, is_nullable FROM information_schema.columns
      WHERE table_schema = $1 AND table_name ~ '^redeemable_[a-z]+$' ORDER BY table_name, ordinal_position`,
      [schema],
    )
  ).rows;
/** The constraints of the tables, without their names. */
const constraints = async (admin, schema) =>
  (
    await admin.query(
      `SELECT relname, pg_get_constraintdef(pg_constraint.oid) AS constraint FROM pg_constraint
      JOIN pg_class ON pg_class.oid = conrelid WHERE relnamespace = $1::regnamespace AND relname ~ '^redeemable_[a-z]+$'
      ORDER BY 1, 2`,
      [schema],
    )
  ).rows;

test("the partitioned tables have the columns and constraints of those that migrate makes", async (t) => {
  const { schema, admin, close } = await postgresSchema();
  t.after(close);
  const wanted = [await columns(admin, schema), await constraints(admin, schema)];
  await partitioned(admin);
  assert.deepEqual([await columns(admin, schema), await constraints(admin, schema)], wanted);
  const { rows } = await admin.query(
    `SELECT inhparent::regclass::text AS whole, count(*)::int AS parts FROM pg_inherits
    JOIN pg_class ON pg_class.oid = inhrelid WHERE relnamespace = $1::regnamespace AND relkind = 'r' GROUP BY 1`,
    [schema],
  );
  assert.deepEqual(
    Object.fromEntries(rows.map(({ whole, parts }) => [whole, parts])),
    Object.fromEntries(WHOLE.map((name) => [name, 16])),
  );
});

const place = await postgresSchema();
after(place.close);
await partitioned(place.admin);
const bridge = pgBridge(place.admin);

/** The same tables for each check, because making 64 of them takes longer than the check. */
storeSuite("on partitioned tables", async (options) => {
  for (const table of [...WHOLE, "redeemable_held", "redeemable_parts", "tickets"])
    await place.admin.query(`DELETE FROM ${table}`);
  return {
    store: postgresStore(place.pool(), options),
    peer: postgresStore(place.pool(), options),
    transaction: bridge.transaction,
    put: (transaction, text) => transaction.query("INSERT INTO tickets VALUES ($1, 0, 'held')", [text]),
    rows: async () =>
      (await place.admin.query("SELECT order_id FROM tickets ORDER BY 1")).rows.map(({ order_id }) => order_id),
  };
});
