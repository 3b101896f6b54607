// The options of the stores on PostgreSQL: `schema` is in the names of the script and of the statements, here alone.
import { postgres, postgresStatements, scripts } from "./dist/sql.js";
import { checkedGroup } from "./group.js";
import { invalid, known } from "./options.js";
import { warn } from "./stores.js";

/**
 * The options, checked, and the `script` (whole, or its statements as a list) and `bound` for this schema. `more` are
 * options that only some stores have.
 */
export function postgresOptions(options, more = []) {
  const { onDrift = warn, schema, begin, group } = known(options, ["onDrift", "schema", "begin", ...more], ["options"]);
  if (begin !== undefined && typeof begin !== "function")
    throw invalid(["options", "begin"], `expected a function, found ${begin === null ? "null" : typeof begin}`);
  // What the host's `begin` sets is meant for one caller.
  const groups = checkedGroup(group) && begin === undefined;
  if (schema === undefined) return { onDrift, begin, groups, script: postgres, parts: scripts.postgres, bound };
  // PostgreSQL would cut off a longer name, and then two could be one.
  if (typeof schema !== "string" || !/^(?!pg_)[A-Za-z0-9_-]{1,63}$/.test(schema)) {
    const wanted = "1 to 63 letters of ASCII, digits, _ or -, not beginning with pg_";
    throw invalid(["options", "schema"], `expected ${wanted}, found ${JSON.stringify(schema)}`);
  }
  const made = (script) => script.replace(" := NULL;", () => ` := '${schema}';`);
  const named = (text) =>
    text.replaceAll(
      /\bredeemable_(?:redemptions|counters|held|persons|archive|parts|commit)\b/g,
      (name) => `"${schema}".${name}`,
    );
  return {
    onDrift,
    begin,
    groups,
    script: made(postgres),
    parts: scripts.postgres.map(made),
    bound(name, values) {
      const [text, list] = bound(name, values);
      return [named(text), list];
    },
  };
}

/** The text of a statement, and its values in the order of the parameters $1, $2 and so on: texts, or null. */
export function bound(name, values = {}) {
  const { text, names } = postgresStatements[name];
  return [text, names.map((word) => (values[word] === null ? null : String(values[word])))];
}
