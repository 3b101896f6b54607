// For hosts in processes of their own: opens the store that the parent names (`over`: over a bridge), and writes the
// host's rows.
import Database from "better-sqlite3";
import mysql from "mysql2/promise";
import pg from "pg";
import { mysqlStore } from "redeemable/mysql";
import { mysqlOver, postgresOver, sqliteOver } from "redeemable/over";
import { postgresStore } from "redeemable/postgres";
import { sqliteStore } from "redeemable/sqlite";
import { mysqlBridge, pgBridge, sqliteBridge } from "./bridges.js";
import { writeOnMysql, writeOnPostgres, writeOnSqlite, writeOverPostgres } from "./rows.js";

export function openPlace(place) {
  if (place.mysql) {
    const pool = mysqlPool(place);
    const store = place.over ? mysqlOver(mysqlBridge(pool)) : mysqlStore(pool);
    return { store, write: writeOnMysql, close: () => pool.end() };
  }
  if (!place.file) {
    const pool = new pg.Pool(place.config);
    const store = place.over ? postgresOver(pgBridge(pool)) : postgresStore(pool);
    // When the test drops the database, the server ends the connections that wait in the pool.
    pool.on("error", () => {});
    return { store, write: place.over ? writeOverPostgres : writeOnPostgres, close: () => pool.end() };
  }
  const db = new Database(place.file, { timeout: 10_000 });
  return {
    store: place.over ? sqliteOver(sqliteBridge(db)) : sqliteStore(db),
    write: writeOnSqlite(db),
    close: () => {
      db.close();
    },
  };
}

/** A pool whose connections begin with the statements in `init`. */
export function mysqlPool({ mysql: config, init = [] }) {
  const pool = mysql.createPool(config);
  pool.on("connection", (connection) => {
    for (const text of init) connection.query(text);
  });
  return pool;
}
