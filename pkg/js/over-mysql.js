// A store on MariaDB or MySQL over a library that the host uses already, by a bridge of two functions.
// The statements themselves check the limits, at every isolation level.
import { scripts, mysqlStatements as statements } from "./dist/sql.js";
import { checkedGroup, grouped } from "./group.js";
import { bridged, joined, unlessRepeated, withSavepoint } from "./joining.js";
import { hashOf, hashesOf } from "./mysql-hashes.js";
import { noteParts, splitUp } from "./mysql-parts.js";
import { mysqlSteps } from "./mysql-steps.js";
import { known } from "./options.js";
import { LOCK_SECONDS, execute, redemptionsOf, replaces } from "./steps.js";
import {
  EndedWithin,
  codesOf,
  found,
  operators,
  pruned,
  repeats,
  scanned,
  sharedOut,
  shuffled,
  tell,
  warn,
} from "./stores.js";

export function mysqlOver(bridge, options = {}) {
  const { onDrift = warn, group } = known(options, ["onDrift", "group"], ["options"]);
  const groups = checkedGroup(group);
  const { query, within, ambient } = bridged(bridge);
  const asking =
    (transaction, own = false) =>
    async (name, values = {}) =>
      (await query(...bound(name, values, own), transaction)).map(texts);
  const alone = asking(undefined);
  const checked = checkedOnce();

  /** Executes a statement that only reads, as a transaction by itself. */
  async function look(name, values) {
    await checked(alone, checkSettings);
    return alone(name, values);
  }
  const writing = (work) => within("read committed", (transaction) => work(asking(transaction, true), transaction));
  const carryOut = (ask, transaction, ops, write) => {
    const changes = changing(async (name, values) => {
      await ask(name, values);
      return Number((await ask("changed"))[0].changed);
    });
    return carriedOut({ ask, changes }, ops, write && (() => write(transaction, redemptionsOf(ops))));
  };

  const store = {
    /** Not in a transaction, because each CREATE would end it. */
    async migrate() {
      for (const text of scripts.mysql) await query(text, [], undefined);
    },
    read: (keys, id = null) => read(look, keys, id),
    find: (asked) => find(look, asked),
    commit: (ops, write) =>
      unlessRepeated(asksForRepetition, false, async () => {
        const drifted = await writing((ask, transaction) => carryOut(ask, transaction, ops, write));
        tell(onDrift, drifted);
        return true;
      }),
    async scan(visit) {
      await within("repeatable read", (transaction) => scanned(asking(transaction), visit));
    },
    ...operators(look, hashOf),
    prune: (isOver) => unlessRepeated(asksForRepetition, null, () => writing((ask) => pruned(ask, isOver, hashesOf))),
    split: (key, parts) => unlessRepeated(asksForRepetition, null, () => writing((ask) => splitUp(ask, key, parts))),
    joining(transaction) {
      const ask = asking(transaction);
      return joining(transaction, ask, (ops, write) => carryOut(ask, transaction, ops, write), onDrift, checked);
    },
  };
  return groups ? grouped(store, { ambient, readMany: (keys, ids) => readMany(look, keys, ids) }) : store;
}

/** The placeholders that stand in LIMIT, which takes no number with a point: some drivers send every number so. */
const IN_LIMIT = ["limit", "among"];
/** The placeholders for texts that are ASCII always. */
const ASCII = ["state", "hash"];

/**
 * The text of a statement, and its values. Texts are sent in hexadecimal digits: every character set has them, and they
 * are safe under the mode NO_BACKSLASH_ESCAPES, where the quotes that some drivers put around a text do not hold it.
 */
function bound(name, values, own) {
  const sent = [];
  const { text, names } = statements[name];
  let index = 0;
  const numbered = text.replaceAll("?", () => {
    const word = names[index++];
    const value = values[word];
    if (IN_LIMIT.includes(word)) return String(BigInt(value));
    sent.push(typeof value === "string" && !ASCII.includes(word) ? hex(value) : value);
    return "?";
  });
  return [named(numbered.replaceAll("CONVERT(? USING", "CONVERT(UNHEX(?) USING"), values, own), sent];
}

/** The text of a statement, in which a savepoint has its number. In a transaction of the store's own it waits less. */
export function named(text, { savepoint }, own) {
  if (savepoint) return `${text}_${savepoint}`;
  return own && /^(?:INSERT|UPDATE|DELETE)|FOR UPDATE$/.test(text) ? PATIENCE + text : text;
}

/** See `OWN` in over-postgres.js. It holds for one statement. To MySQL, which has no such thing, it is a comment. */
const LEAST = `LEAST(@@innodb_lock_wait_timeout, ${LOCK_SECONDS})`;
const PATIENCE = `/*M! SET STATEMENT innodb_lock_wait_timeout = ${LEAST} FOR */ `;

const hex = (text) => Array.from(new TextEncoder().encode(text), (byte) => HEX[byte]).join("");
const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** A row whose values are texts or null: the statements return bytes, which most drivers do not decode. */
function texts(row) {
  const text = (value) => (value instanceof Uint8Array ? new TextDecoder().decode(value) : String(value));
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, value === null ? null : text(value)]));
}

export async function read(ask, keys, id) {
  const counters = [];
  const records = {};
  const rows = await ask("read", { ...hashesOf(keys), id });
  noteParts(rows);
  for (const { key, value } of rows) {
    // The key of a record is null, or empty if it is in the archive.
    if (key === null || key === "") records[key ?? "live"] = JSON.parse(value);
    else counters.push([key, Number(value)]);
  }
  const archived = records.live === undefined && records[""] !== undefined;
  return { counters: Object.fromEntries(counters), existing: records.live ?? records[""] ?? null, archived };
}

