// A store on SQLite, over the host's own connection of bun:sqlite.
import { connection } from "../sqlite-connection.js";
import { synchronousStore } from "../sqlite-core.js";

/**
 * The host chooses the connection's settings: `PRAGMA journal_mode = WAL`, `busy_timeout` and `synchronous` mean the
 * same as for better-sqlite3.
 */
export function bunSqliteStore(db, options = {}) {
  const isOpen = () => db.inTransaction;
  return synchronousStore(connection(db, isOpen), options);
}
