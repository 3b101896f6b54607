// A store on PostgreSQL over a library that the host uses already, by a bridge of two functions.
// A plan is one call of a function in the database or, if the host writes its own rows, too, one before its writes for
// the records and one after them for the counters.
import { grouped } from "./group.js";
import { bridged, joined, unlessRepeated } from "./joining.js";
import { invalid } from "./options.js";
import { postgresOptions } from "./schema.js";
import { counted } from "./split.js";
import { LOCK_SECONDS, isCount, redemptionsOf } from "./steps.js";
import { EndedWithin, codesOf, found, operators, pruned, repeats, scanned, sharedOut, tell, usage } from "./stores.js";

export function postgresOver(bridge, options = {}) {
  const { onDrift, begin, groups, parts, bound } = postgresOptions(options, ["group"]);
  const { query, within, ambient } = bridged(bridge);
  const asking = (transaction) => (name, values) => query(...bound(name, values), transaction);
  const alone = asking(undefined);
  /** Runs several statements in one transaction. `mode` names the statement that sets what the transaction sees. */
  const inMode = (mode, work) =>
    within(mode === "one_moment" ? "repeatable read" : "read committed", async (transaction) => {
      const ask = asking(transaction);
      await ask(mode);
      await begin?.(transaction);
      return work(ask);
    });
  /** Runs the part of a plan in one transaction. */
  const planned = (work) =>
    within("read committed", async (transaction) => {
      await begin?.(transaction);
      return work(asking(transaction), transaction);
    });

  /** See `look` in postgres.js: only a read in a snapshot is never refused. */
  async function look(name, values) {
    const inSnapshot = () => inMode("one_moment", (ask) => ask(name, values));
    if (begin) return inSnapshot();
    try {
      return await alone(name, values);
    } catch (error) {
      if (!asksForRepetition(error)) throw error;
      return inSnapshot();
    }
  }

  const store = {
    async migrate() {
      await within("read committed", async (transaction) => {
        for (const text of parts) await query(text, [], transaction);
      });
    },
    read: (keys, id = null) => read(look, keys, id),
    find: (asked) => find(look, asked),
    async commit(ops, write) {
      checkText(ops);
      return unlessRepeated(asksForRepetition, false, async () => {
        const drifted =
          write || begin
            ? await planned((ask, transaction) => execute(ask, transaction, ops, write, OWN))
            : await execute(alone, undefined, ops, undefined, OWN);
        tell(onDrift, drifted);
        return true;
      });
    },
    async scan(visit) {
      await inMode("one_moment", (ask) => scanned(ask, visit));
    },
    ...operators(look),
    prune: (isOver) =>
      unlessRepeated(asksForRepetition, null, () => inMode("each_statement", (ask) => pruned(ask, isOver))),
    split: (key, parts) =>
      unlessRepeated(asksForRepetition, null, () => inMode("each_statement", (ask) => splitUp(ask, key, parts))),
    joining: (transaction) => joining(asking(transaction), transaction, onDrift),
  };
  const readTogether = (keys, ids) => readMany(look, keys, ids);
  return groups ? grouped(store, { ambient, first: BRIEFLY, readMany: readTogether }) : store;
}

/** PostgreSQL stores no U+0000, so no record and no counter has such a name; asking for it would be an error. */
export async function read(ask, keys, id) {
  const asked = { keys: JSON.stringify(keys.filter(isText)), id: id !== null && isText(id) ? id : null };
  return usage((await ask("read", asked))[0]);
}

/** The same for several callers: the answer says to each of them what its own keys and id are. */
export async function readMany(ask, keys, ids) {
  const asked = { keys: JSON.stringify(keys.filter(isText)), ids: JSON.stringify(ids.filter(isText)) };
  return sharedOut(await ask("read_many", asked));
}

export async function find(ask, { lapsed_by_ms, keys, limit }) {
  if (keys === null) return found(await ask("lapsed", { lapsed_by_ms, limit }));
  return found(await ask("find", { lapsed_by_ms, keys: JSON.stringify(keys.filter(isText)), limit }));
}

/**
 * Stores the plan's records, the host's rows and the plan's counters; returns the keys of those that drifted.
 * `first` is what the store does first in a transaction of its own.
 */
async function execute(ask, transaction, ops, write, first = []) {
  if (!write) return driftedOf(await ask("commit", { ops: JSON.stringify([...first, ...ops]) }));
  await ask("commit_records", partOf(ops, false, first));
  await write(transaction, redemptionsOf(ops));
  return driftedOf(await ask("commit_counters", partOf(ops, true, first)));
}

/** What a store on PostgreSQL does in a transaction of the host's; `watched` is around the host's `write`. */
export function joining(ask, transaction, onDrift, watched = (write) => write) {
  return joined({
    transaction,
    ask,
    onDrift,
    again: asksForRepetition,
    read: (keys, id = null) => read(ask, keys, id),
    find: (asked) => find(ask, asked),
    execute(ops, write) {
      checkText(ops);
      return execute(ask, transaction, ops, write && watched(write));
    },
    seesMore: async () => (await ask("isolation"))[0].isolation.startsWith("read "),
  });
}

/** Splits the counter, and those that are split with it, in the transaction of `ask`; returns their keys. */
export async function splitUp(ask, key, parts) {
  const keys = await counted(ask, key);
  await ask("commit", { ops: JSON.stringify(keys.map((each) => ({ op: "split", key: each, parts }))) });
  return keys;
}

/** Plans that go together wait less: if somebody holds the counter of one, the others go on without it. */
export const BRIEFLY = [{ op: "wait", ms: 250 }];

/**
 * In a transaction of the store's own, no statement waits longer for a lock: else whoever holds a counter in a console
 * would hold all its buyers. In the host's transaction only the host's settings count.
 */
export const OWN = [{ op: "wait", ms: LOCK_SECONDS * 1000 }];

/**
 * The part of a plan that stores the records or, for `counts`, the counters, as a value of a statement. A `wait` is in
 * both.
 */
export const partOf = (ops, counts, first) => ({
  ops: JSON.stringify([...first, ...ops.filter((op) => op.op === "wait" || isCount(op) === counts)]),
});

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
 * serialization failure, a deadlock or a lock time-out. Throws if a pooler's mistake is the reason: a repetition would
 * meet it again.
 */
export function asksForRepetition(error) {
  const codes = codesOf(error);
  // A prepared statement that is missing, that exists already, or that has other parameters than the one meant.
  if (codes.has("26000") || codes.has("42P05") || (codes.has("08P01") && /bind message supplies/.test(error.message)))
    throw new Error(MIXED_UP, { cause: error });
  return repeats(error, ["40001", "40P01", "55P03"]);
}

const MIXED_UP =
  "a connection pooler has mixed up prepared statements: in its transaction mode, a connection must prepare none. " +
  "Use prepare: false (postgres.js) and queries without a name (pg)";
