// A store over Sequelize: PostgreSQL, MySQL and MariaDB, and SQLite.
import { mysqlOver, postgresOver, sqliteOver } from "../over.js";
import { numbered } from "./statements.js";
import { unsupported } from "./checked.js";

export function sequelizeStore(sequelize, options) {
  const dialect = sequelize.getDialect();
  /** `transaction: null` keeps Sequelize from taking the transaction that it finds in the caller's context (CLS). */
  const query = async (text, values, tx = null) => {
    const bind = values.length > 0 ? values : undefined;
    const [rows] = await sequelize.query(text, { bind, transaction: tx, raw: true });
    return Array.isArray(rows) ? rows : [];
  };
  const transaction = (work, isolation) =>
    sequelize.transaction({ isolationLevel: isolation?.toUpperCase(), transaction: null }, work);
  // With CLS, what a host does in `write` without naming the transaction is in it all the same.
  const ambient = true;
  const renumbered = (text, values, tx) => query(numbered(text), values, tx);
  if (dialect === "postgres") return postgresOver({ query, transaction, ambient }, options);
  if (dialect === "mysql" || dialect === "mariadb")
    return mysqlOver({ query: renumbered, transaction, ambient }, options);
  if (dialect === "sqlite")
    return sqliteOver({ query: renumbered, transaction: (work) => sequelize.transaction(work) }, options);
  throw unsupported("Sequelize", dialect);
}
