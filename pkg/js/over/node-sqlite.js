// A store on SQLite, over the host's own connection of node:sqlite: in Node from 22.16 on, in Deno and in Bun.
import { connection } from "../sqlite-connection.js";
import { synchronousStore } from "../sqlite-core.js";

/**
 * The host chooses the connection's settings: `PRAGMA journal_mode = WAL` and `synchronous`, and the option `timeout`,
 * mean the same as for better-sqlite3.
 */
export function nodeSqliteStore(db, options = {}) {
  // Without it, the store could not tell its own transactions from the host's.
  if (typeof db.isTransaction !== "boolean")
    throw new TypeError("db: expected a DatabaseSync of node:sqlite with isTransaction, as in Node from 22.16 on");
  const isOpen = () => db.isTransaction;
  return synchronousStore(connection(db, isOpen), options);
}
