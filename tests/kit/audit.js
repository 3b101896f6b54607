// An auditor that shares no code with the engine: it works out from the records alone what the tables must hold, as
// DESIGN.md specifies.
import assert from "node:assert/strict";

/** What a record still holds of one of its charges: its amounts for tickets that have not been given back. */
function holds({ tickets }, { amount, tickets: charged, each, back }) {
  const inTerms = (released) =>
    back.some(({ reason, until_ms }) => reason === released.reason && (until_ms === null || released.at_ms < until_ms));
  const inTable = ({ reason }) => !["forfeited", "no_show", "disputed"].includes(reason);
  const isBack = ({ released }) => released !== null && (back === null ? inTable(released) : inTerms(released));
  const kept = charged.map((index) => !isBack(tickets[index]));
  if (each === null) return kept.some(Boolean) ? amount : 0;
  return charged.reduce((sum, _, n) => sum + (kept[n] ? (typeof each === "number" ? each : each[n]) : 0), 0);
}

/** Checks the counters and the host's ticket rows against the records, and returns the records by id. */
export function audit({ redemptions, counters, tickets }) {
  const records = redemptions.map((row) => {
    const record = JSON.parse(row.document);
    for (const column of ["id", "state", "event_id"]) assert.equal(row[column], record[column]);
    for (const column of ["revision", "expires_at_ms"])
      assert.equal(row[column] === null ? null : Number(row[column]), record[column]);
    return record;
  });
  const expected = new Map();
  for (const record of records) {
    for (const charge of record.charges)
      expected.set(charge.key, (expected.get(charge.key) ?? 0) + holds(record, charge));
  }
  const sorted = (entries) => Object.fromEntries([...entries].filter(([, value]) => value !== 0).sort());
  assert.deepEqual(
    sorted(counters.map(({ key, used }) => [key, Number(used)])),
    sorted(expected),
    "the counters are what the records hold",
  );
  const rows = records.flatMap(({ id, state, tickets: owned }) =>
    owned.flatMap(({ released }, position) => (released ? [] : `${id} ${position} ${state}`)),
  );
  assert.deepEqual(
    tickets.map(({ order_id, position, state }) => `${order_id} ${position} ${state}`).sort(),
    rows.sort(),
    "every ticket has its row, and every row its ticket",
  );
  return new Map(records.map((record) => [record.id, record]));
}

const TABLES = {
  redemptions: "SELECT * FROM redeemable_redemptions",
  counters: "SELECT * FROM redeemable_counters",
  tickets: "SELECT * FROM tickets",
};
/** A split counter has its uses in its parts. */
const PARTS = {
  postgres: "SELECT key, used FROM redeemable_parts",
  mysql: "SELECT `key`, part.used FROM redeemable_parts AS part JOIN redeemable_counters USING (hash)",
};

/** The counters, of which each has the uses of its parts, too. */
function whole(counters, parts) {
  const sums = new Map(counters.map(({ key, used }) => [key, Number(used)]));
  for (const { key, used } of parts) sums.set(key, sums.get(key) + Number(used));
  return [...sums].map(([key, used]) => ({ key, used }));
}

/** The rows of the three tables, all from the same moment. */
export function sqliteTables(db) {
  return db.transaction(() =>
    Object.fromEntries(Object.entries(TABLES).map(([name, text]) => [name, db.prepare(text).all()])),
  )();
}

export async function postgresTables(pool) {
  const client = await pool.connect();
  await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ");
  const tables = {};
  for (const [name, text] of Object.entries(TABLES))
    tables[name] = (
      await client.query(text.replace("*", name === "redemptions" ? "*, document::text AS document" : "*"))
    ).rows;
  tables.counters = whole(tables.counters, (await client.query(PARTS.postgres)).rows);
  await client.query("COMMIT");
  client.release();
  return tables;
}

export async function mysqlTables(pool) {
  const client = await pool.getConnection();
  await client.query("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY");
  const tables = {};
  // Ids are stored as bytes.
  const typeCast = (field, next) => (field.type === "VAR_STRING" ? field.string("utf8") : next());
  for (const [name, sql] of Object.entries(TABLES)) [tables[name]] = await client.query({ sql, typeCast });
  tables.counters = whole(tables.counters, (await client.query(PARTS.mysql))[0]);
  await client.query("COMMIT");
  client.release();
  return tables;
}
