// For hosts in processes of their own: opens the store that the parent names, and writes the host's rows.
import Database from "better-sqlite3";
import pg from "pg";
import { postgresStore } from "redeemable/postgres";
import { sqliteStore } from "redeemable/sqlite";
import { writeOnPostgres, writeOnSqlite } from "./rows.js";

export function openPlace(place) {
  if (!place.file) {
    const pool = new pg.Pool(place.config);
    return { store: postgresStore(pool), write: writeOnPostgres, close: () => pool.end() };
  }
  const db = new Database(place.file, { timeout: 10_000 });
  return {
    store: sqliteStore(db),
    write: writeOnSqlite(db),
    close: () => {
      db.close();
    },
  };
}
