// Opens the stores that the tests run on: each is empty, and is removed afterwards.
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import callbacks from "mysql2";
import mysql from "mysql2/promise";
import pg from "pg";
import { memoryStore } from "redeemable/memory";
import { mysqlStore } from "redeemable/mysql";
import { mysqlOver, postgresOver, sqliteOver } from "redeemable/over";
import { postgresStore } from "redeemable/postgres";
import { sqliteStore } from "redeemable/sqlite";
import { mysqlBridge, pgBridge, sqliteBridge } from "./bridges.js";

export function openMemory(options) {
  const store = memoryStore(options);
  return { store, put: (rows, text) => rows.set(text, text), rows: () => [...store.rows.keys()], close() {} };
}

/** Makes a SQLite file with empty tables; `connect` opens another connection to it. */
export function sqliteFile() {
  const folder = mkdtempSync(join(tmpdir(), "redeemable-kit-"));
  const file = join(folder, "shop.sqlite");
  const open = [];
  const connect = () => {
    const db = new Database(file, { timeout: 10_000 });
    db.pragma("journal_mode = WAL");
    open.push(db);
    return db;
  };
  const db = connect();
  sqliteStore(db).migrate();
  db.exec("CREATE TABLE tickets (order_id TEXT, position INTEGER, state TEXT, PRIMARY KEY (order_id, position))");
  return {
    file,
    connect,
    db,
    close() {
      for (const each of open) each.close();
      rmSync(folder, { recursive: true });
    },
  };
}

export function openSqlite(options) {
  const { connect, db, close } = sqliteFile();
  return {
    store: sqliteStore(db, options),
    peer: sqliteStore(connect(), options),
    db,
    close,
    async transaction(work) {
      db.exec("BEGIN");
      try {
        const result = await work(db);
        db.exec("COMMIT");
        return result;
      } catch (error) {
        db.exec("ROLLBACK");
        throw error;
      }
    },
    put: (transaction, text) => {
      transaction.prepare("INSERT INTO tickets VALUES (?, 0, 'held')").run(text);
    },
    rows: () => db.prepare("SELECT order_id FROM tickets ORDER BY 1").pluck().all(),
  };
}

export function databaseUrl() {
  const url = process.env.DATABASE_URL;
  if (!url)
    throw new Error(
      "DATABASE_URL is not set, and these tests need a PostgreSQL server: " +
        "run `scripts/postgres scripts/pgbouncer scripts/mariadb npm test --workspace tests/kit`",
    );
  return url;
}

export const TICKETS =
  "CREATE TABLE tickets (order_id text, position int, state text, PRIMARY KEY (order_id, position))";

export const MYSQL_TICKETS =
  "CREATE TABLE tickets (order_id varbinary(256), position int, state text, PRIMARY KEY (order_id, position))";

/** Makes a PostgreSQL schema with empty tables; `pool` opens another pool on it. */
export async function postgresSchema(settings = {}) {
  const schema = `kit_${randomUUID().replaceAll("-", "")}`;
  const config = {
    connectionString: databaseUrl(),
    max: 8,
    ...settings,
    options: `-c search_path=${schema} ${settings.options ?? ""}`,
  };
  const open = [];
  const pool = (more) => {
    const made = new pg.Pool({ ...config, ...more });
    // A pool emits errors of connections that broke while nobody used them.
    made.on("error", () => {});
    open.push(made);
    return made;
  };
  const admin = pool();
  await admin.query(`CREATE SCHEMA ${schema}`);
  await postgresStore(admin).migrate();
  await admin.query(TICKETS);
  return {
    schema,
    config,
    pool,
    admin,
    async close() {
      await admin.query(`DROP SCHEMA ${schema} CASCADE`);
      await Promise.all(open.map((each) => each.end()));
    },
  };
}

/** `settings` are passed to pg's pool. */
export const openPostgres = (settings) => async (options) => {
  const { pool, admin, close, config } = await postgresSchema(settings);
  return {
    store: postgresStore(pool(), options),
    peer: postgresStore(pool(), options),
    transaction: pgBridge(pool()).transaction,
    admin,
    pool,
    close,
    config,
    put: (transaction, text) => transaction.query("INSERT INTO tickets VALUES ($1, 0, 'held')", [text]),
    rows: async () =>
      (await admin.query("SELECT order_id FROM tickets ORDER BY 1")).rows.map(({ order_id }) => order_id),
  };
};

