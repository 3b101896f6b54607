// A store on PostgreSQL, over the host's own pg pool, or a client of the store's own.
// A plan is one call of a function in the database. If the host writes its own rows, too, there are two calls: the
// plan's records before the host's writes, and its counters after them. A client with pg's `pipeline: true` sends all
// of it in one round trip.
import { grouped } from "./group.js";
import { unlessRepeated } from "./joining.js";
import {
  BRIEFLY,
  OWN,
  asksForRepetition,
  checkText,
  driftedOf,
  find,
  joining,
  partOf,
  read,
  readMany,
  splitUp,
} from "./over-postgres.js";
import { postgresOptions } from "./schema.js";
import { redemptionsOf } from "./steps.js";
import { operators, pruned, scanned, tell } from "./stores.js";
import { written } from "./written.js";

export { postgres as migration } from "./dist/sql.js";

export function postgresStore(target, options = {}) {
  const { onDrift, begin, groups, script, bound } = postgresOptions(options, ["group"]);
  const pool = "totalCount" in target ? target : poolOfOne(target);

  /** Runs `work` on a connection. The connection is closed afterwards unless it is known to be sound. */
  async function using(work) {
    const client = await pool.connect();
    // A connection that breaks fails its queries, and the store throws that. It also emits an event, which would end
    // the process if nobody listened.
    client.on("error", ignore);
    let broken = true;
    try {
      const result = await work(client);
      broken = false;
      return result;
    } catch (error) {
      if (!(error instanceof RolledBack)) throw error;
      broken = false;
      throw error.cause;
    } finally {
      client.release(broken);
      client.removeListener("error", ignore);
    }
  }

  const rows = (name, values) =>
    using(async (client) => (await client.query(...bound(name, values)).catch(standing)).rows);
  /** Runs several statements in one transaction. `mode` names the statement that sets what the transaction sees. */
  const within = (mode, work) =>
    using(async (client) => {
      // BEGIN and the other statement are sent as one text, in one round trip.
      await client.query(`BEGIN; ${bound(mode)[0]}`).catch(standing);
      try {
        if (begin) await beginning(client, begin);
        const result = await work(async (name, values) => (await client.query(...bound(name, values))).rows);
        await client.query("COMMIT");
        return result;
      } catch (error) {
        await client.query("ROLLBACK").catch(() => {
          throw error;
        });
        throw new RolledBack(error);
      }
    });

  /**
   * Executes a statement that only reads. If the host's default isolation level is SERIALIZABLE, PostgreSQL may refuse
   * even a read, and again and again while many write. The read is then repeated in a snapshot (REPEATABLE READ), which
   * is never refused. A snapshot is enough, because the plan's operations check the limits again.
   */
  async function look(name, values) {
    const inSnapshot = () => within("one_moment", (ask) => ask(name, values));
    if (begin) return inSnapshot();
    try {
      return await rows(name, values);
    } catch (error) {
      if (!asksForRepetition(error)) throw error;
      return inSnapshot();
    }
  }

  const store = {
    /** The script is sent as one text, so PostgreSQL runs it as one transaction and holds its lock until the end. */
    async migrate() {
      await using((client) => client.query(script).catch(standing));
    },
    read: (keys, id = null) => read(look, keys, id),
    find: (asked) => find(look, asked),
    async commit(ops, write) {
      checkText(ops);
      return unlessRepeated(asksForRepetition, false, async () => {
        const drifted =
          write || begin
            ? await using((client) => transact(client, bound, ops, write, begin))
            : driftedOf(await rows("commit", { ops: JSON.stringify([...OWN, ...ops]) }));
        tell(onDrift, drifted);
        return true;
      });
    },
    async scan(visit) {
      await within("one_moment", (ask) => scanned(ask, visit));
    },
    ...operators(look),
    prune: (isOver) =>
      unlessRepeated(asksForRepetition, null, () => within("each_statement", (ask) => pruned(ask, isOver))),
    split: (key, parts) =>
      unlessRepeated(asksForRepetition, null, () => within("each_statement", (ask) => splitUp(ask, key, parts))),
    joining(transaction) {
      const ask = async (name, values) => (await transaction.query(...bound(name, values))).rows;
      const client = { client: transaction, methods: ["query"], ending: ENDS };
      return joining(ask, transaction, onDrift, (write) => (_, redemptions) => written(client, write, redemptions));
    },
  };
  return groups ? grouped(store, { first: BRIEFLY, readMany: (keys, ids) => readMany(look, keys, ids) }) : store;
}

