// The statements of a plan's operations on MariaDB and MySQL. There keys and persons are found by their SHA-256.
import { hashOf, hashesOf } from "./mysql-hashes.js";
import { added, correctedParts, joinedParts } from "./mysql-parts.js";
import { heldKeys, may, must, names, personsOf, row } from "./steps.js";

/** The statements of an operation. `was` is the record that it replaces, if `replaces` asks for it. */
export function mysqlSteps(op, was) {
  switch (op.op) {
    case "insert":
      return [must("insert", row(op.redemption)), ...holding(op.redemption), ...naming(op.redemption)];
    case "update": {
      const { left, come } = names(was, op);
      const others = left.map((person) => may("erase", { ...hashOf(person), id: op.id }));
      const update = must("update", { ...row(op.redemption), id: op.id, was: op.revision });
      const persons = naming({ id: op.id, identities: come });
      return [update, may("unhold", op), ...holding(op.redemption), ...others, ...persons];
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
