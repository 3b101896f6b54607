// Executes a plan by one statement for each operation, on databases that have no function for it.
import { Conflict } from "./stores.js";

/**
 * Stores the plan's records, calls `write`, and stores the plan's counters; returns the keys of those that drifted.
 * `ask(name, values)` executes a statement and returns its rows; `changes(name, values)` says whether it changed a row;
 * `charge(values)` whether there was room in the counter.
 */
export async function execute({ ask, changes, charge }, ops, write) {
  const drifted = [];
  async function run(op) {
    const { key, by, at_most } = op;
    switch (op.op) {
      case "insert":
        return changes("insert", row(op.redemption));
      case "update":
        return changes("update", { ...row(op.redemption), id: op.id, was: op.revision });
      case "add": {
        if (by > 0) return charge({ key, by, at_most });
        const [{ drifts }] = await ask("drifts", { key, by });
        if (Number(drifts)) drifted.push(key);
        await ask("give_back", { key, by });
        return true;
      }
      default:
        throw new Error(`unknown operation ${op.op}`);
    }
  }
  const carryOut = async (part) => {
    for (const op of part) if (!(await run(op))) throw new Conflict();
  };
  const isCount = ({ op }) => op === "add";
  await carryOut(ops.filter((op) => !isCount(op)));
  await write?.();
  await carryOut(ops.filter(isCount));
  return drifted;
}

/** The values of the statements `insert` and `update`. */
export function row(redemption) {
  const { id, revision, state, event_id, expires_at_ms = null } = redemption;
  return { id, revision, state, event_id, expires_at_ms, document: JSON.stringify(redemption) };
}

/** The plan's redemptions, for `write`. */
export const redemptionsOf = (ops) => ops.flatMap(({ redemption }) => redemption ?? []);
