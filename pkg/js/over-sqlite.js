// A store on SQLite over a library that the host uses already, by a bridge of two functions.
// The statements themselves check the limits, so a limit holds even if what was read before is out of date.
import { sqliteStatements, scripts } from "./dist/sql.js";
import { bridged, joined, unlessRepeated } from "./joining.js";
import { known } from "./options.js";
import { execute, redemptionsOf, replaces, sqliteSteps } from "./steps.js";
import { EndedWithin, codesOf, found, operators, pruned, repeats, scanned, tell, usage, warn } from "./stores.js";

export function sqliteOver(bridge, options = {}) {
  const { onDrift = warn } = known(options, ["onDrift"], ["options"]);
  const { query, within } = bridged(bridge);
  const asking = (transaction) => (name, values) => query(...bound(name, values), transaction);
  const alone = asking(undefined);
  /** Runs several statements in one transaction that writes. */
  const writing = (work) =>
    within("read committed", async (transaction) => {
      const ask = asking(transaction);
      await ask("begin_writing");
      return work(ask, transaction);
    });
  /** Executes a plan in this transaction. */
  const carryOut = (ask, transaction, ops, write) => {
    const changes = async (name, values) => {
      const { text, names } = marked(name);
      const done = await query(`${text} RETURNING 1 AS done`, valuesOf(names, values), transaction);
      return done.length > 0;
    };
    return execute(
      { ask, changes, steps },
      ops,
      write && (() => written(ask, () => write(transaction, redemptionsOf(ops)))),
    );
  };

  return {
    async migrate() {
      await within("read committed", async (transaction) => {
        for (const text of scripts.sqlite) await query(text, [], transaction);
      });
    },
    read: (keys, id = null) => read(alone, keys, id),
    find: (asked) => find(alone, asked),
    commit: (ops, write) =>
      unlessRepeated(asksForRepetition, false, async () => {
        const drifted = await writing((ask, transaction) => carryOut(ask, transaction, ops, write));
        tell(onDrift, drifted);
        return true;
      }),
    async scan(visit) {
      await within("repeatable read", (transaction) => scanned(asking(transaction), visit));
    },
    ...operators(alone),
    prune: (isOver) => unlessRepeated(asksForRepetition, null, () => writing((ask) => pruned(ask, isOver))),
    joining(transaction) {
      const ask = asking(transaction);
      return joined({
        transaction,
        ask,
        onDrift,
        again: asksForRepetition,
        async read(keys, id = null) {
          // Whoever asks for a record will write: if the host has not read yet, wait for the lock now.
          if (id !== null) await ask("begin_writing");
          return read(ask, keys, id);
        },
        find: (asked) => find(ask, asked),
        async execute(ops, write) {
          // Some libraries give up a savepoint that stands in no transaction: each statement would be stored by itself.
          await ask("undo").catch((cause) => {
            throw new Error("the option transaction: expected a transaction that is open, found none", { cause });
          });
          return carryOut(ask, transaction, ops, write);
        },
        // Nobody else has written since this transaction has the lock.
        seesMore: async () => true,
      });
    },
  };
}

const steps = async (op, ask) => {
  const [replaced] = replaces(op) ? await ask("read_record", { id: op.id }) : [];
  return sqliteSteps(op, replaced && JSON.parse(replaced.document));
};

/** The text of a statement with `?` in place of each `:word`, and the words. */
function marked(name) {
  const names = [];
  const text = sqliteStatements[name].replaceAll(/:(\w+)/g, (_, word) => {
    names.push(word);
    return "?";
  });
  return { text, names };
}

const valuesOf = (names, values) => names.map((word) => values[word]);

export function bound(name, values = {}) {
  const { text, names } = marked(name);
  return [text, valuesOf(names, values)];
}

export const read = async (ask, keys, id) => usage((await ask("read", { keys: JSON.stringify(keys), id }))[0]);

export async function find(ask, { lapsed_by_ms, keys, limit }) {
  if (keys === null) return found(await ask("lapsed", { lapsed_by_ms, limit }));
  return found(await ask("find", { lapsed_by_ms, keys: JSON.stringify(keys), limit }));
}

/** Calls `write` under a mark, which is gone if the transaction has ended: by COMMIT or by a full disk, for example. */
async function written(ask, write) {
  await ask("mark");
  await write();
  try {
    await ask("unmark");
  } catch (cause) {
    throw new EndedWithin({ cause });
  }
}

/** Whether to read and decide again: an operation of the plan has failed, or the file was locked. */
export const asksForRepetition = (error) =>
  repeats(error, []) || [...codesOf(error)].some((code) => /^SQLITE_(BUSY|LOCKED)/.test(code));
