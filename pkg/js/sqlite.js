// A store on SQLite, over the host's own better-sqlite3 connection.
// The statements themselves check the limits, so a limit holds even if what was read before is out of date.
import { sqlite as migration, sqliteStatements } from "./dist/sql.js";
import { known } from "./options.js";
import { tell, warn } from "./stores.js";

export { migration };

/**
 * The host chooses the connection's settings. With `journal_mode = WAL` readers do not wait for a writer; the `timeout`
 * of better-sqlite3 is how long a writer waits for another; with `synchronous = FULL` a plan that was committed
 * survives a power cut.
 */
export function sqliteStore(db, options = {}) {
  const { onDrift = warn } = known(options, ["onDrift"], ["options"]);
  let prepared;
  // Statements are prepared at their first use, because the tables may not exist yet when the store is made.
  const statements = () => (prepared ??= prepare(db));

  const countersOf = (keys) => {
    const { read_counter } = statements();
    return Object.fromEntries(keys.map((key) => [key, read_counter.get(key)]).filter(([, used]) => used !== undefined));
  };

  const read = db.transaction((keys, id) => ({
    counters: countersOf(keys),
    existing: id === null ? null : JSON.parse(statements().read_record.get(id) ?? "null"),
  }));

  const find = db.transaction((lapsed_by_ms, keys, limit) => {
    const { lapsed, lapsed_of } = statements();
    const rows = keys
      ? lapsed_of.all({ lapsed_by_ms, keys: JSON.stringify(keys), limit })
      : lapsed.all({ lapsed_by_ms, limit });
    return { holds: rows.map(({ value }) => JSON.parse(value)), counters: countersOf(keys ?? []) };
  });

  const execute = db.transaction((ops, write) => {
    const drifted = [];
    const isCount = ({ op }) => op === "add";
    const carryOut = (part) => {
      for (const op of part) if (!run(statements(), op, drifted)) throw CONFLICT;
    };
    carryOut(ops.filter((op) => !isCount(op)));
    if (write) {
      statements().mark.run();
      const result = write(
        db,
        ops.flatMap(({ redemption }) => redemption ?? []),
      );
      if (typeof result?.then === "function") {
        // Somebody has to handle a rejection, or it would end the process.
        result.then(undefined, () => {});
        throw new TypeError(
          "write on SQLite must not be asynchronous: what it writes later would be outside the transaction",
        );
      }
      // Some faults end the transaction, and the savepoint `mark` with it: `OR ROLLBACK` or a full disk, for example.
      // Without this check, the counters would be stored without their record.
      try {
        statements().unmark.run();
      } catch (cause) {
        throw new Error("the transaction ended within write", { cause });
      }
    }
    carryOut(ops.filter(isCount));
    return drifted;
  });

  const scan = db.transaction((visit) => {
    const { page, counters } = statements();
    const next = (after) => page.all({ after });
    for (let rows = next(""); rows.length > 0; rows = next(rows.at(-1).id)) {
      visit({ redemptions: rows.map(({ document }) => JSON.parse(document)), counters: {} });
    }
    visit({ redemptions: [], counters: JSON.parse(counters.get().counters) });
  });

  const recount = db.transaction((key, count) => {
    const { lock_counter, charging, set_counter } = statements();
    const { used } = lock_counter.get({ key });
    set_counter.run({ key, used: count(charging.all({ key }).map(({ document }) => JSON.parse(document))) });
    return used;
  });

  const prune = db.transaction((isOver) => {
    const statement = statements();
    let pruned = 0;
    const next = (after) => statement.periods.all({ after }).map(({ key }) => key);
    for (let keys = next(""); keys.length > 0; keys = next(keys.at(-1))) {
      pruned += statement.prune.run({ keys: JSON.stringify(keys.filter(isOver)) }).changes;
    }
    return pruned;
  });

  return {
    migrate() {
      db.transaction(() => db.exec(migration)).immediate();
    },
    async read(keys, id = null) {
      return read(keys, id);
    },
    async commit(ops, write) {
      // Within a transaction of the host, the plan would be stored only if the host commits it later.
      checkFree(db);
      let drifted;
      try {
        drifted = execute.immediate(ops, write);
      } catch (error) {
        if (error === CONFLICT || isBusy(error)) return false;
        throw error;
      }
      tell(onDrift, drifted);
      return true;
    },
    async find({ lapsed_by_ms, keys, limit }) {
      return find(lapsed_by_ms, keys, limit);
    },
    /** Blocks the process until the last batch. Call it in an operator's script, not in the process that sells. */
    async scan(visit) {
      checkFree(db);
      scan(visit);
    },
    async recount(key, count) {
      checkFree(db);
      try {
        return recount.immediate(key, count);
      } catch (error) {
        if (isBusy(error)) return null;
        throw error;
      }
    },
    async prune(isOver) {
      checkFree(db);
      try {
        return prune.immediate(isOver);
      } catch (error) {
        if (isBusy(error)) return null;
        throw error;
      }
    },
  };
}

/** Executes one operation of a plan; returns false if it fails. */
function run({ insert, update, charge, drifts, give_back }, op, drifted) {
  switch (op.op) {
    case "insert":
      return insert.run(row(op.redemption)).changes === 1;
    case "update":
      return update.run({ ...row(op.redemption), id: op.id, was: op.revision }).changes === 1;
    case "add":
      if (op.by > 0) return charge.run({ key: op.key, by: op.by, at_most: op.at_most }).changes === 1;
      if (drifts.get({ key: op.key, by: op.by }).drifts) drifted.push(op.key);
      give_back.run({ key: op.key, by: op.by });
      return true;
    default:
      throw new Error(`unknown operation ${op.op}`);
  }
}

function row(redemption) {
  const { id, revision, state, event_id, expires_at_ms } = redemption;
  return { id, revision, state, event_id, expires_at_ms, document: JSON.stringify(redemption) };
}

/** Every statement under its name. They read numbers even if the host has set its connection to read bigints. */
function prepare(db) {
  const each = Object.entries(sqliteStatements);
  const prepared = Object.fromEntries(each.map(([name, text]) => [name, db.prepare(text).safeIntegers(false)]));
  prepared.read_counter.pluck();
  prepared.read_record.pluck();
  return prepared;
}

function checkFree(db) {
  if (db.inTransaction)
    throw new Error("the connection is in a transaction of the host's: a store needs it between transactions");
}

const isBusy = (error) => error?.code?.startsWith?.("SQLITE_BUSY");

const CONFLICT = Symbol("an operation no longer holds");
