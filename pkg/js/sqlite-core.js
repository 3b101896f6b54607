// What every synchronous store on SQLite does: those of better-sqlite3, Bun, Node and a Durable Object. Each has a
// driver, which knows how it runs statements and begins transactions.
// The statements themselves check the limits, so a limit holds even if what was read before is out of date.
import { RepeatTransaction } from "./attempts.js";
import { sqlite as migration, sqliteStatements } from "./dist/sql.js";
import { checkedGroup, grouped } from "./group.js";
import { known } from "./options.js";
import { isCount, redemptionsOf, replaces, sqliteSteps } from "./steps.js";
import { operators, tell, warn } from "./stores.js";

/**
 * A driver has
 * - `handle`, which `write` gets, and `isOpen()`: whether a transaction of the host's is open on it, or undefined;
 * - `groups`: whether plans may be stored later than they come, and together;
 * - `script(text)`, and `run(text)` for a statement without values;
 * - `prepare(text)`, which answers three functions of a list of values: `all` for the rows, `value` for the first
 *   column of the first row (undefined if there is none), and `changes` for the number of rows changed;
 * - `within(work, writes)`, which runs `work` in a transaction of its own, and `joined(work)`, which runs it as a part
 *   of an open one: if `work` throws, nothing of it stays;
 * - `guarded(work)`, which runs `work` in an open transaction, and throws if that has ended meanwhile;
 * - `isBusy(error)`: whether the database asks for a repetition.
 */
