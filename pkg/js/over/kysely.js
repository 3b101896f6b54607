// A store over Kysely: PostgreSQL, PGlite, MySQL and MariaDB, and SQLite.
import { CompiledQuery, MysqlAdapter, PostgresAdapter, SqliteAdapter } from "kysely";
import { mysqlOver, postgresOver, sqliteOver } from "../over.js";
import { openTransaction, unsupported } from "./checked.js";

export function kyselyStore(db, options) {
  const { adapter } = db.getExecutor();
  /** Without the host's plugins, which may rename columns or read values in another way. */
  const query = async (text, values, tx) => {
    const on = openTransaction(tx, tx?.isTransaction, "Kysely") ?? db;
    return (await on.withoutPlugins().executeQuery(CompiledQuery.raw(text, values))).rows;
  };
  const isolated = (work, isolation) => db.transaction().setIsolationLevel(isolation).execute(work);
  if (adapter instanceof PostgresAdapter) return postgresOver({ query, transaction: isolated }, options);
  if (adapter instanceof MysqlAdapter) return mysqlOver({ query, transaction: isolated }, options);
  if (adapter instanceof SqliteAdapter)
    return sqliteOver({ query, transaction: (work) => db.transaction().execute(work) }, options);
  throw unsupported("Kysely", adapter.constructor.name);
}
