// Hosts' own transactions on each database, for the tests of the option `transaction`.
import { mysqlBridge, pgBridge, sqliteBridge } from "./bridges.js";
import { mysqlTables, postgresTables, sqliteTables } from "./audit.js";
import { writeOnMysql, writeOnPostgres, writeOnSqlite } from "./rows.js";
import { mysqlOver, postgresOver, sqliteOver } from "redeemable/over";
import { mysqlStore } from "redeemable/mysql";
import { postgresStore } from "redeemable/postgres";
import { mysqlDatabase, postgresSchema, sqliteFile } from "./support.js";

/**
 * By name, `open()` makes an empty store, and what a test needs: `transaction(work, isolation)` begins a transaction of
 * the host's, `put(transaction, id)` writes a row of the host's, `write` is for the kit, and `tables()` is what is
 * stored.
 */
export const PLACES = {
  pg: async () => postgresPlace((pool) => postgresStore(pool)),
  "pg, over a bridge": async () => postgresPlace((pool) => postgresOver(pgBridge(pool))),
  mysql2: async () => mysqlPlace((pool) => mysqlStore(pool)),
  "mysql2, over a bridge": async () => mysqlPlace((pool) => mysqlOver(mysqlBridge(pool))),
  "SQLite, over a bridge": async () => {
    const { db, connect, file, close } = sqliteFile();
    db.exec("CREATE TABLE orders (id TEXT PRIMARY KEY)");
    const bridge = sqliteBridge(db);
    return {
      store: sqliteOver(bridge),
      transaction: bridge.transaction,
      put: async (transaction, id) => transaction.prepare("INSERT INTO orders VALUES (?)").run(id),
      exec: async (transaction, text) => transaction.exec(text),
      write: writeOnSqlite(db),
      orders: async () => db.prepare("SELECT id FROM orders ORDER BY 1").pluck().all(),
      tables: async () => sqliteTables(db),
      connect,
      place: { file },
      db,
      close,
    };
  },
};

async function postgresPlace(make) {
  const { pool, admin, config, close } = await postgresSchema();
  await admin.query("CREATE TABLE orders (id text PRIMARY KEY)");
  return {
    store: make(pool()),
    transaction: pgBridge(pool()).transaction,
    put: (client, id) => client.query("INSERT INTO orders VALUES ($1)", [id]),
    exec: (client, text) => client.query(text),
    write: writeOnPostgres,
    orders: async () => (await admin.query("SELECT id FROM orders ORDER BY 1")).rows.map(({ id }) => id),
    tables: () => postgresTables(admin),
    place: { config },
    admin,
    close,
  };
}

async function mysqlPlace(make) {
  const { pool, admin, config, close } = await mysqlDatabase();
  await admin.query("CREATE TABLE orders (id varchar(64) PRIMARY KEY)");
  return {
    store: make(pool()),
    transaction: mysqlBridge(pool()).transaction,
    put: (client, id) => client.query("INSERT INTO orders VALUES (?)", [id]),
    exec: (client, text) => client.query(text),
    write: writeOnMysql,
    orders: async () => (await admin.query("SELECT id FROM orders ORDER BY 1"))[0].map(({ id }) => id),
    tables: () => mysqlTables(admin),
    place: { mysql: config },
    admin,
    close,
  };
}
