// The statements that a plan is in a batch, on SQLite and on PostgreSQL.
import { postgresStatements, scripts, sqliteStatements } from "./dist/sql.js";
import { invalid } from "./options.js";
import { marked, row } from "./sqlite-core.js";

const isCount = ({ op }) => op === "add";

/** On SQLite each operation of a plan is a statement, and another that fails if the first has changed nothing. */
export const SQLITE = {
  tables: scripts.sqlite,
  bound(name, values = {}) {
    const { text, names } = marked(sqliteStatements[name]);
    return [text, names.map((word) => values[word])];
  },
  plan(ops, own, savepoints) {
    const guarded = savepoints && own.length > 0 ? [["mark"], ...own, ["unmark"]] : own;
    return [...ops.filter((op) => !isCount(op)).flatMap(recorded), ...guarded, ...ops.filter(isCount).flatMap(counted)];
  },
  drifted: (rows, list) =>
    list.flatMap(([name, values], index) => (name === "drifts" && Number(rows[index][0].drifts) ? values.key : [])),
  claim: (key) => ["set_counter", { key, used: 0 }],
  again: (error) => some(error, ({ code, message }) => isConflict(message) || /^SQLITE_BUSY/.test(code)),
};

function recorded(op) {
  switch (op.op) {
    case "insert":
      return [["insert", row(op.redemption)], ["changed"]];
    case "update":
      return [["update", { ...row(op.redemption), id: op.id, was: op.revision }], ["changed"]];
    default:
      throw new Error(`unknown operation ${op.op}`);
  }
}

const counted = (op) =>
  op.by > 0
    ? [["charge", op], ["changed"]]
    : [
        ["drifts", op],
        ["give_back", op],
      ];

/** On PostgreSQL a function executes the plan. */
export const POSTGRES = {
  tables: scripts.postgres,
  bound(name, values = {}) {
    const { text, names } = postgresStatements[name];
    // PostgreSQL stores no U+0000, so no record has such an id; asking for it would be an error.
    const sent = (value) => (value === null || String(value).includes("\0") ? null : String(value));
    return [text, names.map((word) => sent(values[word]))];
  },
  plan(ops, own) {
    // In JSON, \u0000 is U+0000 unless the backslash before the u is itself escaped.
    if (/(?<!\\)(?:\\\\)*\\u0000/.test(JSON.stringify(ops)))
      throw invalid([], "expected text without U+0000, which PostgreSQL cannot store");
    const part = (wanted) => ({ ops: JSON.stringify(ops.filter((op) => isCount(op) === wanted)) });
    if (own.length === 0) return [["commit", { ops: JSON.stringify(ops) }]];
    return [["commit_records", part(false)], ...own, ["commit_counters", part(true)]];
  },
  drifted(rows) {
    const drifted = JSON.parse(rows.at(-1)[0].drifted);
    if (drifted === null)
      throw new Error("the transaction ended within write: its records may be stored, its counters are not");
    return drifted;
  },
  claim: (key) => ["lock_counter", { key }],
  again: (error) =>
    some(error, ({ code, message }) => isConflict(message) || ["RDM01", "40001", "40P01", "55P03"].includes(code)),
};

const isConflict = (message) => String(message).includes("redeemable_conflict");

/** Whether the test holds for the error, or for one that it was made from. */
function some(error, test) {
  for (let depth = 0; error && depth < 5; depth += 1, error = error.cause) if (test(error)) return true;
  return false;
}
