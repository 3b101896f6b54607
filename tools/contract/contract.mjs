// Reads contract/, and prepares its shapes for the generators of TypeScript and Python.
import { readFileSync } from "node:fs";
import { mentioned, nullable } from "./schema.mjs";

export const root = new URL("../../", import.meta.url);
const read = (name) => JSON.parse(readFileSync(new URL(`contract/${name}.json`, root), "utf8"));

const { $defs } = read("schema");
const all = read("functions").functions;
/** The functions that are generated in every language; what belongs to prepared rules is written by hand. */
export const functions = all.filter(({ name }) => !name.startsWith("prepare"));
export const hot = all.filter(({ crossing }) => crossing === "hot");

/** The shapes of the hosts' types, by name. */
export const shapes = {};
const record = new Set(["Redemption"]);
for (const name of record) for (const other of mentioned($defs[name])) record.add(other);
for (const [name, shape] of Object.entries($defs)) {
  if (name === "Redemption") Object.assign(shapes, stored(shape));
  shapes[name] = record.has(name) && shape.properties ? whole(shape) : given(shape);
}

/**
 * A part of a record. All its fields are required, because the engine writes every field; null is allowed only where it
 * is the default.
 */
function whole(shape) {
  const properties = Object.entries(shape.properties).map(([name, field]) => {
    if (name === "schema") return [name, { ...field, const: field.maximum }];
    return [name, field.default === undefined || field.default === null ? field : nullable(field)[0]];
  });
  return { ...shape, properties: Object.fromEntries(properties), required: properties.map(([name]) => name) };
}

/** The types of a record that a host hands back: today's record, or one of schema 1, which lacks the later fields. */
function stored(shape) {
  const { schema, ...properties } = shape.properties;
  const fields = Object.entries(properties).filter(([, field]) => !(field.default ?? null));
  const earlier = { schema: { ...schema, const: schema.minimum }, ...Object.fromEntries(fields) };
  return {
    StoredRedemption: {
      description: "A record as the host has stored it: those of an earlier schema are read, too.",
      anyOf: [{ $ref: "#/$defs/Redemption" }, { $ref: "#/$defs/EarlierRedemption" }],
    },
    EarlierRedemption: {
      ...shape,
      description: "A record of schema 1, which remembers neither payments nor releases.",
      properties: earlier,
      required: Object.keys(earlier),
    },
  };
}

/** A request with `StoredRedemption` in place of `Redemption`: a host may hand back records of schema 1. */
function given(shape) {
  if (shape["x-side"] !== "request") return shape;
  return JSON.parse(JSON.stringify(shape).replaceAll('"#/$defs/Redemption"', '"#/$defs/StoredRedemption"'));
}
