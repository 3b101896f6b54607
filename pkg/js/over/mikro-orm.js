// A store over MikroORM: PostgreSQL, MySQL and MariaDB, and SQLite.
import { mysqlOver, postgresOver, sqliteOver } from "../over.js";
import { LOCK } from "./libsql-bridge.js";
import { marked } from "./statements.js";
import { openTransaction, unsupported } from "./checked.js";

export function mikroStore(orm, options) {
  const store = storeOver(orm, options);
  return {
    ...store,
    commit: (ops, write) => store.commit(ops, flushed(write)),
    joining(tx) {
      const joined = store.joining(tx);
      return { ...joined, commit: (ops, write) => joined.commit(ops, flushed(write)) };
    },
  };
}

/**
 * What `write` persists is flushed before the counters are stored, and lives in a fork of its own: if the plan fails,
 * the host's EntityManager, which goes on, must not flush it later.
 */
const flushed = (write) =>
  write &&
  (async (tx, redemptions) => {
    const em = tx.fork({ keepTransactionContext: true });
    await write(em, redemptions);
    await em.flush();
  });

function storeOver(orm, options) {
  // A fork of its own: the one that MikroORM finds in the caller's context may be in a transaction.
  const query = async (text, values, tx) =>
    (openTransaction(tx, tx?.isInTransaction(), "MikroORM") ?? orm.em.fork()).execute(text, values);
  const isolated = (work, isolation) => orm.em.fork().transactional(work, { isolationLevel: isolation });
  const kind = kinds(orm.em.getPlatform());
  if (/PostgreSql/.test(kind))
    return postgresOver(
      { query: (text, values, tx) => query(...marked(text, values), tx), transaction: isolated, ambient: true },
      options,
    );
  if (/MySql|MariaDb/.test(kind)) return mysqlOver({ query, transaction: isolated, ambient: true }, options);
  if (/Sqlite|LibSql/.test(kind))
    return sqliteOver({ query, transaction: (work) => orm.em.fork().transactional((tx) => locked(tx, work)) }, options);
  throw unsupported("MikroORM", kind);
}

/** Takes the write lock of SQLite by a script; libsql-bridge.js says why. */
async function locked(tx, work) {
  try {
    (await tx.getConnection().getNativeClient()).exec(LOCK);
    return await work(tx);
  } catch (error) {
    // If a ROLLBACK fails, MikroORM keeps its connection for ever. If the transaction has ended, begin another.
    await tx.execute("BEGIN").catch(() => {});
    throw error;
  }
}

/** The names of the object's class and of those that it extends. */
function kinds(object) {
  const names = [];
  for (let type = object.constructor; type.name; type = Object.getPrototypeOf(type)) names.push(type.name);
  return names.join(" ");
}

/**
 * For MikroORM's configuration: it then leaves the tables alone, and drops and alters no function of the database's, of
 * the host's own neither.
 */
export const schemaGenerator = {
  skipTables: ["redemptions", "counters", "held", "persons", "archive", "parts"].map((name) => `redeemable_${name}`),
  ignoreRoutines: true,
};
