// A store over a database of Drizzle: PostgreSQL and MySQL with every driver that has transactions, libSQL, and
// better-sqlite3.
import { entityKind, sql } from "drizzle-orm";
import { mysqlOver, postgresOver, sqliteOver } from "../over.js";
import { sqliteStore } from "../sqlite.js";
import { beginWriting, libsqlBridge } from "./libsql-bridge.js";
import { mayFail } from "./statements.js";
import { inTurn } from "./turns.js";
import { openTransaction, unsupported } from "./checked.js";

export function drizzleStore(db, options) {
  const kinds = kindsOf(db);
  /** The host's transaction, or the database. */
  const opened = (tx) => openTransaction(tx, tx !== db, "Drizzle") ?? db;
  const transaction = (work, isolation) => db.transaction(work, { isolationLevel: isolation });
  if (kinds.includes("PgDatabase")) {
    const own = new WeakSet();
    const nests = (text, tx) => kinds.includes("PostgresJsDatabase") && mayFail(text) && tx && !own.has(tx);
    const query = async (text, values, tx) => {
      const sent = statement(text, /\$(\d+)/, (number) => values[number - 1]);
      const answer = await (nests(text, tx)
        ? opened(tx).transaction((inner) => inner.execute(sent))
        : opened(tx).execute(sent));
      return answer.rows ?? answer;
    };
    const owning = (work) => (tx) => {
      own.add(tx);
      return work(tx);
    };
    return postgresOver({ query, transaction: (work, isolation) => transaction(owning(work), isolation) }, options);
  }
  if (kinds.includes("MySqlDatabase")) {
    const query = async (text, values, tx) => {
      const [rows] = await opened(tx).execute(statement(text, /(\?)/, inOrder(values)));
      return Array.isArray(rows) ? rows : [];
    };
    return mysqlOver({ query, transaction }, options);
  }
  if (kinds.includes("LibSQLDatabase")) return sqliteOver(onLibsql(db), options);
  if (kinds.includes("BetterSQLite3Database")) return synchronous(db, sqliteStore(db.$client, options));
  throw unsupported("Drizzle", kinds[0] ?? typeof db, "a database of PostgreSQL, MySQL, libsql or better-sqlite3");
}

function onLibsql(db) {
  const client = libsqlBridge(db.$client);
  /** Drizzle's session would begin by a prepared statement; libsql-bridge.js says what is wrong with that. */
  const session = Object.create(db.session, { client: { value: { transaction: () => beginWriting(db.$client) } } });
  return {
    query: async (text, values, tx) =>
      openTransaction(tx, tx !== db, "Drizzle")?.all
        ? tx.all(statement(text, /(\?)/, inOrder(values)))
        : client.query(text, values, tx),
    transaction: (work, isolation) =>
      isolation === "repeatable read"
        ? client.transaction(work, isolation)
        : inTurn(db.$client, () => session.transaction(work)),
  };
}

/** The store of the driver itself. Drizzle's database is the same connection, so it writes in the same transaction. */
function synchronous(db, store) {
  const writing = (joined, tx) => (ops, write) =>
    joined.commit(ops, write && ((_, redemptions) => write(tx, redemptions)));
  return {
    ...store,
    commit: writing(store, db),
    joining(tx) {
      const joined = store.joining(db.$client);
      return { ...joined, commit: writing(joined, tx) };
    },
  };
}

/** The statement as Drizzle takes it: `place` finds where values stand, and `value` says which. */
function statement(text, place, value) {
  const parts = text.split(place);
  return sql.join(parts.map((part, index) => (index % 2 === 0 ? sql.raw(part) : sql`${value(part)}`)));
}

function inOrder(values) {
  let next = -1;
  return () => {
    next += 1;
    return values[next];
  };
}

/** The names that Drizzle gives to the object's class and to those that it extends. */
function kindsOf(object) {
  const names = [];
  for (let type = object?.constructor; type; type = Object.getPrototypeOf(type))
    if (Object.hasOwn(type, entityKind)) names.push(type[entityKind]);
  return names;
}
