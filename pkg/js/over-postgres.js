// A store on PostgreSQL over a library that the host uses already, by a bridge of two functions.
// A plan is one call of a function in the database or, if the host writes its own rows, too, one before its writes for
// the records and one after them for the counters.
import { scripts, postgresStatements as statements } from "./dist/sql.js";
import { bridged, joined, unlessRepeated } from "./joining.js";
import { invalid, known } from "./options.js";
import { redemptionsOf } from "./steps.js";
import { EndedWithin, found, pruned, recounted, repeats, scanned, tell, usage, warn } from "./stores.js";

export function postgresOver(bridge, options = {}) {
  const { onDrift = warn } = known(options, ["onDrift"], ["options"]);
  const { query, within } = bridged(bridge);
  const asking = (transaction) => (name, values) => query(...bound(name, values), transaction);
  const alone = asking(undefined);
  /** Runs several statements in one transaction. `mode` names the statement that sets what the transaction sees. */
  const inMode = (mode, work) =>
    within(mode === "one_moment" ? "repeatable read" : "read committed", async (transaction) => {
      const ask = asking(transaction);
      await ask(mode);
      return work(ask);
    });

  /** See `look` in postgres.js: only a read in a snapshot is never refused. */
  async function look(name, values) {
    try {
      return await alone(name, values);
    } catch (error) {
      if (!asksForRepetition(error)) throw error;
      return inMode("one_moment", (ask) => ask(name, values));
    }
  }

  return {
    async migrate() {
      await within("read committed", async (transaction) => {
        for (const text of scripts.postgres) await query(text, [], transaction);
      });
    },
    read: (keys, id = null) => read(look, keys, id),
    find: (asked) => find(look, asked),
    async commit(ops, write) {
      checkText(ops);
      return unlessRepeated(asksForRepetition, false, async () => {
        const drifted = write
          ? await within("read committed", (transaction) => execute(asking(transaction), transaction, ops, write))
          : await execute(alone, undefined, ops);
        tell(onDrift, drifted);
        return true;
      });
    },
    async scan(visit) {
      await inMode("one_moment", (ask) => scanned(ask, visit));
    },
    recount: (key, count) =>
      unlessRepeated(asksForRepetition, null, () => inMode("each_statement", (ask) => recounted(ask, key, count))),
    prune: (isOver) =>
      unlessRepeated(asksForRepetition, null, () => inMode("each_statement", (ask) => pruned(ask, isOver))),
    joining: (transaction) => joining(asking(transaction), transaction, onDrift),
  };
}

/** The text of a statement, and its values in the order of the parameters $1, $2 and so on: texts, or null. */
export function bound(name, values = {}) {
  const { text, names } = statements[name];
  return [text, names.map((word) => (values[word] === null ? null : String(values[word])))];
}

/** PostgreSQL stores no U+0000, so no record and no counter has such a name; asking for it would be an error. */
export async function read(ask, keys, id) {
  const asked = { keys: JSON.stringify(keys.filter(isText)), id: id !== null && isText(id) ? id : null };
  return usage((await ask("read", asked))[0]);
}

export async function find(ask, { lapsed_by_ms, keys, limit }) {
  if (keys === null) return found(await ask("lapsed", { lapsed_by_ms, limit }));
  return found(await ask("find", { lapsed_by_ms, keys: JSON.stringify(keys.filter(isText)), limit }));
}

/** Stores the plan's records, the host's rows and the plan's counters; returns the keys of those that drifted. */
async function execute(ask, transaction, ops, write) {
  if (!write) return driftedOf(await ask("commit", { ops: JSON.stringify(ops) }));
  await ask("commit_records", partOf(ops, false));
  await write(transaction, redemptionsOf(ops));
  return driftedOf(await ask("commit_counters", partOf(ops, true)));
}

/** What a store on PostgreSQL does in a transaction of the host's. */
export function joining(ask, transaction, onDrift) {
  return joined({
    ask,
    onDrift,
    again: asksForRepetition,
    read: (keys, id = null) => read(ask, keys, id),
    find: (asked) => find(ask, asked),
    execute(ops, write) {
      checkText(ops);
      return execute(ask, transaction, ops, write);
    },
    seesMore: async () => (await ask("isolation"))[0].isolation.startsWith("read "),
  });
}

/** The part of a plan that stores the records or, for `counts`, the counters, as a value of a statement. */
export const partOf = (ops, counts) => ({ ops: JSON.stringify(ops.filter(({ op }) => (op === "add") === counts)) });

/** The keys of the counters that drifted, from the answer of the statement `commit` or `commit_counters`. */
export function driftedOf([{ drifted }]) {
  // It is null if the host has ended the transaction that stored the records: the statement ran in another one.
  if (drifted === null) throw new EndedWithin();
  return JSON.parse(drifted);
}

export function checkText(ops) {
  // In JSON, \u0000 is U+0000 unless the backslash before the u is itself escaped.
  if (/(?<!\\)(?:\\\\)*\\u0000/.test(JSON.stringify(ops)))
    throw invalid([], "expected text without U+0000, which PostgreSQL cannot store");
}

const isText = (text) => !text.includes("\0");

/**
 * Whether to read and decide again: an operation of the plan has failed (our function raises RDM01), or there was a
 * serialization failure, a deadlock or a lock time-out.
 */
export const asksForRepetition = (error) => repeats(error, ["40001", "40P01", "55P03"]);
