// Hosts' own transactions on each database, for the tests of the option `transaction`.
import Database from "better-sqlite3";
import mysql from "mysql2/promise";
import pg from "pg";
import { mysqlStore } from "redeemable/mysql";
import { mysqlOver, postgresOver, sqliteOver } from "redeemable/over";
import { postgresStore } from "redeemable/postgres";
import { mysqlTables, postgresTables, sqliteTables } from "./audit.js";
import { mysqlBridge, pgBridge, sqliteBridge } from "./bridges.js";
import { writeOnMysql, writeOnSqlite, writeOverPostgres } from "./rows.js";
import { mysqlDatabase, postgresSchema, sqliteFile } from "./support.js";

/** The stores on these databases, over a driver alone or over a bridge. */
const STORES = {
  pg: (pool) => postgresStore(pool),
  "pg, over a bridge": (pool) => postgresOver(pgBridge(pool)),
  mysql2: (pool) => mysqlStore(pool),
  "mysql2, over a bridge": (pool) => mysqlOver(mysqlBridge(pool)),
  "SQLite, over a bridge": null,
};

const onPostgres = {
  put: (client, id) => client.query("INSERT INTO orders VALUES ($1)", [id]),
  exec: (client, text) => client.query(text),
  write: writeOverPostgres,
};
const onMysql = {
  put: (client, id) => client.query("INSERT INTO orders VALUES (?)", [id]),
  exec: (client, text) => client.query(text),
  write: writeOnMysql,
};
const onSqlite = (db) => {
  // The bridge lets one transaction after the other use the connection, so the store and the host share it.
  const bridge = sqliteBridge(db);
  return {
    store: sqliteOver(bridge),
    transaction: bridge.transaction,
    put: async (transaction, id) => transaction.prepare("INSERT INTO orders VALUES (?)").run(id),
    exec: async (transaction, text) => transaction.exec(text),
    write: writeOnSqlite(db),
  };
};

/** In a process of its own: the store `name` at a place that a test has made. */
export function openOwn({ name, config, file }) {
  if (file) return onSqlite(new Database(file, { timeout: 20_000 }));
  if (name.startsWith("pg")) {
    const pool = new pg.Pool(config);
    return { ...onPostgres, store: STORES[name](pool), transaction: pgBridge(pool).transaction };
  }
  const pool = mysql.createPool(config);
  return { ...onMysql, store: STORES[name](pool), transaction: mysqlBridge(pool).transaction };
}

/**
 * By name, makes an empty store, and what a test needs: `transaction(work, isolation)` begins a transaction of the
 * host's, `put(transaction, id)` writes an order of the host's, `write` is for the kit, and `tables()` is what is
 * stored.
 */
export const PLACES = Object.fromEntries(
  Object.keys(STORES).map((name) => [
    name,
    name.startsWith("pg")
      ? () => postgresPlace(name)
      : name.startsWith("mysql2")
        ? () => mysqlPlace(name)
        : sqlitePlace,
  ]),
);

async function postgresPlace(name) {
  const { pool, admin, config, close } = await postgresSchema();
  await admin.query("CREATE TABLE orders (id text PRIMARY KEY)");
  return {
    ...onPostgres,
    store: STORES[name](pool()),
    transaction: pgBridge(pool()).transaction,
    orders: async () => (await admin.query("SELECT id FROM orders")).rows.map(({ id }) => id).sort(),
    tables: () => postgresTables(admin),
    place: { config },
    admin,
    close,
  };
}

async function mysqlPlace(name) {
  const { pool, admin, config, close } = await mysqlDatabase();
  await admin.query("CREATE TABLE orders (id varchar(64) PRIMARY KEY)");
  return {
    ...onMysql,
    store: STORES[name](pool()),
    transaction: mysqlBridge(pool()).transaction,
    orders: async () => (await admin.query("SELECT id FROM orders"))[0].map(({ id }) => id).sort(),
    tables: () => mysqlTables(admin),
    place: { config },
    admin,
    close,
  };
}

async function sqlitePlace() {
  const { db, connect, file, close } = sqliteFile();
  db.exec("CREATE TABLE orders (id TEXT PRIMARY KEY)");
  return {
    ...onSqlite(db),
    orders: async () => db.prepare("SELECT id FROM orders").pluck().all().sort(),
    tables: async () => sqliteTables(db),
    place: { file },
    connect,
    db,
    close,
  };
}
