// The columns of the promotions' CSV: which fields are columns, and of which kind (text, amount, list, …) each is.
import { shapes } from "./contract.mjs";
import { alternatives, nullable, referred, values } from "./schema.mjs";

/**
 * `[["code", "text"], …]`. A field with fields of its own is JSON in one cell, or has a column for each of them, such
 * as `discount.amount`; in a list, `#` stands for the number of the entry, as in `pools.#.id`.
 */
export const columns = () => fieldsOf(shapes.Promo.properties, "");

function fieldsOf(properties, before) {
  return Object.entries(properties).flatMap(([name, field]) => {
    const own = before + name;
    const [given] = nullable(field);
    const [part, at] = given.type === "array" ? [given.items, `${own}.#.`] : [given, `${own}.`];
    const inner = propertiesOf(shapes[referred(part)]);
    const parts = inner ? fieldsOf(inner, at) : [];
    // What may be of several kinds, such as the value in a condition, is told apart only in JSON.
    const isJson = ([one, kind]) => kind === "json" && !parts.some(([other]) => other.startsWith(`${one}.`));
    return [[own, inner ? "json" : kind(name, given)], ...(parts.some(isJson) ? [] : parts)];
  });
}

/** The fields of a shape that is an object, those of all its cases together; undefined for other shapes. */
function propertiesOf(shape) {
  const cases = shape && !shape.properties ? alternatives(shape) : undefined;
  if (!cases?.[0]?.properties) return shape?.properties;
  return Object.assign({}, ...cases.map(({ properties }) => properties));
}

function kind(name, field) {
  const shape = shapes[referred(field)];
  if (shape) return values(shape) ? "text" : "json";
  const unit = field["x-unit"] ?? "";
  // True, false or a word.
  if (field.anyOf?.some((one) => one.const)) return "either";
  // An amount is a number, or numbers by currency. Where a tier begins is one only if the tiers are by subtotal.
  if (field.anyOf) return !unit.startsWith("minor") ? "json" : name === "from" ? "from" : "amount";
  if (unit.startsWith("milliseconds")) return /^(ends|until)/.test(name) ? "end" : "start";
  if (unit === "minutes") return name.startsWith("to") ? "until" : "clock";
  switch (field.type) {
    case "boolean":
      return "bool";
    case "number":
      return "percent";
    case "integer":
      return unit.startsWith("minor") ? "amount" : "count";
    case "array":
      return { string: "list", integer: "days" }[field.items.type] ?? "json";
    case "object":
      return "people";
    default:
      return "text";
  }
}

export const javascriptColumns = () =>
  `/**
 * Each field of a promotion by how its cell is written; a promotion with another field is not exported. # stands for
 * the number of an entry in a list, from 1.
 */
export const COLUMNS = {\n${columns()
    .map(([name, kind]) => `  ${name.includes(".") ? `"${name}"` : name}: "${kind}",\n`)
    .join("")}};\n`;

export const pythonColumns = () =>
  `"""Each field of a promotion by how its cell is written; a promotion with another field is not exported. # stands for
the number of an entry in a list, from 1.
"""

COLUMNS = {\n${columns()
    .map(([name, kind]) => `    "${name}": "${kind}",\n`)
    .join("")}}\n`;
