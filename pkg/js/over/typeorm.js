// A store over TypeORM: PostgreSQL, MySQL and MariaDB.
import { mysqlOver, postgresOver } from "../over.js";
import { openTransaction, unsupported } from "./checked.js";

export function typeormStore(dataSource, options) {
  const { type } = dataSource.options;
  const bridge = {
    async query(text, values, tx) {
      openTransaction(tx, tx?.queryRunner?.isTransactionActive, "TypeORM");
      const runner = tx?.queryRunner ?? dataSource.createQueryRunner();
      try {
        return (await runner.query(text, values, true)).records ?? [];
      } finally {
        if (!tx) await runner.release();
      }
    },
    transaction: (work, isolation) => dataSource.transaction(isolation.toUpperCase(), work),
  };
  if (type === "postgres") return postgresOver(bridge, options);
  if (type === "mysql" || type === "mariadb") return mysqlOver(bridge, options);
  // With one connection for everybody, TypeORM makes a transaction that begins within another's a savepoint of it: a
  // buyer could undo what another has bought.
  throw unsupported("TypeORM", type, "postgres, mysql or mariadb (on SQLite, take a store over the driver itself)");
}
