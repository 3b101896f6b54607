// The statements of a plan's operations on MariaDB and MySQL. There keys and persons are found by their SHA-256.
import { may, must, row } from "./steps.js";

/** The statements of an operation. */
export function mysqlSteps(op) {
  switch (op.op) {
    case "insert":
      return [must("insert", row(op.redemption)), ...holding(op.redemption), ...naming(op.redemption)];
    case "update": {
      const persons = op.redemption.state === "held" ? naming(op.redemption) : [];
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
      return op.by > 0 ? [must("charge", op, "first_charge")] : [may("drifts", op), may("give_back", op)];
    case "open":
      return [may("open", op)];
    case "correct":
      return [must("correct", op, "first_correct")];
    case "forget":
      return [may("forget", op)];
    default:
      throw new Error(`unknown operation ${op.op}`);
  }
}

/** The statement for the rows of a record in redeemable_held. */
function holding({ id, state, expires_at_ms, charges = [] }) {
  if (state !== "held") return [];
  const keys = charges.filter(({ held, amount }) => (held ?? amount) > 0).map(({ key }) => key);
  return [may("hold", { ...hashesOf(["", ...keys]), expires_at_ms, id })];
}

/** The statement for the rows of a record in redeemable_persons. */
const naming = ({ id, identities = [] }) => {
  const persons = identities.filter((person) => person !== null);
  return persons.length > 0 ? [may("name", { ...hashesOf(persons), id })] : [];
};

/** Not imported, because a page's bundler would not find it. */
const hashing = globalThis.process?.getBuiltinModule?.("node:crypto");

/** The SHA-256 of a key or a person, in hexadecimal digits. */
function sha256(text) {
  if (!hashing) throw new Error("the store on MariaDB and MySQL needs node:crypto, which this runtime does not have");
  return hashing.createHash("sha256").update(text).digest("hex");
}

export const hashOf = (text) => ({ hash: sha256(text) });
export const hashesOf = (texts) => ({ hashes: JSON.stringify(texts.map(sha256)) });
