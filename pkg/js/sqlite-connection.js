// The driver of a synchronous store on a connection of better-sqlite3, libsql, Bun or Node.
import { sqliteStatements } from "./dist/sql.js";
import { EndedWithin, codesOf } from "./stores.js";

/** `isOpen` says whether a transaction is open on the connection: each library has another name for that. */
export function connection(db, isOpen) {
  /** A compiled statement that reads rows of numbers, even if the host's connection reads bigints or lists. */
  function compiled(text) {
    const statement = db.prepare(text);
    statement.safeIntegers?.(false);
    statement.setReadBigInts?.(false);
    statement.setReturnArrays?.(false);
    return statement;
  }
  const ready = {};
  /** Runs a statement that has no values. It is compiled once. */
  const run = (text) => {
    // libSQL does not reset a statement that has found the file locked, and could not commit any more while it exists.
    if (typeof db.syncUntil === "function") db.exec(text);
    else {
      ready[text] ??= compiled(text);
      ready[text].run();
    }
  };
  return {
    handle: db,
    groups: true,
    isOpen,
    run,
    script: (text) => db.exec(text),
    prepare(text) {
      const statement = compiled(text);
      let first;
      return {
        value(values) {
          first ??= firstValue(compiled(text));
          return first(values);
        },
        all: (values) => statement.all(...values),
        changes: (values) => Number(statement.run(...values).changes),
      };
    },
    within(work, writes) {
      run(writes ? "BEGIN IMMEDIATE" : "BEGIN");
      try {
        const result = work();
        run("COMMIT");
        return result;
      } catch (error) {
        if (isOpen()) run("ROLLBACK");
        throw error;
      }
    },
    guarded(work) {
      run(sqliteStatements.mark);
      work();
      try {
        run(sqliteStatements.unmark);
      } catch (cause) {
        throw new EndedWithin({ cause });
      }
    },
    joined(work) {
      const { abandon, join, keep, undo } = sqliteStatements;
      run(join);
      let result;
      try {
        result = work();
      } catch (error) {
        const undone = isPossible(() => {
          run(undo);
          run(keep);
        });
        // If the host's transaction has ended, there is nothing to undo any more.
        if (!undone) isPossible(() => run(abandon));
        throw error;
      }
      run(keep);
      return result;
    },
    isBusy,
  };
}

/** A function that answers the first column of the statement's first row, which is never null. */
function firstValue(statement) {
  // better-sqlite3 then makes no object of the row. libSQL knows `pluck`, too, and answers the row all the same.
  statement.pluck?.();
  return (values) => {
    const found = statement.get(...values);
    return typeof found === "object" ? Object.values(found ?? {})[0] : found;
  };
}

function isPossible(work) {
  try {
    work();
    return true;
  } catch {
    return false;
  }
}

const isBusy = (error) => [...codesOf(error)].some((code) => /^SQLITE_(BUSY|LOCKED)/.test(code));
