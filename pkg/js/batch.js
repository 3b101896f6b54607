// Stores on databases that take a transaction as a list of statements, which are stored together or not at all: D1,
// libSQL's batches, and Neon over HTTP. The host can read nothing in between, so a statement makes the list fail.
import { POSTGRES, SQLITE } from "./batch-dialects.js";
import { invalid, known } from "./options.js";
import { unlessRepeated } from "./joining.js";
import { redemptionsOf } from "./steps.js";
import { operators, pruned, scanned, tell, usage } from "./stores.js";

const DIALECTS = { sqlite: SQLITE, postgres: POSTGRES };

/**
 * `database` is "sqlite" or "postgres". `statement(text, values)` makes a statement of the library's own kind, and
 * `batch(statements, writes)` stores a list of them and returns the rows of each. `savepoints` says whether a list may
 * have savepoints.
 */
export function batchStore(host, options = {}) {
  const {
    database,
    statement,
    batch,
    savepoints = false,
  } = known(host, ["database", "statement", "batch", "savepoints"], ["host"]);
  const dialect = DIALECTS[database];
  if (!dialect) throw invalid(["host", "database"], `expected sqlite or postgres, found ${database}`);
  const { onDrift, begin, parts, bound } = dialect.options(options);

  /** Sends a list of `[name, values]` and of the host's own statements, which are `[null, statement]`. */
  async function send(list, writes) {
    const first = [];
    await begin?.({ add: (...statements) => first.push(...statements) });
    const made = list.map(([name, values]) => (name === null ? values : statement(...bound(name, values))));
    return (await batch([...first, ...made], writes)).slice(first.length);
  }
  const ask = async (name, values) => (await send([[name, values]], name === "prune"))[0];
  const unless = (otherwise, call) => unlessRepeated(dialect.again, otherwise, call);

  async function commit(ops, write) {
    const own = await collected(ops, write);
    if (own === null) return false;
    const list = dialect.plan(ops, own, savepoints, await replaced(ops));
    const rows = await send(list, true);
    tell(onDrift, dialect.drifted(rows, list));
    return true;
  }

  /** The statements of the host, or null if `write` failed and the plan's records no longer hold. */
  async function collected(ops, write) {
    const own = [];
    let open = true;
    const add = (...statements) => {
      if (!open) throw new Error("the batch is sent: write has to await what it adds statements after");
      own.push(...statements.map((each) => [null, each]));
    };
    try {
      await write?.({ add }, redemptionsOf(ops));
    } catch (error) {
      // Other stores write the records first, so that an order that is sent twice does not come as far as `write`.
      if (await outdated(ops)) return null;
      throw error;
    } finally {
      open = false;
    }
    return own;
  }

  async function outdated(ops) {
    const records = ops.filter(({ redemption }) => redemption);
    const stored = await read(records.map(({ redemption }) => redemption.id));
    return records.some(
      ({ op, revision, redemption }) =>
        (stored.get(redemption.id)?.revision ?? null) !== (op === "update" ? revision : null),
    );
  }

  /** The records that these operations replace. The revision in the plan fails if one changes until it is stored. */
  const replaced = (ops) => read(ops.filter(dialect.replaces).map(({ id }) => id));

  async function read(ids) {
    const rows =
      ids.length > 0
        ? await send(
            ids.map((id) => ["read", { keys: "[]", id }]),
            false,
          )
        : [];
    return new Map(rows.map(([row], index) => [ids[index], usage(row).existing]));
  }

  return {
    async migrate() {
      await batch(
        parts.map((text) => statement(text, [])),
        true,
      );
    },
    read: (keys, id = null) => dialect.read(ask, keys, id),
    find: (asked) => dialect.find(ask, asked),
    commit: (ops, write) => unless(false, () => commit(ops, write)),
    /** Shows each page as of a moment of its own: it is for reports. */
    async scan(visit) {
      await scanned(ask, visit);
    },
    ...operators(ask),
    /** Deletes some counters at a time, each time in a transaction of its own. */
    prune: (isOver) => unless(null, () => pruned(ask, isOver)),
  };
}

/** A store on D1, over the worker's own binding. `write` gets a batch, to which it adds statements of that binding. */
export function d1Store(db, options = {}) {
  const host = {
    database: "sqlite",
    statement: (text, values) => db.prepare(text).bind(...values),
    batch: async (statements) => (await db.batch(statements)).map(({ results }) => results),
  };
  return batchStore(host, options);
}

/** A store on Neon over HTTP: `sql` is what `neon(…)` of `@neondatabase/serverless` returns. */
export function neonStore(sql, options = {}) {
  const host = {
    database: "postgres",
    statement: (text, values) => sql.query(text, values),
    batch: (statements, writes) =>
      sql.transaction(statements, {
        isolationLevel: writes ? "ReadCommitted" : "RepeatableRead",
        readOnly: !writes,
        arrayMode: false,
        fullResults: false,
      }),
  };
  return batchStore(host, options);
}

/** A store on libSQL, over the host's own client of `@libsql/client`, by one request for each plan. */
export function libsqlBatchStore(client, options = {}) {
  const host = {
    database: "sqlite",
    savepoints: true,
    statement: (sql, args) => ({ sql, args }),
    batch: async (statements, writes) =>
      (await client.batch(statements, writes ? "write" : "read")).map(({ rows }) => rows),
  };
  return batchStore(host, options);
}
