// Transactions in which a store works and which somebody else begins and ends: the host itself, or its mapper.
import { RepeatTransaction } from "./attempts.js";
import { invalid, known } from "./options.js";
import { CONFLICT, codesOf, tell } from "./stores.js";

/** The plan that is being stored in a transaction: the innermost, if one is in the `write` of another. */
const plans = new WeakMap();

/**
 * Knows which plan's `write` is running; undefined in a runtime that has no such storage. It is not imported, because
 * a page's bundler would not find it.
 */
const hooks = globalThis.process?.getBuiltinModule?.("node:async_hooks");
const writing = hooks && new hooks.AsyncLocalStorage();

/**
 * `commit`, once at a time or within the `write` of another. Of two plans at once, each would end or undo the savepoint
 * of the other.
 */
const alone = (transaction, commit) => async (ops, write) => {
  const outer = plans.get(transaction);
  if (outer !== undefined && writing?.getStore() !== outer)
    throw new Error("the option transaction: expected one call after the other, or one that write awaits");
  const plan = {};
  const noting = async (own, redemptions) => {
    plans.set(own, plan);
    try {
      await (writing ? writing.run(plan, write, own, redemptions) : write(own, redemptions));
      if (plans.get(own) !== plan) throw new Error("write has to await a call in its transaction before it ends");
    } finally {
      if (own !== transaction) plans.delete(own);
    }
  };
  plans.set(transaction, plan);
  try {
    return await commit(ops, write && noting);
  } finally {
    if (outer) plans.set(transaction, outer);
    else plans.delete(transaction);
  }
};

/**
 * The part of a store that works in a transaction of the host's, from these functions on that transaction:
 * `ask(name, values)` executes a statement, `execute(ops, write)` a plan, and returns the keys that drifted; `again`
 * says whether an error asks for a repetition, and `seesMore()` whether a new read would see what others have
 * committed.
 */
export function joined({ transaction, ask, read, find, execute, again, seesMore, onDrift }) {
  const guarded =
    (call) =>
    async (...values) => {
      try {
        return await call(...values);
      } catch (error) {
        throw again(error) ? new RepeatTransaction(error) : error;
      }
    };
  return {
    read: guarded(read),
    find: guarded(find),
    commit: alone(
      transaction,
      guarded((ops, write) =>
        withSavepoint(async (own) => {
          await ask("join", own);
          let drifted;
          try {
            drifted = await execute(ops, write, own);
            await ask("keep", own);
          } catch (error) {
            // The host may catch the error and commit: nothing of the plan may then be stored.
            if ((await undo(ask, own)) && codesOf(error).has(CONFLICT) && (await seesMore())) return false;
            throw error;
          }
          tell(onDrift, drifted);
          return true;
        }),
      ),
    ),
  };
}

const taken = new Set();
/**
 * Calls `work` with a number for a savepoint, as a value of the statements that set and remove it. On MariaDB and MySQL
 * it is a part of the name: there a second savepoint of one name replaces the first, and a plan may be in the `write`
 * of another. It is the lowest that no other plan has now, so there are few names: some drivers prepare each text.
 */
export async function withSavepoint(work) {
  let savepoint = 1;
  while (taken.has(savepoint)) savepoint += 1;
  taken.add(savepoint);
  try {
    return await work({ savepoint });
  } finally {
    taken.delete(savepoint);
  }
}

/** Goes back to the savepoint. If there is none any more, rolls the whole transaction back and returns false. */
async function undo(ask, own) {
  try {
    await ask("undo", own);
    await ask("keep", own);
    return true;
  } catch {
    // This fails if the connection is broken, or if the transaction has ended: then there is nothing to undo.
    await ask("abandon").catch(() => {});
    return false;
  }
}

/** The functions of a bridge, after a check that they are there. */
export function bridged(bridge) {
  const { query, transaction, ambient = false } = known(bridge, ["query", "transaction", "ambient"], ["bridge"]);
  for (const [name, found] of Object.entries({ query, transaction }))
    if (typeof found !== "function") throw invalid(["bridge", name], `expected a function, found ${typeof found}`);
  if (typeof ambient !== "boolean")
    throw invalid(["bridge", "ambient"], `expected true or false, found ${typeof ambient}`);

  return {
    ambient,
    /** The rows of a statement; what a bridge returns for a statement without rows does not matter. */
    async query(text, values, given) {
      const rows = await bridge.query(text, values, given);
      return Array.isArray(rows) ? rows : [];
    },
    /**
     * Runs `work` in a transaction and returns what it returned. An error of `work` is thrown as it is, even if the
     * library in between throws another one in its place, or none.
     */
    async within(isolation, work) {
      let failed;
      const noting = async (given) => {
        failed = undefined;
        try {
          return await work(given);
        } catch (error) {
          failed = { error };
          throw error;
        }
      };
      try {
        const result = await bridge.transaction(noting, isolation);
        if (!failed) return result;
      } catch (error) {
        if (!failed) throw error;
      }
      throw failed.error;
    },
  };
}

/** The answer of `call`, or `otherwise` if its error asks for a repetition. */
export async function unlessRepeated(again, otherwise, call) {
  try {
    return await call();
  } catch (error) {
    if (again(error)) return otherwise;
    throw error;
  }
}
