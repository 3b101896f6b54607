// A store over a PrismaClient: PostgreSQL, MySQL and MariaDB, and SQLite.
import { mysqlOver, postgresOver, sqliteOver } from "../over.js";
import { unsupported } from "./checked.js";

export function prismaStore(prisma, options) {
  const query = (text, values, tx = prisma) => tx.$queryRawUnsafe(text, ...values);
  const transaction = (work, isolation) => prisma.$transaction(work, LEVELS[isolation]);
  switch (prisma._activeProvider) {
    case "postgresql":
    case "postgres":
      return postgresOver({ query, transaction }, options);
    case "mysql":
      return mysqlOver({ query, transaction }, options);
    case "sqlite":
      return sqliteOver(
        {
          // Prisma has one connection to SQLite: a query outside of a transaction would see what is not committed.
          query: (text, values, tx) =>
            tx ? query(text, values, tx) : prisma.$transaction((own) => query(text, values, own)),
          transaction: (work, isolation) =>
            prisma.$transaction(work, { ...LEVELS[isolation], isolationLevel: undefined }),
        },
        options,
      );
    default:
      throw unsupported("Prisma", prisma._activeProvider);
  }
}

/** An audit reads everything in one transaction, which takes as long as it takes. */
const LEVELS = {
  "read committed": { isolationLevel: "ReadCommitted" },
  "repeatable read": { isolationLevel: "RepeatableRead", timeout: 3_600_000 },
};
