// A store on PostgreSQL, over the host's own pg pool, or a client of the store's own.
// The plan is one call of a function in the database, or two around the host's own writes, which a client with pg's `pipeline: true` still does in one round trip.
import { postgres as migration } from "./dist/sql.js";
import { invalid, known, tell } from "./options.js";

export { migration };

export function postgresStore(target, options = {}) {
  const { onDrift = warn } = known(options, ["onDrift"], ["options"]);
  const pool = "totalCount" in target ? target : poolOfOne(target);

  /** Runs `work` on a connection, which is dropped unless it is known to be sound afterwards. */
  async function using(work) {
    const client = await pool.connect();
    // A connection that breaks fails its queries; without a listener the event would end the process, too.
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

  const rows = (text, values) => using(async (client) => (await client.query(text, values).catch(standing)).rows);
  /** Some statements in one transaction, whatever its end. */
  const within = (begin, work) =>
    using(async (client) => {
      await client.query(begin).catch(standing);
      try {
        const result = await work(client);
        await client.query("COMMIT");
        return result;
      } catch (error) {
        await client.query("ROLLBACK").catch(() => {
          throw error;
        });
        throw new RolledBack(error);
      }
    });

  /** In a serializable transaction even a read can be refused, again and again where many write. The guards do not need it to be one. */
  async function look(text, values) {
    try {
      return await rows(text, values);
    } catch (error) {
      if (!asksForRepetition(error)) throw error;
      return within(SNAPSHOT, async (client) => (await client.query(text, values)).rows);
    }
  }

  return {
    /** As one text it is one transaction, which its lock needs. */
    async migrate() {
      await using((client) => client.query(migration).catch(standing));
    },
    async read(keys, id = null) {
      const {
        counters,
        records: [existing = null],
      } = told(await look(READ, [keys, id?.includes("\0") ? null : id]));
      return { counters, existing };
    },
    async commit(ops, write) {
      if (/(?<!\\)(?:\\\\)*\\u0000/.test(JSON.stringify(ops)))
        throw invalid([], "expected text without U+0000, which PostgreSQL cannot store");
      let drifted;
      try {
        drifted = write
          ? await using((client) => transact(client, ops, write))
          : await rows(COMMIT, [JSON.stringify(ops)]);
      } catch (error) {
        if (asksForRepetition(error)) return false;
        throw error;
      }
      tell(
        onDrift,
        drifted.map(({ key }) => key),
      );
      return true;
    },
    async find({ lapsed_by_ms, keys, limit }) {
      const { counters, records } = told(
        await (keys === null ? look(LAPSED, [lapsed_by_ms, limit]) : look(FIND, [lapsed_by_ms, keys, limit])),
      );
      return { holds: records, counters };
    },
    async scan(visit) {
      await within(SNAPSHOT, async (client) => {
        const next = async (after) => (await client.query(PAGE, [after])).rows;
        for (let page = await next(""); page.length > 0; page = await next(page.at(-1).id)) {
          visit({ redemptions: page.map(({ document }) => JSON.parse(document)), counters: {} });
        }
        const { rows } = await client.query("SELECT key, used::text AS used FROM redeemable_counters");
        visit({ redemptions: [], counters: Object.fromEntries(rows.map(({ key, used }) => [key, Number(used)])) });
      });
    },
    async recount(key, count) {
      try {
        // The records are read as of after the lock. A snapshot from before it would be refused, again and again where many buy.
        return await within("BEGIN ISOLATION LEVEL READ COMMITTED", async (client) => {
          const {
            rows: [{ used }],
          } = await client.query(LOCK, [key]);
          const { rows } = await client.query(CHARGING, [key]);
          await client.query("UPDATE redeemable_counters SET used = $2::bigint WHERE key = $1::text", [
            key,
            count(rows.map(({ document }) => JSON.parse(document))),
          ]);
          return Number(used);
        });
      } catch (error) {
        if (asksForRepetition(error)) return null;
        throw error;
      }
    },
  };
}

// One moment for all of its statements. It takes no lock that a buyer waits for, and is never asked for again.
const SNAPSHOT = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
// Numbers and documents come as text, whatever parsers of types the host has set. One statement sees one moment.
const READ = `
  SELECT key, used::text AS value FROM redeemable_counters WHERE key = ANY($1::text[])
  UNION ALL SELECT NULL, document::text FROM redeemable_redemptions WHERE id = $2::text`;
const COMMIT = "SELECT key FROM unnest(redeemable_commit($1::json)) AS key";
// A setting that lasts as long as the transaction: without it, the counters are not in the one that stored the records.
const RECORD = "SELECT redeemable_commit($1::json), set_config('redeemable.open', 'yes', true)";
const COUNT = `
  SELECT key, open FROM (SELECT COALESCE(current_setting('redeemable.open', true), '') = 'yes' AS open) AS transaction
  LEFT JOIN LATERAL (SELECT key FROM unnest(CASE WHEN open THEN redeemable_commit($1::json) END) AS key) AS drifted ON true`;
const LAPSED = `
  SELECT NULL AS key, document::text AS value FROM redeemable_redemptions
  WHERE state = 'held' AND expires_at_ms <= $1::bigint ORDER BY expires_at_ms, id LIMIT $2::bigint`;
// At random among the oldest, so that buyers who look at once meet at few. The text is searched first, which is much faster than the JSON in it.
const FIND = `
  SELECT key, used::text AS value FROM redeemable_counters WHERE key = ANY($2::text[])
  UNION ALL SELECT NULL, document FROM (
    SELECT document FROM (
      SELECT document::text AS document FROM redeemable_redemptions
      WHERE state = 'held' AND expires_at_ms <= $1::bigint
        AND CASE WHEN EXISTS (SELECT 1 FROM unnest($2) AS key WHERE strpos(document::text, '"' || key || '"') > 0)
          THEN EXISTS (SELECT 1 FROM json_array_elements(document -> 'charges') AS charge WHERE charge ->> 'key' = ANY($2)) ELSE false END
      ORDER BY expires_at_ms, id LIMIT greatest($3::bigint, 100)) AS oldest
    ORDER BY random() LIMIT $3) AS chosen`;
const PAGE =
  "SELECT id, document::text AS document FROM redeemable_redemptions WHERE id > $1::text ORDER BY id LIMIT 500";
const LOCK =
  "INSERT INTO redeemable_counters AS counter (key, used) VALUES ($1, 0) ON CONFLICT (key) DO UPDATE SET used = counter.used RETURNING used::text AS used";
const CHARGING = `
  SELECT document::text AS document FROM redeemable_redemptions
  WHERE EXISTS (SELECT 1 FROM json_array_elements(document -> 'charges') AS charge WHERE charge ->> 'key' = $1::text)`;

/** What rows of a key or none and a value say: the counters, and the records. */
function told(rows) {
  const counters = rows.filter(({ key }) => key !== null).map(({ key, value }) => [key, Number(value)]);
  const records = rows.filter(({ key }) => key === null).map(({ value }) => JSON.parse(value));
  return { counters: Object.fromEntries(counters), records };
}

/** The plan's records, the host's writes and the plan's counters, in one transaction; the rows are the keys that drifted. */
async function transact(client, ops, write) {
  const redemptions = ops.flatMap(({ redemption }) => redemption ?? []);
  const part = (wanted) => [JSON.stringify(ops.filter(({ op }) => (op === "add") === wanted))];
  const answers = [];
  let open = true;
  /** What the client could not even send: the server has not heard of it, and would commit the rest. */
  let unsent;
  /** A pipeline takes every query at once; to any other client they go one after the other. */
  const send = (...query) => {
    const ask = () => client.query(...query);
    const answer = client.pipeline || answers.length === 0 ? ask() : answers.at(-1).then(ask, ask);
    answer.catch((error) => {
      if (!fromServer(error)) unsent ??= error;
    });
    answers.push(answer);
    return answer;
  };
  /** Sends the last statement and waits for all; once it is answered, the connection is out of the transaction. */
  const end = async (text) => {
    open = false;
    send(text);
    const settled = await Promise.allSettled(answers);
    return { settled, last: settled.at(-1) };
  };

  const begun = send("BEGIN");
  if (!client.pipeline) await begun;
  const recorded = send(RECORD, part(false));
  try {
    if (!client.pipeline) await recorded;
    await write(
      {
        query(...query) {
          const text = query[0]?.text ?? query[0];
          if (
            /^\s*(?:BEGIN|START\s+TRANSACTION|COMMIT|END|ABORT|ROLLBACK(?!\s+(?:WORK\s+|TRANSACTION\s+)?TO\b))\b/i.test(
              text,
            )
          )
            throw new TypeError(
              "the transaction is the store's: write must not begin or end one; SAVEPOINT is allowed",
            );
          if (!open) throw new Error("the transaction is over: write has to await what it sends further queries after");
          if (query.some((part) => typeof part === "function" || typeof part?.submit === "function"))
            throw new TypeError("in write, a query answers with a promise only");
          return send(...query);
        },
      },
      redemptions,
    );
    // A pipeline says in the next tick what it could not send, and the tick after that has heard it; other clients have not sent everything yet.
    if (client.pipeline)
      for (let tick = 0; tick < 2; tick += 1)
        await new Promise((resume) => {
          process.nextTick(resume);
        });
    else await Promise.allSettled(answers);
    if (unsent) throw unsent;
  } catch (thrown) {
    const { last } = await end("ROLLBACK");
    // Where a record no longer holds, what the host's writes met is only what follows from it.
    const error = await recorded.then(
      () => thrown,
      (first) => first,
    );
    throw last.status === "fulfilled" ? new RolledBack(error) : error;
  }
  const counted = send(COUNT, part(true));
  const { settled, last } = await end("COMMIT");
  if (last.value?.command === "COMMIT") {
    const { rows } = await counted;
    if (rows.some(({ open }) => !open))
      throw new Error("the transaction ended within write: its records may be stored, its counters are not");
    return rows.filter(({ key }) => key !== null);
  }
  // PostgreSQL answers the COMMIT of a transaction that has failed with ROLLBACK; the first error says why it failed.
  const { reason } = settled.find(({ status }) => status === "rejected");
  throw last.status === "fulfilled" || isRefusal(last.reason) ? new RolledBack(reason) : reason;
}

/** The transaction is undone and its connection is sound; `cause` is why. */
class RolledBack extends Error {
  constructor(cause) {
    super("rolled back", { cause });
  }
}

/** What the server refuses is undone, and the connection is sound unless it is the server that ends it. */
const isRefusal = (error) => fromServer(error) && !/^(57P|08)/.test(error.code);

const fromServer = (error) => typeof error?.severity === "string";

/** For a single statement, which is a transaction by itself. */
function standing(error) {
  throw isRefusal(error) ? new RolledBack(error) : error;
}

/** A plan that no longer holds, a serialization failure, a deadlock, a lock time-out; also as what a library in between reports as the cause. */
function asksForRepetition(error) {
  for (let depth = 0; error && depth < 5; depth += 1, error = error.cause) {
    if (["RDM01", "40001", "40P01", "55P03"].includes(error.code)) return true;
  }
  return false;
}

/** One client as a pool: whoever wants it waits for whoever has it. */
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

function warn(key) {
  console.warn(`redeemable: the counter ${key} held less than was given back, and is 0 now`);
}