export function synchronousStore(driver, options) {
  const { onDrift = warn, group } = known(options, ["onDrift", ...(driver.groups ? ["group"] : [])], ["options"]);
  const groups = checkedGroup(group) && driver.groups;
  const { within, joined, guarded, isOpen, isBusy } = driver;
  let prepared;
  // Statements are prepared at their first use, because the tables may not exist yet when the store is made.
  const statements = () => (prepared ??= prepare(driver));

  function countersOf(keys) {
    const { read_counter } = statements();
    const found = keys.map((key) => [key, read_counter.value({ key })]).filter(([, used]) => used !== undefined);
    return Object.fromEntries(found);
  }

  function read(keys, id) {
    const { read_record, read_archived } = statements();
    const document = id === null ? undefined : read_record.value({ id });
    const kept = id === null || document !== undefined ? undefined : read_archived.value({ id });
    return {
      counters: countersOf(keys),
      existing: JSON.parse(document ?? kept ?? "null"),
      archived: kept !== undefined,
    };
  }

  function find({ lapsed_by_ms, keys, limit }) {
    const { lapsed, lapsed_of } = statements();
    const rows = keys
      ? lapsed_of.all({ lapsed_by_ms, keys: JSON.stringify(keys), limit })
      : lapsed.all({ lapsed_by_ms, limit });
    return { holds: rows.map(({ value }) => JSON.parse(value)), counters: countersOf(keys ?? []) };
  }

  /** Reads several statements as of one moment. */
  const look = (work) => (isOpen() ? work() : within(work, false));

  /** Stores the plan's records, the host's rows and the plan's counters; returns the keys of drifted counters. */
  function carryOut(ops, write) {
    const drifted = [];
    const was = (op) => (replaces(op) ? read([], op.id).existing : null);
    const run = (part) => {
      for (const op of part) {
        for (const { name, values, must } of sqliteSteps(op, was(op))) {
          const statement = statements()[name];
          if (name === "drifts") {
            if (statement.value(values)) drifted.push(op.key);
          } else if (statement.changes(values) === 0 && must) throw CONFLICT;
        }
      }
    };
    run(ops.filter((op) => !isCount(op)));
    // Some faults end the transaction: `OR ROLLBACK` or a full disk, for example. Without the guard, the counters
    // would then be stored without their record.
    if (write) guarded(() => checkDone(write(driver.handle, redemptionsOf(ops))));
    run(ops.filter(isCount));
    return drifted;
  }

  function scan(visit) {
    const { page, counters } = statements();
    const next = (after) => page.all({ after });
    for (let rows = next(""); rows.length > 0; rows = next(rows.at(-1).id)) {
      visit({ redemptions: rows.map(({ document }) => JSON.parse(document)), counters: {} });
    }
    visit({ redemptions: [], counters: JSON.parse(counters.value({})) });
  }

  function prune(isOver) {
    const statement = statements();
    let pruned = 0;
    const next = (after) => statement.periods.all({ after }).map(({ key }) => key);
    for (let keys = next(""); keys.length > 0; keys = next(keys.at(-1))) {
      pruned += statement.prune.changes({ keys: JSON.stringify(keys.filter(isOver)) });
    }
    return pruned;
  }

  function checkBetween() {
    if (isOpen())
      throw new Error("the connection is in a transaction of the host's: a store needs it between transactions");
  }

  /** Runs `work` in a transaction that writes. Within one of the host's, it would be stored only with that one. */
  function writing(work, conflict, busy = conflict) {
    checkBetween();
    try {
      return within(work, true);
    } catch (error) {
      if (error === CONFLICT) return conflict;
      if (isBusy(error)) return busy;
      throw error;
    }
  }

  function committed(drifted) {
    if (drifted) tell(onDrift, drifted);
    return drifted && true;
  }

  /** True if the plan is stored, false if an operation failed, null if the file is locked. */
  const attempt = (ops, write) => committed(writing(() => carryOut(ops, write), false, null));

  const checkOpen = () => {
    if (isOpen() === false) throw new Error("transaction: expected a connection on which a transaction is open");
  };

  const repeatedByHost =
    (call) =>
    async (...values) => {
      // `db.transaction(() => { redeem(…) })` has ended before the call that nobody awaits has stored anything.
      checkOpen();
      try {
        return call(...values);
      } catch (error) {
        throw isBusy(error) ? new RepeatTransaction(error) : error;
      }
    };

  const store = {
    migrate() {
      within(() => driver.script(migration), true);
    },
    async read(keys, id = null) {
      return look(() => read(keys, id));
    },
    async commit(ops, write) {
      return Boolean(attempt(ops, write));
    },
    async find(query) {
      return look(() => find(query));
    },
    /** Blocks the process until the last batch. Call it in an operator's script, not in the process that sells. */
    async scan(visit) {
      checkBetween();
      within(() => scan(visit), false);
    },
    ...operators((name, values) => look(() => statements()[name].all(values))),
    async prune(isOver) {
      return writing(() => prune(isOver), null);
    },
    /** The store in the transaction that the host has begun on the connection. */
    joining(transaction) {
      if (transaction !== driver.handle) throw new TypeError("transaction: expected the store's own connection");
      checkOpen();
      return {
        read: repeatedByHost((keys, id = null) => {
          // Whoever asks for a record will write: if the host has not read yet, wait for the lock now.
          if (id !== null) driver.run(sqliteStatements.begin_writing);
          return read(keys, id);
        }),
        find: repeatedByHost(find),
        commit: repeatedByHost((ops, write) => {
          driver.run(sqliteStatements.begin_writing);
          try {
            return committed(joined(() => carryOut(ops, write)));
          } catch (error) {
            // The kit reads again in the same transaction, which sees all that is committed: it has the lock.
            if (error === CONFLICT) return false;
            throw error;
          }
        }),
      };
    },
  };
  if (!groups) return store;
  const together = grouped({ ...store, commit: async (ops, write) => attempt(ops, write) }, { synchronous: true });
  return {
    ...store,
    read: together.read,
    async commit(ops, write) {
      checkBetween();
      return together.commit(ops, write);
    },
  };
}

/** Refuses a `write` that answers a promise. */
function checkDone(result) {
  if (typeof result?.then !== "function") return;
  // Somebody has to handle a rejection, or it would end the process.
  result.then(undefined, () => {});
  throw new TypeError(
    "write on SQLite must not be asynchronous: what it writes later would be outside the transaction",
  );
}

/** A statement with `?` in place of each `:word`, and the words. */
export function marked(named) {
  const names = [];
  const text = named.replaceAll(/:(\w+)/g, (_, word) => {
    names.push(word);
    return "?";
  });
  return { text, names };
}

/** Every statement under its name. It takes the values by name, and gives the driver a list of them. */
function prepare(driver) {
  const each = Object.entries(sqliteStatements).map(([name, named]) => {
    const { text, names } = marked(named);
    const statement = driver.prepare(text);
    const listed = (values) => {
      const list = [];
      for (const word of names) list.push(values[word]);
      return list;
    };
    return [
      name,
      {
        value: (values) => statement.value(listed(values)),
        all: (values) => statement.all(listed(values)),
        changes: (values) => statement.changes(listed(values)),
      },
    ];
  });
  return Object.fromEntries(each);
}

const CONFLICT = Symbol("an operation no longer holds");
