// A store over Knex: PostgreSQL, MySQL and MariaDB, and SQLite.
import { mysqlOver, postgresOver, sqliteOver } from "../over.js";
import { marked } from "./placeholders.js";
import { openTransaction, unsupported } from "./checked.js";

export function knexStore(knex, options) {
  const { dialect } = knex.client;
  const raw = async (text, values, tx) => (openTransaction(tx, tx?.isTransaction, "Knex") ?? knex).raw(text, values);
  const isolated = (work, isolation) => knex.transaction(work, { isolationLevel: isolation });
  if (dialect === "postgresql") {
    const query = async (text, values, tx) => (await raw(...marked(text, values), tx)).rows;
    return postgresOver({ query, transaction: isolated }, options);
  }
  if (dialect === "mysql") {
    const query = async (text, values, tx) => rowsOf((await raw(text, values, tx))[0]);
    return mysqlOver({ query, transaction: isolated }, options);
  }
  // The pool has one connection, so nobody sees what another has not committed.
  if (dialect === "sqlite3") {
    const query = async (text, values, tx) => rowsOf(await raw(text, values, tx));
    return sqliteOver({ query, transaction: (work) => knex.transaction(work) }, options);
  }
  throw unsupported("Knex", dialect);
}

/** A statement without rows answers with what it has changed. */
const rowsOf = (answer) => (Array.isArray(answer) ? answer : []);
