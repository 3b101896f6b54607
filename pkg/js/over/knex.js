// A store over Knex: PostgreSQL, MySQL and MariaDB, and SQLite.
import { mysqlOver, postgresOver, sqliteOver } from "../over.js";
import { marked } from "./placeholders.js";
import { unsupported } from "./unsupported.js";

export function knexStore(knex, options) {
  const { dialect } = knex.client;
  const isolated = (work, isolation) => knex.transaction(work, { isolationLevel: isolation });
  if (dialect === "postgresql") {
    const query = async (text, values, tx = knex) => (await tx.raw(...marked(text, values))).rows;
    return postgresOver({ query, transaction: isolated }, options);
  }
  if (dialect === "mysql") {
    const query = async (text, values, tx = knex) => rowsOf((await tx.raw(text, values))[0]);
    return mysqlOver({ query, transaction: isolated }, options);
  }
  // The pool has one connection, so nobody sees what another has not committed.
  if (dialect === "sqlite3") {
    const query = async (text, values, tx = knex) => rowsOf(await tx.raw(text, values));
    return sqliteOver({ query, transaction: (work) => knex.transaction(work) }, options);
  }
  throw unsupported("Knex", dialect);
}

/** A statement without rows answers with what it has changed. */
const rowsOf = (answer) => (Array.isArray(answer) ? answer : []);
