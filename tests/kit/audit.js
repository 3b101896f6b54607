// An auditor that shares no code with the engine: it works out from the records alone what the tables must hold, as
// DESIGN.md specifies.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";

/** What a record still holds of one of its charges: its amounts for tickets that have not been given back. */
function holds({ tickets }, { amount, tickets: charged, each, back }) {
  const inTerms = (released) =>
    back.some(({ reason, until_ms }) => reason === released.reason && (until_ms == null || released.at_ms < until_ms));
  const inTable = ({ reason }) => !["forfeited", "no_show", "disputed"].includes(reason);
  const isBack = ({ released }) => released != null && (back == null ? inTable(released) : inTerms(released));
  const kept = charged.map((index) => !isBack(tickets[index]));
  if (each == null) return kept.some(Boolean) ? amount : 0;
  return charged.reduce((sum, _, n) => sum + (kept[n] ? (typeof each === "number" ? each : each[n]) : 0), 0);
}

/**
 * Checks the counters, the rows of holds and of persons, and the host's ticket rows against the records, and returns
 * the records by id. `hash` is how the database stores keys and persons.
 */
export function audit({ redemptions, archive, counters, held, persons, tickets, hash }) {
  const records = redemptions.map((row) => {
    const record = JSON.parse(row.document);
    for (const column of ["id", "state", "event_id"]) assert.equal(row[column], record[column]);
    for (const column of ["revision", "expires_at_ms"])
      assert.equal(row[column] === null ? null : Number(row[column]), record[column] ?? null);
    return record;
  });
  const expected = new Map(counters.map(({ key, archived }) => [key, Number(archived ?? 0)]));
  const holding = [];
  for (const record of records) {
    const { id, state, expires_at_ms } = record;
    if (state === "held") holding.push(`${hash("")} ${expires_at_ms} ${id}`);
    for (const charge of record.charges ?? []) {
      const amount = holds(record, charge);
      assert.equal(charge.held ?? charge.amount, amount, `what ${id} says that it holds of ${charge.key}`);
      expected.set(charge.key, (expected.get(charge.key) ?? 0) + amount);
      if (state === "held" && amount > 0 && (charge.limit !== undefined || !charge.key.includes("/spend/")))
        holding.push(`${hash(charge.key)} ${expires_at_ms} ${id}`);
    }
  }
  const sorted = (entries) => Object.fromEntries([...entries].filter(([, value]) => value !== 0).sort());
  assert.deepEqual(
    sorted(counters.map(({ key, used }) => [key, Number(used)])),
    sorted(expected),
    "the counters are what the records hold",
  );
  assert.deepEqual(
    held.map(({ key, expires_at_ms, id }) => `${key} ${expires_at_ms} ${id}`).sort(),
    holding.sort(),
    "what is held is found by counter",
  );
  const everywhere = [...records, ...archive.map(({ document }) => JSON.parse(document))];
  const named = everywhere.flatMap(({ id, identities = [] }) => identities.map((person) => `${hash(person)} ${id}`));
  const told = new Set(persons.map(({ person, id }) => `${person} ${id}`));
  assert.deepEqual(
    named.filter((name) => !told.has(name)),
    [],
    "who is named is found by name",
  );
  const rows = everywhere.flatMap(({ id, state, tickets: owned }) =>
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
  archive: "SELECT * FROM redeemable_archive",
  counters: "SELECT * FROM redeemable_counters",
  held: "SELECT * FROM redeemable_held",
  persons: "SELECT * FROM redeemable_persons",
  tickets: "SELECT * FROM tickets",
};
/** A split counter has its uses in its parts. */
const PARTS = {
  postgres: "SELECT key, used FROM redeemable_parts",
  mysql: "SELECT `key`, part.used FROM redeemable_parts AS part JOIN redeemable_counters USING (hash)",
};

/** Adds to each counter what its parts hold. */
function addParts(counters, parts) {
  const found = new Map(counters.map((counter) => [counter.key, counter]));
  for (const { key, used } of parts) found.get(key).used = Number(found.get(key).used) + Number(used);
}
const hex = (text) => createHash("sha256").update(text).digest("hex").slice(0, 16);
/** On PostgreSQL, the key of a record itself is no hash. */
const inHex = (tables, hash) => {
  for (const row of tables.held) row.key = Buffer.from(row.key).toString("hex");
  for (const row of tables.persons) row.person = Buffer.from(row.person).toString("hex");
  return { ...tables, hash };
};

/** The rows of the tables, all from the same moment. */
export function sqliteTables(db) {
  const hash = (text) => text;
  return db.transaction(() => ({
    ...Object.fromEntries(Object.entries(TABLES).map(([name, text]) => [name, db.prepare(text).all()])),
    hash,
  }))();
}

export async function postgresTables(pool) {
  const client = await pool.connect();
  await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ");
  const tables = await postgresTablesBy(async (text) => (await client.query(text)).rows);
  await client.query("COMMIT");
  client.release();
  return tables;
}

/** The same by a function that answers the rows of a query. */
export async function postgresTablesBy(ask) {
  const tables = {};
  for (const [name, text] of Object.entries(TABLES))
    tables[name] = await ask(text.replace("*", /redem|archive/.test(name) ? "*, document::text AS document" : "*"));
  addParts(tables.counters, await ask(PARTS.postgres));
  return inHex(tables, (text) => (text === "" ? "" : hex(text)));
}

export async function mysqlTables(pool) {
  const client = await pool.getConnection();
  await client.query("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY");
  const tables = {};
  // Ids are stored as bytes.
  const typeCast = (field, next) => (field.type === "VAR_STRING" ? field.string("utf8") : next());
  for (const [name, sql] of Object.entries(TABLES)) [tables[name]] = await client.query({ sql, typeCast });
  addParts(tables.counters, (await client.query(PARTS.mysql))[0]);
  await client.query("COMMIT");
  client.release();
  return inHex(tables, hex);
}
