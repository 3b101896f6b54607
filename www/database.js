// The host's database: an SQLite file, or PostgreSQL. It holds the kit's tables and the host's own. The host's SQL is
// the same for both; `?` stands for a value.
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import Database from "better-sqlite3";
import pg from "pg";
import { postgresStore } from "redeemable/postgres";
import { sqliteStore } from "redeemable/sqlite";

const TABLES = `
  CREATE TABLE IF NOT EXISTS shop_codes (event_id text PRIMARY KEY, revision integer NOT NULL, document text NOT NULL);
  CREATE TABLE IF NOT EXISTS shop_clocks (event_id text PRIMARY KEY, document text NOT NULL);
  CREATE TABLE IF NOT EXISTS shop_choices (event_id text PRIMARY KEY, word text NOT NULL);
  CREATE TABLE IF NOT EXISTS shop_tickets (
    order_id text, position integer, ticket_type text NOT NULL, price bigint NOT NULL, state text NOT NULL,
    PRIMARY KEY (order_id, position)
  );
  CREATE TABLE IF NOT EXISTS shop_payments (
    id text PRIMARY KEY, order_id text NOT NULL, total bigint NOT NULL, currency text NOT NULL, exchange text NOT NULL
  );
  CREATE TABLE IF NOT EXISTS shop_refunds (id text PRIMARY KEY, total bigint NOT NULL, currency text NOT NULL);
  CREATE TABLE IF NOT EXISTS shop_naive_counters (event_id text PRIMARY KEY, used integer NOT NULL);
`;

/** A setting is wrong. The message is for the person who starts the shop. */
export class SettingError extends Error {}

/**
 * Returns `store`, which the kit uses, `query`, which runs one statement and returns its rows, and `writing`, which
 * makes a `write` for the kit from a function that returns the statements `[sql, ...values]` for some redemptions.
 */
export async function openDatabase({ file, url }) {
  return url ? openPostgres(url) : openSqlite(file);
}

function openSqlite(file) {
  let db;
  try {
    mkdirSync(dirname(file), { recursive: true });
    // If another process is writing, wait for its transaction instead of failing.
    db = new Database(file, { timeout: 10_000 });
    writeAhead(db);
    db.pragma("synchronous = FULL");
  } catch (error) {
    throw new SettingError(`DATA: cannot open ${file} as an SQLite database: ${error.message}`);
  }
  const store = sqliteStore(db);
  store.migrate();
  db.transaction(() => db.exec(TABLES)).immediate();

  const prepared = new Map();
  function run(sql, values) {
    if (!prepared.has(sql)) prepared.set(sql, db.prepare(sql));
    const statement = prepared.get(sql);
    if (statement.reader) return statement.all(values);
    statement.run(values);
    return [];
  }
  return {
    store,
    query: async (sql, ...values) => run(sql, values),
    writing: (statementsFor) => (_, redemptions) => {
      for (const [sql, ...values] of statementsFor(redemptions)) run(sql, values);
    },
    close: async () => {
      db.close();
    },
  };
}

/** Switches to WAL. If two hosts make a new file at once, SQLite refuses the second change of mode: try again. */
function writeAhead(db) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return db.pragma("journal_mode = WAL");
    } catch (error) {
      if (error.code !== "SQLITE_BUSY" || attempt === 100) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
    }
  }
}

async function openPostgres(url) {
  if (!/^postgres(ql)?:\/\//.test(url)) throw new SettingError("DATABASE_URL: expected postgres://user@host/database");
  const pool = new pg.Pool({ connectionString: url, connectionTimeoutMillis: 30_000 });
  // If a connection breaks while nobody uses it, the pool replaces it. Without a listener the process would end.
  pool.on("error", (error) => console.warn(`database connection lost: ${error.message}`));
  try {
    await pool.query("SELECT 1");
  } catch (error) {
    await pool.end();
    // The message must not show the URL, which may contain a password.
    throw new SettingError(`DATABASE_URL: cannot connect: ${error.message || error.code}`);
  }
  const store = postgresStore(pool);
  await store.migrate();
  // Several statements in one query are one transaction, so the lock makes hosts that start together wait in turn.
  await pool.query(`SELECT pg_advisory_xact_lock(hashtext('redeemable_demo')); ${TABLES}`);

  const run = (client, sql, values) => {
    let n = 0;
    return client.query(
      sql.replace(/\?/g, () => `$${++n}`),
      values,
    );
  };
  return {
    store,
    query: async (sql, ...values) => (await run(pool, sql, values)).rows,
    writing: (statementsFor) => async (client, redemptions) => {
      for (const [sql, ...values] of statementsFor(redemptions)) await run(client, sql, values);
    },
    close: () => pool.end(),
  };
}
