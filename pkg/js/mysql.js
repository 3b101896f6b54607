// A store on MariaDB or MySQL, over the host's own pool of mysql2, or a connection of the store's own.
// The statements themselves check the limits, so a limit holds even if what was read before is out of date.
import { mysql as migration, mysqlStatements as statements } from "./dist/sql.js";
import { known } from "./options.js";
import { found, pruned, tell, warn } from "./stores.js";

export { migration };

export function mysqlStore(target, options = {}) {
  const { onDrift = warn } = known(options, ["onDrift"], ["options"]);
  // A pool or connection of `mysql2` itself answers by callbacks, and makes its counterpart of `mysql2/promise`.
  const promised = typeof target.promise === "function" ? target.promise() : target;
  const pool = typeof promised.getConnection === "function" ? promised : poolOfOne(promised);
  let checked;

  /** Runs `work` on a connection, which is closed afterwards if it could not be rolled back. */
  async function using(work) {
    const client = await pool.getConnection();
    // A connection that breaks fails its queries, and the store throws that. It may also emit an event, which would end
    // the process if nobody listened.
    client.on("error", ignore);
    let sound = false;
    try {
      const result = await work((name, values) => ask(client, name, values), client);
      sound = true;
      return result;
    } catch (error) {
      if (error instanceof OfTheHost) {
        sound = true;
        throw error;
      }
      await client.query("ROLLBACK").then(
        () => {
          sound = true;
        },
        () => {},
      );
      throw error;
    } finally {
      client.removeListener("error", ignore);
      if (sound) client.release();
      else client.destroy();
    }
  }

  /** Runs several statements in one transaction. `mode` names the statement that sets what the transaction sees. */
  const within = (mode, work) =>
    using(async (ask, client) => {
      await between(ask, mode);
      await ask("begin");
      const result = await work(ask, client);
      await client.query("COMMIT");
      return result;
    });

  /** Executes a statement that only reads, as a transaction by itself. */
  const look = (name, values) =>
    using(async (ask) => {
      if (!checked) checkSettings(await ask("settings"));
      checked = true;
      return ask(name, values);
    });

  return {
    async migrate() {
      await using(async (ask, client) => {
        // The server refuses this within a transaction, which the first CREATE would commit.
        await between(ask, "each_statement");
        for (const text of migration.split(/^(?=CREATE )/m).slice(1)) await client.query(text);
      });
    },
    async read(keys, id = null) {
      const { holds, counters } = found(await look("read", { keys: JSON.stringify(keys), id }));
      return { counters, existing: holds[0] ?? null };
    },
    async commit(ops, write) {
      const drifted = [];
      try {
        await within("each_statement", (ask, client) => transact(ask, client, ops, write, drifted));
      } catch (error) {
        if (asksForRepetition(error)) return false;
        throw error;
      }
      tell(onDrift, drifted);
      return true;
    },
    async find({ lapsed_by_ms, keys, limit }) {
      if (keys === null) return found(await look("lapsed", { lapsed_by_ms, limit }));
      // LIMIT takes no expression, so the number of oldest holds among which some are drawn is a value of its own.
      const among = Math.max(limit, 100);
      return found(await look("find", { lapsed_by_ms, keys: JSON.stringify(keys), limit, among }));
    },
    async scan(visit) {
      await within("one_moment", async (ask) => {
        const next = (after) => ask("page", { after });
        for (let page = await next(""); page.length > 0; page = await next(page.at(-1).id)) {
          visit({ redemptions: page.map(({ document }) => JSON.parse(document)), counters: {} });
        }
        const counters = (await ask("counters")).map(({ key, used }) => [key, Number(used)]);
        visit({ redemptions: [], counters: Object.fromEntries(counters) });
      });
    },
    async recount(key, count) {
      try {
        return await within("each_statement", async (ask) => {
          await ask("make_counter", { key });
          const [{ used }] = await ask("lock_counter", { key });
          const charging = await ask("charging", { key });
          await ask("set_counter", { key, used: count(charging.map(({ document }) => JSON.parse(document))) });
          return Number(used);
        });
      } catch (error) {
        if (asksForRepetition(error)) return null;
        throw error;
      }
    },
    async prune(isOver) {
      try {
        return await within("each_statement", (ask) => pruned(ask, isOver));
      } catch (error) {
        if (asksForRepetition(error)) return null;
        throw error;
      }
    },
  };
}

/**
 * Executes a statement of sql/, and returns its rows, or what it has changed.
 * Texts are sent as hexadecimal literals: the quotes that mysql2 would put around them are no quotes to a server with
 * the mode NO_BACKSLASH_ESCAPES, and a buyer's text could end them. Every value is read as text, so that settings of
 * the host's for dates, large numbers and casts make no difference.
 */
async function ask(client, name, values = {}) {
  const { text, names } = statements[name];
  const [result] = await client.query({
    sql: text,
    values: names.map((word) => (typeof values[word] === "string" ? Buffer.from(values[word]) : values[word])),
    typeCast: (field) => field.buffer()?.toString() ?? null,
    namedPlaceholders: false,
    nestTables: false,
    rowsAsArray: false,
  });
  return result;
}

/** Stores the plan's records, the host's rows and the plan's counters. */
async function transact(ask, client, ops, write, drifted) {
  const carryOut = async (part) => {
    for (const op of part) if (!(await run(ask, op, drifted))) throw CONFLICT;
  };
  const isCount = ({ op }) => op === "add";
  await carryOut(ops.filter((op) => !isCount(op)));
  if (write) {
    await ask("mark");
    await written(client, ops, write);
    await ask("unmark").catch((cause) => {
      if (cause.errno !== NO_SAVEPOINT) throw cause;
      throw new Error("the transaction ended within write: its records may be stored, its counters are not", { cause });
    });
  }
  await carryOut(ops.filter(isCount));
}

