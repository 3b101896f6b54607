// Executes a plan by statements, on databases that have no function for it.
import { Conflict } from "./stores.js";

const COUNTS = new Set(["add", "open", "correct", "forget"]);
/** Whether an operation changes a counter: these run after the host's own writes. */
export const isCount = ({ op }) => COUNTS.has(op);

/** A statement of an operation, which fails if the statement changes no row, and `otherwise` does not either. */
export const must = (name, values, otherwise) => ({ name, values, must: true, otherwise });
/** A statement that may change nothing. */
export const may = (name, values) => ({ name, values });

/** The statements of an operation on SQLite. `drifts` returns whether the counter has drifted. */
export function sqliteSteps(op) {
  switch (op.op) {
    case "insert":
      return [must("insert", row(op.redemption))];
    case "update":
      return [must("update", { ...row(op.redemption), id: op.id, was: op.revision })];
    case "archive":
      return [must("archive", op), must("drop", op)];
    case "restore":
      return [must("restore", op), must("drop_archived", op)];
    case "drop":
      return [must("drop_archived", op)];
    case "erase":
      return op.erased === null ? [may("erase", op)] : [may("erase", op), may("erased", op)];
    case "add":
      return op.by > 0 ? [must("charge", op)] : [may("drifts", op), may("give_back", op)];
    case "open":
      return [may("open", op)];
    case "correct":
      return [must("correct", op)];
    case "forget":
      return [may("forget", op)];
    default:
      throw new Error(`unknown operation ${op.op}`);
  }
}

/**
 * Stores the plan's records, calls `write`, and stores the plan's counters; returns the keys of those that drifted.
 * `ask(name, values)` executes a statement and returns its rows; `changes(name, values)` says whether it changed a row;
 * `steps(op)` lists the statements of an operation.
 */
export async function execute({ ask, changes, steps }, ops, write) {
  const drifted = [];
  async function run({ name, values, must, otherwise }) {
    if (!must) return ask(name, values);
    if (!(await changes(name, values)) && !(otherwise && (await changes(otherwise, values)))) throw new Conflict();
  }
  const carryOut = async (part) => {
    for (const op of part) {
      for (const step of steps(op)) {
        const rows = await run(step);
        if (step.name === "drifts" && Number(rows[0].drifts)) drifted.push(op.key);
      }
    }
  };
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
