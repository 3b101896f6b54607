// The columns of the promotions' CSV: which fields are columns, and of which kind (text, amount, list, …) each is.
import { shapes } from "./contract.mjs";
import { alternatives, nullable, referred, values } from "./schema.mjs";

/** `[["code", "text"], …]`. Each field of an object with kinds is a column of its own, such as `discount.amount`. */
export function columns() {
  return Object.entries(shapes.Promo.properties).flatMap(([name, field]) => {
    const [given] = nullable(field);
    const cases = referred(given) && alternatives(shapes[referred(given)]);
    if (!cases?.[0].properties) return [[name, kind(name, given)]];
    const fields = Object.assign({}, ...cases.map(({ properties }) => properties));
    return Object.entries(fields).map(([own, inner]) => [`${name}.${own}`, kind(own, nullable(inner)[0])]);
  });
}

function kind(name, field) {
  if (referred(field) && !values(shapes[referred(field)])) return "json";
  const unit = field["x-unit"] ?? "";
  // An amount is a number or numbers by currency.
  if (nullable(field)[0].anyOf && unit.startsWith("minor")) return "amount";
  if (unit.startsWith("milliseconds")) return name.startsWith("ends") ? "end" : "start";
  switch (field.type) {
    case "boolean":
      return "bool";
    case "number":
      return "percent";
    case "integer":
      return unit.startsWith("minor") ? "amount" : "count";
    case "array":
      return field.items.type === "string" ? "list" : "json";
    case "object":
      return "people";
    default:
      return "text";
  }
}

export const javascriptColumns = () =>
  `/** Each field of a promotion by how its cell is written; a promotion with another field is not exported. */
export const COLUMNS = {\n${columns()
    .map(([name, kind]) => `  ${name.includes(".") ? `"${name}"` : name}: "${kind}",\n`)
    .join("")}};\n`;

export const pythonColumns = () =>
  `"""Each field of a promotion by how its cell is written; a promotion with another field is not exported."""

COLUMNS = {\n${columns()
    .map(([name, kind]) => `    "${name}": "${kind}",\n`)
    .join("")}}\n`;