/** Executes one operation of a plan; returns false if it fails. */
async function run(ask, op, drifted) {
  const { key, by, at_most } = op;
  switch (op.op) {
    case "insert":
      return changes(ask("insert", row(op.redemption)));
    case "update":
      return changes(ask("update", { ...row(op.redemption), id: op.id, was: op.revision }));
    case "add":
      if (by > 0) {
        const charged = await changes(ask("charge", { key, by, at_most }));
        return charged || changes(ask("first_charge", { key, by, at_most }));
      }
      if ((await ask("drifts", { key, by }))[0].drifts === "1") drifted.push(key);
      await ask("give_back", { key, by });
      return true;
    default:
      throw new Error(`unknown operation ${op.op}`);
  }
}

function row(redemption) {
  const { id, revision, state, event_id, expires_at_ms } = redemption;
  return { id, revision, state, event_id, expires_at_ms, document: JSON.stringify(redemption) };
}

/** Whether the statement changes a row; false also if there is such a row already. */
async function changes(result) {
  try {
    return (await result).affectedRows > 0;
  } catch (error) {
    if (error.errno === DUPLICATE) return false;
    throw error;
  }
}

/** Calls `write`, and waits for all of its queries. */
async function written(client, ops, write) {
  const answers = [];
  let open = true;
  /** The first error of a query that no ROLLBACK TO SAVEPOINT has undone. */
  let failure;
  const send = (method) => (query, values) => {
    const text = query?.sql ?? query;
    if (ENDS.test(text))
      throw new TypeError(
        "the transaction is the store's: write must not begin or end one, and most statements that create, alter or " +
          "drop end it; SAVEPOINT is allowed",
      );
    if (!open) throw new Error("the transaction is over: write has to await what it sends further queries after");
    if (typeof values === "function") throw new TypeError("in write, a query answers with a promise only");
    const answer = client[method](query, values);
    answers.push(
      answer.then(
        () => {
          if (/^\s*ROLLBACK\b/i.test(text)) failure = undefined;
        },
        (error) => {
          failure ??= error;
        },
      ),
    );
    return answer;
  };
  try {
    await write(
      { query: send("query"), execute: send("execute") },
      ops.flatMap(({ redemption }) => redemption ?? []),
    );
  } finally {
    open = false;
    await Promise.all(answers);
  }
  if (failure) throw failure;
}

/** Statements that begin or end a transaction, or commit it silently. `unmark` notices the rarer ones. */
const ENDING = [
  "BEGIN|START|COMMIT|ROLLBACK(?!\\s+(?:WORK\\s+)?TO\\b)",
  "(?:CREATE|DROP)(?!\\s+TEMPORARY\\b)|ALTER|RENAME|TRUNCATE|LOCK|UNLOCK",
];
const ENDS = new RegExp(`^\\s*(?:${ENDING.join("|")})\\b`, "i");

/**
 * Refuses settings under which a single SELECT would not see one moment, or not the present one. `commit` does not
 * depend on them: it begins its transaction and sets its isolation level by itself.
 */
function checkSettings(rows) {
  const settings = Object.fromEntries(rows.map((row) => [row.Variable_name, row.Value]));
  if (settings.autocommit !== "ON")
    throw new Error("the connection has autocommit off, and every read would stay at the moment of the first one");
  if ((settings.transaction_isolation ?? settings.tx_isolation) === "READ-UNCOMMITTED")
    throw new Error("the connection reads what is not committed: expected any other isolation level");
}

/**
 * Whether to read and decide again: an operation of the plan has failed, or there was a deadlock (1213), a lock
 * time-out (1205), or a conflict with another host's transaction (1020 on MariaDB, 3101 in a group of MySQL servers).
 * A library between mysql2 and the store may wrap the error in one of its own, as `cause`.
 */
function asksForRepetition(error) {
  for (let depth = 0; error && depth < 5; depth += 1, error = error.cause) {
    if (error === CONFLICT || [1213, 1205, 1020, 3101].includes(error.errno)) return true;
  }
  return false;
}

/** Makes one connection look like a pool: each caller waits until those before it have released the connection. */
function poolOfOne(client) {
  let free = Promise.resolve();
  return {
    async getConnection() {
      const before = free;
      let release;
      free = new Promise((resolve) => {
        release = resolve;
      });
      await before;
      return {
        query: (...query) => client.query(...query),
        execute: (...query) => client.execute(...query),
        on: (...listener) => client.on(...listener),
        removeListener: (...listener) => client.removeListener(...listener),
        release,
        destroy() {
          client.destroy();
          release();
        },
      };
    },
  };
}

const CONFLICT = Symbol("an operation no longer holds");
const DUPLICATE = 1062;
const NO_SAVEPOINT = 1305;
const IN_TRANSACTION = 1568;

/** Sets what the next transaction sees. A server refuses it within a transaction, which is then one of the host's. */
const between = (ask, mode) =>
  ask(mode).catch((cause) => {
    throw cause.errno === IN_TRANSACTION ? new OfTheHost({ cause }) : cause;
  });

/** The connection is in a transaction that the host has begun, which must be left alone. */
class OfTheHost extends Error {
  constructor(options) {
    super("the connection is in a transaction of the host's: a store needs it between transactions", options);
  }
}

function ignore() {}
