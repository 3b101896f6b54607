// The host's database: an SQLite file, or PostgreSQL. The kit's tables stand beside the host's own, for which one SQL
// text serves both; `?` stands for a value.
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import Database from "better-sqlite3";
import pg from "pg";
import { postgresStore } from "redeemable/postgres";
import { sqliteStore } from "redeemable/sqlite";

const TABLES = `
  CREATE TABLE IF NOT EXISTS shop_codes (event_id text PRIMARY KEY, revision integer NOT NULL, document text NOT NULL);
  CREATE TABLE IF NOT EXISTS shop_tickets (
    order_id text, position integer, ticket_type text NOT NULL, price bigint NOT NULL, state text NOT NULL,
    PRIMARY KEY (order_id, position)
  );
  CREATE TABLE IF NOT EXISTS shop_payments (
    id text PRIMARY KEY, order_id text NOT NULL, total bigint NOT NULL, currency text NOT NULL
  );
  CREATE TABLE IF NOT EXISTS shop_refunds (payment_id text PRIMARY KEY, total bigint NOT NULL, currency text NOT NULL);
  CREATE TABLE IF NOT EXISTS shop_naive_counters (event_id text PRIMARY KEY, used integer NOT NULL);
`;

/** A setting that is wrong: its message is for whoever starts the shop. */
export class SettingError extends Error {}

/**
 * `store` is the kit's. `query` runs one statement and returns its rows.
 * `writing` makes a `write` for the kit: it takes a function from the redemptions to the statements `[sql, ...values]`
 * that go with them.
 */
export async function openDatabase({ file, url }) {
  return url ? openPostgres(url) : openSqlite(file);
}

function openSqlite(file) {
  let db;
  try {
    mkdirSync(dirname(file), { recursive: true });
    // Another process may be writing: its transaction is waited for, not failed on.
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

/** While two hosts make a new file at once, SQLite refuses the second one's change of mode instead of waiting. */
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
  // A connection that breaks while nobody uses it is replaced by the pool.
  pool.on("error", (error) => console.warn(`database connection lost: ${error.message}`));
  try {
    await pool.query("SELECT 1");
  } catch (error) {
    await pool.end();
    // The URL may hold a password: it is not said again.
    throw new SettingError(`DATABASE_URL: cannot connect: ${error.message || error.code}`);
  }
  const store = postgresStore(pool);
  await store.migrate();
  // Several statements in one query are one transaction: hosts that start together wait for each other.
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
