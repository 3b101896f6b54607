// Databases of a test's own, with our tables (made by the package's own stores) and the host's table of tickets. They
// stay on the server, which is removed after the tests.
import { fork } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import Database from "better-sqlite3";
import mysql from "mysql2/promise";
import pg from "pg";
import { mysqlStore } from "redeemable/mysql";
import { postgresStore } from "redeemable/postgres";
import { sqliteStore } from "redeemable/sqlite";
import { mysqlTables, postgresTables, postgresTablesBy, sqliteTables } from "../kit/audit.js";

const OURS = ["redemptions", "counters", "held", "persons", "archive"].map((name) => `redeemable_${name}`);
OURS.push("tickets");

function address(name) {
  const url = process.env[name];
  if (!url)
    throw new Error(`${name} is not set: run \`scripts/postgres scripts/mariadb npm test --prefix tests/orms\``);
  return url;
}

/** A place has our tables and the host's unless it is told not to. */
async function postgres({ ours = true, tickets = ours } = {}) {
  const name = `orm_${randomUUID().replaceAll("-", "")}`;
  const url = address("DATABASE_URL").replace(/\/postgres$/, `/${name}`);
  const server = new pg.Client(address("DATABASE_URL"));
  await server.connect();
  await server.query(`CREATE DATABASE ${name}`);
  await server.end();
  const admin = new pg.Pool({ connectionString: url, max: 3 });
  admin.on("error", () => {});
  if (ours) await postgresStore(admin).migrate();
  if (tickets) {
    await admin.query(
      "CREATE TABLE tickets (order_id text, position int, state text, PRIMARY KEY (order_id, position))",
    );
  }
  return {
    url,
    ask: async (text) => (await admin.query(text)).rows,
    tables: () => postgresTables(admin),
    clear: () => admin.query(`TRUNCATE ${OURS.join(", ")}`),
    close: () => admin.end(),
  };
}

async function mariadb({ ours = true, tickets = ours } = {}) {
  const name = `orm_${randomUUID().replaceAll("-", "")}`;
  const url = address("MYSQL_URL").replace(/\/test$/, `/${name}`);
  const server = await mysql.createConnection(address("MYSQL_URL"));
  await server.query(`CREATE DATABASE ${name}`);
  await server.end();
  const admin = mysql.createPool({ uri: url, connectionLimit: 3 });
  if (ours) await mysqlStore(admin).migrate();
  if (tickets) {
    await admin.query(
      "CREATE TABLE tickets (order_id varchar(256) COLLATE utf8mb4_bin, position int, state text, " +
        "PRIMARY KEY (order_id, position))",
    );
  }
  return {
    url,
    ask: async (text) => (await admin.query(text))[0],
    tables: () => mysqlTables(admin),
    async clear() {
      for (const table of OURS) await admin.query(`DELETE FROM ${table}`);
    },
    close: () => admin.end(),
  };
}

function sqlite({ ours = true, tickets = ours } = {}) {
  const folder = mkdtempSync(join(tmpdir(), "redeemable-orms-"));
  const file = join(folder, "shop.sqlite");
  const db = new Database(file, { timeout: 10_000 });
  db.pragma("journal_mode = WAL");
  if (ours) sqliteStore(db).migrate();
  if (tickets) {
    db.exec("CREATE TABLE tickets (order_id TEXT, position INTEGER, state TEXT, PRIMARY KEY (order_id, position))");
  }
  return {
    url: file,
    ask: (text) => db.prepare(text).all(),
    tables: () => sqliteTables(db),
    clear() {
      for (const table of OURS) db.exec(`DELETE FROM ${table}`);
    },
    /** Another process takes the write lock; the answer ends it. */
    async lock() {
      const locker = fork(fileURLToPath(new URL("locker.js", import.meta.url)), [file]);
      await once(locker, "message");
      return async () => {
        locker.kill("SIGKILL");
        await once(locker, "exit");
      };
    },
    close() {
      db.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/** PGlite is a database within the process: the host opens it, and the test asks the host. */
async function pglite() {
  const { PGlite } = await import("@electric-sql/pglite");
  const db = await PGlite.create();
  const { pgliteStore } = await import("redeemable/over/pglite");
  await pgliteStore(db).migrate();
  await db.exec("CREATE TABLE tickets (order_id text, position int, state text, PRIMARY KEY (order_id, position))");
  const ask = async (text) => (await db.query(text)).rows;
  return {
    url: db,
    ask,
    tables: () => postgresTablesBy(ask),
    clear: () => db.query(`TRUNCATE ${OURS.join(", ")}`),
    close: () => db.close(),
  };
}

export const PLACES = { postgres, mariadb, sqlite, pglite };

/** The host's rows: a row for each ticket of the redemption that is not released. */
export const rowsOf = ({ id, state, tickets }) =>
  tickets.flatMap(({ released }, position) => (released ? [] : { order_id: id, position, state }));