export const openPostgresClient = async (options) => {
  const opened = await openPostgres()(options);
  const client = new pg.Client(opened.config);
  client.on("error", () => {});
  await client.connect();
  return {
    ...opened,
    client,
    store: postgresStore(client, options),
    async close() {
      await client.end();
      await opened.close();
    },
  };
};

/** Makes a database with empty tables on the MariaDB server; `pool` opens another pool on it. */
export async function mysqlDatabase(settings = {}) {
  const uri = process.env.MYSQL_URL;
  if (!uri)
    throw new Error(
      "MYSQL_URL is not set, and these tests need a MariaDB server: " +
        "run `scripts/postgres scripts/pgbouncer scripts/mariadb npm test --workspace tests/kit`",
    );
  const database = `kit_${randomUUID().replaceAll("-", "")}`;
  const { init = [], ...config } = { uri, connectionLimit: 8, ...settings };
  const open = [];
  const pool = (more = {}) => {
    const made = mysql.createPool({ ...config, database, ...more });
    // These statements set the session of each connection, as a host could.
    made.on("connection", (connection) => {
      for (const text of init) connection.query(text);
    });
    open.push(made);
    return made;
  };
  const server = mysql.createPool({ uri });
  open.push(server);
  await server.query(`CREATE DATABASE ${database}`);
  const admin = pool();
  await mysqlStore(admin).migrate();
  await admin.query(MYSQL_TICKETS);
  return {
    config: { ...config, database },
    pool,
    admin,
    async close() {
      await server.query(`DROP DATABASE ${database}`);
      await Promise.all(open.map((each) => each.end()));
    },
  };
}

/** `settings` are passed to mysql2's pool; the statements in `init` set the session of each connection. */
export const openMysql = (settings) => async (options) => {
  const { pool, admin, close, config } = await mysqlDatabase(settings);
  return {
    store: mysqlStore(pool(), options),
    peer: mysqlStore(pool(), options),
    transaction: mysqlBridge(pool(), { setsIsolation: false }).transaction,
    admin,
    pool,
    close,
    config,
    put: (transaction, text) => transaction.execute("INSERT INTO tickets VALUES (?, 0, 'held')", [text]),
    rows: async () =>
      (await admin.query({ sql: "SELECT order_id FROM tickets ORDER BY 1", rowsAsArray: true }))[0].map(String),
  };
};

export const openMysqlConnection = async (options) => {
  const { config, close, ...opened } = await openMysql()(options);
  // The package `mysql2` itself answers by callbacks.
  const connection = callbacks.createConnection(config);
  return {
    ...opened,
    store: mysqlStore(connection, options),
    async close() {
      await connection.promise().end();
      await close();
    },
  };
};

/** The same, with a store over a bridge. */
export const openOverPostgres = (settings) => async (options) => {
  const opened = await openPostgres(settings)(options);
  const bridge = pgBridge(opened.pool());
  const store = () => postgresOver(bridge, options);
  return { ...opened, store: store(), peer: store(), transaction: bridge.transaction };
};

/** `how` is given to the bridge. */
export const openOverMysql = (settings, how) => async (options) => {
  const opened = await openMysql(settings)(options);
  const bridge = mysqlBridge(opened.pool(), how);
  const store = () => mysqlOver(bridge, options);
  return { ...opened, store: store(), peer: store(), transaction: bridge.transaction };
};

export function openOverSqlite(options) {
  const { db, rows, close, put } = openSqlite(options);
  const bridge = sqliteBridge(db);
  const store = sqliteOver(bridge, options);
  return {
    store,
    db,
    rows: async () => rows(),
    close,
    put: async (...given) => put(...given),
    transaction: bridge.transaction,
  };
}

/** Settings of a host's that change how texts are written and numbers are read, and what a transaction sees. */
export const ODD_MYSQL = {
  charset: "latin1",
  flags: "-FOUND_ROWS",
  supportBigNumbers: true,
  bigNumberStrings: true,
  namedPlaceholders: true,
  rowsAsArray: true,
  typeCast: (_, next) => [next()],
  init: [
    "SET SESSION sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES,PIPES_AS_CONCAT,PAD_CHAR_TO_FULL_LENGTH'",
    "SET SESSION TRANSACTION ISOLATION LEVEL SERIALIZABLE",
  ],
};

/** The stores on which the kit's tests run. */
export const STORES = {
  memory: openMemory,
  SQLite: openSqlite,
  PostgreSQL: openPostgres(),
  "PostgreSQL, pipelined": openPostgres({ pipeline: true }),
  MariaDB: openMysql(),
};