/** Stores the plan's records, the host's rows and the plan's counters in one transaction; returns the drifted keys. */
async function transact(client, bound, ops, write, begin) {
  const answers = [];
  let open = true;
  /**
   * The first error of a query that could not be sent. The server does not know of this query, so a COMMIT would store
   * the rest of the transaction without it.
   */
  let unsent;
  /** Sends a query: at once if the client has a pipeline, otherwise after the answer to the query before. */
  const send = (...query) => {
    const ask = () => client.query(...query);
    const answer = client.pipeline || answers.length === 0 ? ask() : answers.at(-1).then(ask, ask);
    answer.catch((error) => {
      if (!fromServer(error)) unsent ??= error;
    });
    answers.push(answer);
    return answer;
  };
  /** Sends the statement that ends the transaction, and waits for the answers to all queries. */
  const end = async (text) => {
    open = false;
    send(text);
    const settled = await Promise.allSettled(answers);
    return { settled, last: settled.at(-1) };
  };

  const begun = send("BEGIN");
  if (!client.pipeline) await begun;
  const transaction = guarded((...query) => {
    if (!open) throw new Error("the transaction is over: write has to await what it sends further queries after");
    return send(...query);
  }, write?.together);
  let own = answers.length;
  try {
    await begin?.(transaction);
    const recorded = send(...bound("commit_records", partOf(ops, false, OWN)));
    own = answers.length;
    if (!client.pipeline) await recorded;
    await write?.(transaction, redemptionsOf(ops));
    // Before the COMMIT, find out whether every query was sent. A client with a pipeline rejects an unsent query in the
    // next tick, and `unsent` is set in the tick after that. Any other client still has queries to send: wait for it.
    if (client.pipeline)
      for (let tick = 0; tick < 2; tick += 1)
        await new Promise((resume) => {
          process.nextTick(resume);
        });
    else await Promise.allSettled(answers);
    if (unsent) throw unsent;
  } catch (thrown) {
    const { settled, last } = await end("ROLLBACK");
    // If a query before `write` failed, the host's writes failed only because of that: throw the first error.
    const error = settled.slice(0, own).find(({ status }) => status === "rejected")?.reason ?? thrown;
    throw last.status === "fulfilled" ? new RolledBack(error) : error;
  }
  const counted = send(...bound("commit_counters", partOf(ops, true, OWN)));
  const { settled, last } = await end("COMMIT");
  if (last.value?.command === "COMMIT") return driftedOf((await counted).rows);
  // If the transaction had failed, PostgreSQL answers COMMIT with ROLLBACK. The first error says why it failed.
  const { reason } = settled.find(({ status }) => status === "rejected");
  throw last.status === "fulfilled" || isRefusal(last.reason) ? new RolledBack(reason) : reason;
}

const ENDS = /^\s*(?:BEGIN|START\s+TRANSACTION|COMMIT|END|ABORT|ROLLBACK(?!\s+(?:WORK\s+|TRANSACTION\s+)?TO\b))\b/i;

/** Calls the host's `begin`, and waits for its queries, also for those that `begin` does not await. */
async function beginning(client, begin) {
  const answers = [];
  await begin(
    guarded((...query) => {
      const answer = client.query(...query);
      answer.catch(ignore);
      answers.push(answer);
      return answer;
    }),
  );
  await Promise.all(answers);
}

/**
 * What `begin` and `write` get: `send`, for all queries but those that would end the transaction. In a group of plans,
 * ROLLBACK TO is refused, too: a savepoint of another `write` may have the same name. The plan then goes alone.
 */
function guarded(send, together = false) {
  return {
    query(...query) {
      const text = query[0]?.text ?? query[0];
      if (ENDS.test(text) || (together && /^\s*ROLLBACK\b/i.test(text)))
        throw new TypeError("the transaction is the store's: write must not begin or end one; SAVEPOINT is allowed");
      if (query.some((part) => typeof part === "function" || typeof part?.submit === "function"))
        throw new TypeError("in write, a query answers with a promise only");
      return send(...query);
    },
  };
}

/** The transaction was rolled back, and its connection is sound. `cause` is the reason. */
class RolledBack extends Error {
  constructor(cause) {
    super("rolled back", { cause });
  }
}

/**
 * Whether the server refused the statement, so that nothing is stored and the connection is sound.
 * Codes that begin with 57P (the server shuts down) or 08 (the connection broke) are no refusals.
 */
const isRefusal = (error) => fromServer(error) && !/^(57P|08)/.test(error.code);

const fromServer = (error) => typeof error?.severity === "string";

/** Marks the error of a single statement, which is a transaction by itself: if it is refused, it is rolled back. */
function standing(error) {
  throw isRefusal(error) ? new RolledBack(error) : error;
}

/** Makes one client look like a pool: each `connect` waits until the callers before it have released the client. */
function poolOfOne(client) {
  let free = Promise.resolve();
  return {
    async connect() {
      const before = free;
      let release;
      free = new Promise((resolve) => {
        release = resolve;
      });
      await before;
      return {
        pipeline: client.pipeline,
        query: (...query) => client.query(...query),
        on: (...listener) => client.on(...listener),
        removeListener: (...listener) => client.removeListener(...listener),
        release(broken) {
          if (broken) client.end().catch(ignore);
          release();
        },
      };
    },
  };
}

function ignore() {}
