// A store over Kysely: PostgreSQL, PGlite, MySQL and MariaDB, and SQLite. And its tables as a migration of Kysely.
import { CompiledQuery, MysqlAdapter, PostgresAdapter, SqliteAdapter } from "kysely";
import { scripts } from "../dist/sql.js";
import { mysqlOver, postgresOver, sqliteOver } from "../over.js";
import { openTransaction, unsupported } from "./checked.js";

export function kyselyStore(db, options) {
  const { over, isolated } = dialectOf(db);
  const query = async (text, values, tx) => rows(openTransaction(tx, tx?.isTransaction, "Kysely") ?? db, text, values);
  const begin = (isolation) => (isolated ? db.transaction().setIsolationLevel(isolation) : db.transaction());
  return over({ query, transaction: (work, isolation) => begin(isolation).execute(work) }, options);
}

/** For a migration file: `export { up, down } from "redeemable/over/kysely"`. */
export async function up(db) {
  for (const text of dialectOf(db).script) await rows(db, text, []);
}

/** Leaves the tables as they are: what was sold is not undone with a migration. */
export async function down() {}

/** Without the host's plugins, which may rename columns or read values in another way. */
const rows = async (db, text, values) => (await db.withoutPlugins().executeQuery(CompiledQuery.raw(text, values))).rows;

function dialectOf(db) {
  const { adapter } = db.getExecutor();
  if (adapter instanceof PostgresAdapter) return { over: postgresOver, script: scripts.postgres, isolated: true };
  if (adapter instanceof MysqlAdapter) return { over: mysqlOver, script: scripts.mysql, isolated: true };
  if (adapter instanceof SqliteAdapter) return { over: sqliteOver, script: scripts.sqlite, isolated: false };
  throw unsupported("Kysely", adapter.constructor.name);
}
