// The statements of a plan's operations on MariaDB and MySQL. There keys and persons are found by their SHA-256.
import { hashOf, hashesOf } from "./mysql-hashes.js";
import { added, correctedParts, joinedParts } from "./mysql-parts.js";
import { heldKeys, isPlaced, may, must, personsOf, row } from "./steps.js";

/** The statements of an operation. */
export function mysqlSteps(op) {
  switch (op.op) {
    case "insert":
      return [must("insert", row(op.redemption)), ...holding(op.redemption), ...naming(op.redemption)];
    case "update": {
      const persons = isPlaced(op.redemption) ? naming(op.redemption) : [];
      const values = { ...row(op.redemption), id: op.id, was: op.revision };
      return [must("update", values), may("unhold", op), ...holding(op.redemption), ...persons];
    }
    case "archive":
      return [must("archive", op), must("drop", op)];
    case "restore":
      return [must("restore", op), must("drop_archived", op)];
    case "drop":
      return [must("drop_archived", op)];
    case "erase":
      return [may("erase", { ...hashOf(op.person), id: op.id }), ...naming({ id: op.id, identities: [op.erased] })];
    case "add":
      return [(tools) => added(tools, op)];
    case "open":
      return [may("open", op)];
    case "correct":
      return [must("correct", op, "first_correct"), (tools) => correctedParts(tools, op)];
    case "forget":
      return [(tools) => joinedParts(tools, op), may("forget", op)];
    default:
      throw new Error(`unknown operation ${op.op}`);
  }
}

/** The statement for the rows of a record in redeemable_held. */
function holding({ id, state, expires_at_ms, charges }) {
  return state === "held" ? [may("hold", { ...hashesOf(heldKeys(charges)), expires_at_ms, id })] : [];
}

/** The statement for the rows of a record in redeemable_persons. */
const naming = ({ id, identities }) => {
  const persons = personsOf(identities);
  return persons.length > 0 ? [may("name", { ...hashesOf(persons), id })] : [];
};
