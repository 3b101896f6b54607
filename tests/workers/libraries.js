// The libraries of SQLite that a synchronous store works over: how each opens a file, and the store over it.
import { nodeSqliteStore } from "redeemable/over/node-sqlite";
import { bunSqliteStore } from "redeemable/over/bun-sqlite";
import { sqliteStore } from "redeemable/sqlite";

export const LIBRARIES = {
  async "bun:sqlite"() {
    const { Database } = await import("bun:sqlite");
    return { connect: (file) => new Database(file), storeOver: bunSqliteStore };
  },
  /** With settings of the host's that change what rows and numbers look like. */
  async "bun:sqlite, odd"() {
    const { Database } = await import("bun:sqlite");
    return {
      connect: (file) => new Database(file, { create: true, strict: true, safeIntegers: true }),
      storeOver: bunSqliteStore,
    };
  },
  async "node:sqlite"() {
    const { DatabaseSync } = await import("node:sqlite");
    return { connect: (file) => new DatabaseSync(file), storeOver: nodeSqliteStore };
  },
  async "node:sqlite, odd"() {
    const { DatabaseSync } = await import("node:sqlite");
    return { connect: (file) => new DatabaseSync(file, { readBigInts: true }), storeOver: nodeSqliteStore };
  },
  async libsql() {
    const { default: Database } = await import("libsql");
    return { connect: (file) => new Database(file), storeOver: sqliteStore };
  },
  async "better-sqlite3"() {
    const { default: Database } = await import("better-sqlite3");
    return { connect: (file) => new Database(file), storeOver: sqliteStore };
  },
};
