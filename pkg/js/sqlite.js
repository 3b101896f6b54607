// A store on SQLite, over the host's own connection of better-sqlite3, or of libsql, which has the same functions.
import { sqlite as migration } from "./dist/sql.js";
import { connection } from "./sqlite-connection.js";
import { synchronousStore } from "./sqlite-core.js";

export { migration };

/**
 * The host chooses the connection's settings. With `journal_mode = WAL` readers do not wait for a writer; the `timeout`
 * of better-sqlite3 is how long a writer waits for another; with `synchronous = FULL` a plan that was committed
 * survives a power cut.
 */
export function sqliteStore(db, options = {}) {
  const isOpen = () => db.inTransaction;
  return synchronousStore(connection(db, isOpen), options);
}