/** The same for several callers: the answer says to each of them what its own keys and id are. */
export async function readMany(ask, keys, ids) {
  const rows = await ask("read_many", { ...hashesOf(keys), ids: JSON.stringify(ids.map(hex)) });
  noteParts(rows.map(({ kind, name, parts }) => ({ key: kind === "counter" && name, parts })));
  return sharedOut(rows);
}

export async function find(ask, { lapsed_by_ms, keys, limit }) {
  if (keys === null) return found(await ask("lapsed", { lapsed_by_ms, limit }));
  const holds = new Map();
  let counters = {};
  for (const key of keys) {
    // LIMIT takes no expression, so the number of oldest holds among which some are drawn is a value of its own.
    const rows = await ask("find", { ...hashOf(key), lapsed_by_ms, limit, among: Math.max(limit, 100) });
    noteParts(rows);
    const one = found(rows);
    for (const hold of one.holds) holds.set(hold.id, hold);
    counters = one.counters;
  }
  // Several counters are read again after all holds: so no use is missed that somebody has given back in between.
  if (keys.length > 1) ({ counters } = await read(ask, keys, null));
  return { holds: shuffled([...holds.values()]).slice(0, limit), counters };
}

/** Whether a statement changes a row, if `count` executes it and says how many; false also for a row that exists. */
export const changing = (count) => async (name, values) => {
  try {
    return (await count(name, values)) > 0;
  } catch (error) {
    if (isError(error, DUPLICATE)) return false;
    throw error;
  }
};

/** Stores the plan's records, the host's rows and the plan's counters; returns the keys of those that drifted. */
export function carriedOut({ ask, changes }, ops, write) {
  return execute({ ask, changes, steps }, ops, write && (() => written(ask, write)));
}

const steps = async (op, ask) => mysqlSteps(op, replaces(op) ? (await read(ask, [], op.id)).existing : null);

/** Calls `write` under a mark, which is gone if the transaction has ended. */
const written = (ask, write) =>
  withSavepoint(async (own) => {
    await ask("mark", own);
    await write();
    try {
      await ask("unmark", own);
    } catch (cause) {
      throw isError(cause, NO_SAVEPOINT) ? new EndedWithin({ cause }) : cause;
    }
  });

/** What a store on MariaDB or MySQL does in a transaction of the host's; `carryOut(ops, write)` executes a plan. */
export function joining(transaction, ask, carryOut, onDrift, checked) {
  return joined({
    transaction,
    ask,
    onDrift,
    again: asksForRepetition,
    async read(keys, id = null) {
      await checked(ask, checkGalera);
      return read(ask, keys, id);
    },
    find: (asked) => find(ask, asked),
    async execute(ops, write, own) {
      // Without a transaction, the server ignores SAVEPOINT and would commit each statement by itself.
      await ask("undo", own).catch((cause) => {
        if (!isError(cause, NO_SAVEPOINT)) throw cause;
        throw new Error("the option transaction: expected a transaction that is open, found none", { cause });
      });
      return carryOut(ops, write);
    },
    seesMore: async () => /^READ-/.test(Object.values((await ask("isolation"))[0])[1]),
  });
}

/** Checks the settings of a connection with `check`, once for each store: its connections are alike. */
export function checkedOnce() {
  const sound = new Set();
  return async (ask, check) => {
    if (!sound.has(check)) check(Object.fromEntries((await ask("settings")).map((row) => Object.values(row))));
    sound.add(check);
  };
}

/**
 * Refuses settings under which a single SELECT would not see one moment, or not the present one. `commit` does not
 * depend on them.
 */
export function checkSettings(settings) {
  if (settings.autocommit !== "ON")
    throw new Error("the connection has autocommit off, and every read would stay at the moment of the first one");
  if ((settings.transaction_isolation ?? settings.tx_isolation) === "READ-UNCOMMITTED")
    throw new Error("the connection reads what is not committed: expected any other isolation level");
  checkGalera(settings);
}

/**
 * A node of a Galera cluster may be behind what another node has stored: an order that was sold a moment ago would not
 * be there, and its payment would go back to the buyer. With this setting a read waits until the node has it.
 */
function checkGalera({ wsrep_on, wsrep_sync_wait }) {
  if (wsrep_on === "ON" && !(wsrep_sync_wait & 1))
    throw new Error(
      "what the connection reads may be behind the other nodes of the Galera cluster: " +
        `expected wsrep_sync_wait = 1, found ${wsrep_sync_wait}`,
    );
}

/** Errors of the server, each by its number, and by its name where a library gives that alone. */
const DUPLICATE = ["1062", "ER_DUP_ENTRY"];
const NO_SAVEPOINT = ["1305", "ER_SP_DOES_NOT_EXIST"];
const isError = (error, names) => names.some((name) => codesOf(error).has(name));

/**
 * Whether to read and decide again: an operation of the plan has failed, or there was a deadlock (1213), a lock
 * time-out (1205), or a conflict with another host's transaction (1020 on MariaDB, 3101 in a group of MySQL servers).
 */
export const asksForRepetition = (error) =>
  repeats(error, ["1213", "ER_LOCK_DEADLOCK", "1205", "ER_LOCK_WAIT_TIMEOUT", "1020", "ER_CHECKREAD", "3101"]);
