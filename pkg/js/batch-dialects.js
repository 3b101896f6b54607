// The statements that a plan is in a batch, on SQLite and on PostgreSQL.
import { scripts } from "./dist/sql.js";
import { known } from "./options.js";
import * as postgres from "./over-postgres.js";
import * as sqlite from "./over-sqlite.js";
import { postgresOptions } from "./schema.js";
import { isCount, replaces, sqliteSteps } from "./steps.js";
import { warn } from "./stores.js";

/** On SQLite each operation of a plan is a statement, and another that fails if the first has changed nothing. */
export const SQLITE = {
  ...sqlite,
  options(options) {
    const { onDrift = warn } = known(options, ["onDrift"], ["options"]);
    return { onDrift, parts: scripts.sqlite, bound: sqlite.bound };
  },
  replaces,
  /** `was` has the records that operations replace, by id. */
  plan(ops, own, savepoints, was) {
    const guarded = savepoints && own.length > 0 ? [["mark"], ...own, ["unmark"]] : own;
    const listed = (op) =>
      sqliteSteps(op, was.get(op.id)).flatMap(({ name, values, must }) =>
        must ? [[name, values], ["changed"]] : [[name, values]],
      );
    return [...ops.filter((op) => !isCount(op)).flatMap(listed), ...guarded, ...ops.filter(isCount).flatMap(listed)];
  },
  drifted: (rows, list) =>
    list.flatMap(([name, values], index) => (name === "drifts" && Number(rows[index][0].drifts) ? values.key : [])),
  again: (error) => isConflict(error) || sqlite.asksForRepetition(error),
};

/** On PostgreSQL a function executes the plan. */
export const POSTGRES = {
  ...postgres,
  options: postgresOptions,
  replaces: () => false,
  plan(ops, own) {
    const { OWN } = postgres;
    postgres.checkText(ops);
    if (own.length === 0) return [["commit", { ops: JSON.stringify([...OWN, ...ops]) }]];
    const part = (counts) => postgres.partOf(ops, counts, OWN);
    return [["commit_records", part(false)], ...own, ["commit_counters", part(true)]];
  },
  drifted: (rows) => postgres.driftedOf(rows.at(-1)),
  again: (error) => isConflict(error) || postgres.asksForRepetition(error),
};

/** Whether a statement of ours has made the batch fail. */
const isConflict = (error) => [error, error?.cause].some((each) => each?.message?.includes?.("redeemable_conflict"));
