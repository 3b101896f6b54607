// A store over Knex: PostgreSQL, MySQL and MariaDB, and SQLite. And its tables as a migration of Knex.
import { scripts } from "../dist/sql.js";
import { mysqlOver, postgresOver, sqliteOver } from "../over.js";
import { openTransaction, unsupported } from "./checked.js";
import { marked } from "./statements.js";

export function knexStore(knex, options) {
  const { over, query } = dialectOf(knex);
  /** The pool on SQLite has one connection, so nobody sees what another has not committed. */
  const settings = (isolation) => (over === sqliteOver ? {} : { isolationLevel: isolation });
  return over({ query, transaction: (work, isolation) => knex.transaction(work, settings(isolation)) }, options);
}

/** For a migration file: `export { up, down } from "redeemable/over/knex"`. */
export async function up(knex) {
  const { script, query } = dialectOf(knex);
  for (const text of script) await query(text, []);
}

/** Leaves the tables as they are: what was sold is not undone with a migration. */
export async function down() {}

function dialectOf(knex) {
  const { dialect } = knex.client;
  const raw = async (text, values, tx) => (openTransaction(tx, tx?.isTransaction, "Knex") ?? knex).raw(text, values);
  switch (dialect) {
    case "postgresql": {
      const query = async (text, values, tx) => (await raw(...marked(text, values), tx)).rows;
      return { over: postgresOver, script: scripts.postgres, query };
    }
    case "mysql": {
      const query = async (text, values, tx) => rowsOf((await raw(text, values, tx))[0]);
      return { over: mysqlOver, script: scripts.mysql, query };
    }
    case "sqlite3": {
      const query = async (text, values, tx) => rowsOf(await raw(text, values, tx));
      return { over: sqliteOver, script: scripts.sqlite, query };
    }
    default:
      throw unsupported("Knex", dialect);
  }
}

/** A statement without rows answers with what it has changed. */
const rowsOf = (answer) => (Array.isArray(answer) ? answer : []);
