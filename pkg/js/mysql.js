// A store on MariaDB or MySQL, over the host's own pool of mysql2, or a connection of the store's own.
// The statements themselves check the limits, so a limit holds even if what was read before is out of date.
import { mysql as migration, scripts, mysqlStatements as statements } from "./dist/sql.js";
import { checkedGroup, grouped } from "./group.js";
import { unlessRepeated } from "./joining.js";
import { hashOf, hashesOf } from "./mysql-hashes.js";
import { splitUp } from "./mysql-parts.js";
import { known } from "./options.js";
import {
  asksForRepetition,
  carriedOut,
  changing,
  checkSettings,
  checkedOnce,
  find,
  joining,
  named,
  read,
  readMany,
} from "./over-mysql.js";
import { redemptionsOf } from "./steps.js";
import { operators, pruned, scanned, tell, warn } from "./stores.js";
import { written } from "./written.js";

export { migration };

export function mysqlStore(target, options = {}) {
  const { onDrift = warn, group } = known(options, ["onDrift", "group"], ["options"]);
  const groups = checkedGroup(group);
  const promised = promising(target);
  const pool = typeof promised.getConnection === "function" ? promised : poolOfOne(promised);
  const checked = checkedOnce();

  /** Runs `work` on a connection, which is closed afterwards if it could not be rolled back. */
  async function using(work) {
    const client = await pool.getConnection();
    // A connection that breaks fails its queries, and the store throws that. It may also emit an event, which would end
    // the process if nobody listened.
    client.on("error", ignore);
    let sound = false;
    try {
      const result = await work((name, values, own) => ask(client, name, values, own), client);
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
      const result = await work((name, values) => ask(name, values, true), client);
      await client.query("COMMIT");
      return result;
    });

  /** Executes a statement that only reads, as a transaction by itself. */
  const look = (name, values) =>
    using(async (ask) => {
      await checked(ask, checkSettings);
      return ask(name, values);
    });

  const store = {
    async migrate() {
      await using(async (ask, client) => {
        // The server refuses this within a transaction, which the first CREATE would commit.
        await between(ask, "each_statement");
        for (const text of scripts.mysql) await client.query(text);
      });
    },
    read: (keys, id = null) => read(look, keys, id),
    find: (asked) => find(look, asked),
    commit: (ops, write) =>
      unlessRepeated(asksForRepetition, false, async () => {
        const drifted = await within("each_statement", (ask, client) => carryOut(ask, client, ops, write));
        tell(onDrift, drifted);
        return true;
      }),
    async scan(visit) {
      await within("one_moment", (ask) => scanned(ask, visit));
    },
    ...operators(look, hashOf),
    prune: (isOver) =>
      unlessRepeated(asksForRepetition, null, () => within("each_statement", (ask) => pruned(ask, isOver, hashesOf))),
    split: (key, parts) =>
      unlessRepeated(asksForRepetition, null, () => within("each_statement", (ask) => splitUp(ask, key, parts))),
    joining(transaction) {
      const client = promising(transaction);
      const asking = (name, values) => ask(client, name, values);
      return joining(transaction, asking, (ops, write) => carryOut(asking, client, ops, write), onDrift, checked);
    },
  };
  return groups ? grouped(store, { readMany: (keys, ids) => readMany(look, keys, ids) }) : store;
}

/**
 * Executes a statement of sql/, and returns its rows, or what it has changed.
 * Texts are sent as hexadecimal literals: the quotes that mysql2 would put around them are no quotes to a server with
 * the mode NO_BACKSLASH_ESCAPES, and a buyer's text could end them. Every value is read as text, so that settings of
 * the host's for dates, large numbers and casts make no difference.
 */
async function ask(client, name, values = {}, own = false) {
  const { text, names } = statements[name];
  const [result] = await client.query({
    sql: named(text, values, own),
    values: names.map((word) => (typeof values[word] === "string" ? Buffer.from(values[word]) : values[word])),
    typeCast: (field) => field.buffer()?.toString() ?? null,
    namedPlaceholders: false,
    nestTables: false,
    rowsAsArray: false,
  });
  return result;
}

/** Stores the plan's records, the host's rows and the plan's counters; returns the keys of those that drifted. */
function carryOut(ask, client, ops, write) {
  const ending = write?.together ? IN_GROUP : ENDS;
  const watched = { client, methods: ["query", "execute"], ending, inTurn: true };
  const changes = changing(async (name, values) => (await ask(name, values)).affectedRows);
  return carriedOut({ ask, changes }, ops, write && (() => written(watched, write, redemptionsOf(ops))));
}

/** A pool or connection of `mysql2` itself answers by callbacks, and makes its counterpart of `mysql2/promise`. */
const promising = (target) => (typeof target.promise === "function" ? target.promise() : target);

/** Statements that begin or end a transaction, or commit it silently. `unmark` notices the rarer ones. */
const ENDING = [
  "BEGIN|START|COMMIT|ROLLBACK(?!\\s+(?:WORK\\s+)?TO\\b)",
  "(?:CREATE|DROP)(?!\\s+TEMPORARY\\b)|ALTER|RENAME|TRUNCATE|LOCK|UNLOCK",
];
const ENDS = new RegExp(`^\\s*(?:${ENDING.join("|")})\\b`, "i");
/** In a group of plans, going back to a savepoint as well: it would hide an error of another plan's `write`. */
const IN_GROUP = new RegExp(`^\\s*(?:ROLLBACK|${ENDING.join("|")})\\b`, "i");

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
