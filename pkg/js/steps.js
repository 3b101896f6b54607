// Executes a plan by statements, on databases that have no function for it.
import { Conflict } from "./stores.js";

/** How long a plan in a transaction of the store's own waits for each lock, unless the host has set less. */
export const LOCK_SECONDS = 2;

const COUNTS = new Set(["add", "open", "correct", "forget"]);
/** Whether an operation changes a counter: these run after the host's own writes. */
export const isCount = ({ op }) => COUNTS.has(op);

/** A statement of an operation, which fails if the statement changes no row, and `otherwise` does not either. */
export const must = (name, values, otherwise) => ({ name, values, must: true, otherwise });
/** A statement that may change nothing. */
export const may = (name, values) => ({ name, values });

/**
 * The statements of an operation on SQLite. `drifts` returns whether the counter has drifted. `was` is the record that
 * the operation replaces, if `replaces` asks for it.
 */
export function sqliteSteps(op, was) {
  switch (op.op) {
    case "insert":
      return [must("insert", row(op.redemption)), ...holding(op.redemption), ...naming(op.redemption)];
    case "update": {
      const update = must("update", { ...row(op.redemption), id: op.id, was: op.revision });
      // An update that places no order anew charges what the record charged before.
      if (!replaces(op)) return [...unholding(op.redemption), update];
      const { left, come } = names(was, op);
      const others = left.map((person) => may("erase", { person, id: op.id }));
      return [
        ...others,
        ...unholding(was ?? op.redemption),
        update,
        ...holding(op.redemption),
        ...naming({ id: op.id, identities: come }),
      ];
    }
    case "archive":
      return [must("archive", op), must("drop", op)];
    case "restore":
      return [must("restore", op), must("drop_archived", op)];
    case "drop":
      return [must("drop_archived", op)];
    case "erase":
      return [may("erase", op), ...naming({ id: op.id, identities: [op.erased] })];
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
 * Whether an update may have placed the order anew, perhaps in other names: it is then held, or confirmed at once,
 * being free or exchanged. No other update changes whom a record names, but that of `erase`, which has an operation for
 * it.
 */
const isPlaced = ({ state, tickets = [], exchanged = null }) =>
  state === "held" || (state === "confirmed" && (exchanged !== null || tickets.every(({ price }) => price === 0)));

/** Whether the statements of this operation need the record as it was. */
export const replaces = ({ op, redemption }) => op === "update" && isPlaced(redemption);

/** The persons that a record names no more, and those that it names in their place. */
export function names(was, { redemption }) {
  const [before, now] = [was, was && redemption].map((record) => record?.identities ?? []);
  const others = (some, than) => some.filter((person) => !than.includes(person));
  return { left: others(before, now), come: others(now, before) };
}

/** The statements that take the rows of a record from redeemable_held. */
const unholding = ({ id, charges = [] }) =>
  ["", ...charges.map(({ key }) => key)].map((key) => may("unhold", { key, id }));

/** The statements for the rows of a record in redeemable_held, if it is held. */
function holding({ id, state, expires_at_ms, charges }) {
  return state === "held" ? heldKeys(charges).map((key) => may("hold", { key, expires_at_ms, id })) : [];
}

/** The statements for the rows of a record in redeemable_persons. */
const naming = ({ id, identities }) => personsOf(identities).map((person) => may("name", { person, id }));

/**
 * The counters by which a held record is found, and '', under which a sweep finds it: those of which it holds
 * something, but not the money of a code without a budget, which refuses nobody.
 */
export const heldKeys = (charges = []) => ["", ...charges.filter(isSought).map(({ key }) => key)];
const isSought = ({ key, limit = null, held, amount }) =>
  (limit !== null || !key.includes("/spend/")) && (held ?? amount) > 0;
/** The persons that a record names; an operation that only takes a name away has null for the new one. */
export const personsOf = (identities = []) => identities.filter((person) => person !== null);

/**
 * Stores the plan's records, calls `write`, and stores the plan's counters; returns the keys of those that drifted.
 * `ask(name, values)` executes a statement and returns its rows; `changes(name, values)` says whether it changed a row;
 * `steps(op, ask)` lists the statements of an operation. One may be a function of `ask` and `changes`, which returns
 * false if the operation does not fit any more, and "drifts" if the counter has drifted.
 */
export async function execute({ ask, changes, steps }, ops, write) {
  const drifted = [];
  const tools = { ask, changes };
  async function run(step) {
    if (typeof step === "function") return step(tools);
    const { name, values, must, otherwise } = step;
    if (!must) return ask(name, values);
    return (await changes(name, values)) || (otherwise !== undefined && changes(otherwise, values));
  }
  const carryOut = async (part) => {
    for (const op of part) {
      for (const step of await steps(op, ask)) {
        const done = await run(step);
        if (done === false) throw new Conflict();
        if (done === "drifts" || (step.name === "drifts" && Number(done[0].drifts))) drifted.push(op.key);
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
