// Reads contract/, and prepares its shapes for the generators of TypeScript and Python.
import { readFileSync } from "node:fs";
import { mentioned } from "./schema.mjs";

export const root = new URL("../../", import.meta.url);
const read = (name) => JSON.parse(readFileSync(new URL(`contract/${name}.json`, root), "utf8"));

const { $defs } = read("schema");
const all = read("functions").functions;
/** The functions that are generated in every language; what belongs to prepared rules is written by hand. */
export const functions = all.filter(({ name }) => !name.startsWith("prepare"));
export const hot = all.filter(({ crossing }) => crossing === "hot");

/** The shapes of the hosts' types, by name. */
export const shapes = {};
/** The shapes that a record has. The engine writes them, too, and leaves out what is null. */
export const record = new Set(["Redemption", "NotedApplied"]);
$defs.NotedApplied = { ...$defs.Applied, description: "What one code did to the order, as the record has it." };
for (const name of record) for (const other of mentioned($defs[name])) record.add(other);
record.delete("Applied");
for (const [name, shape] of Object.entries($defs)) {
  if (name === "Redemption") Object.assign(shapes, stored(shape));
  // A decision has every field.
  else if (name === "Applied") shapes[name] = { ...shape, required: Object.keys(shape.properties) };
  else shapes[name] = record.has(name) ? shape : given(shape);
}

/** The types of a record: today's, and what a host may hand back, which lacks the later fields if it is of schema 1. */
function stored(shape) {
  const applied = { ...shape.properties.applied, items: { $ref: "#/$defs/NotedApplied" } };
  const { schema, ...properties } = { ...shape.properties, applied };
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
    },
    Redemption: { ...shape, properties: { schema: { ...schema, const: schema.maximum }, ...properties } },
  };
}

/** A request with `StoredRedemption` in place of `Redemption`: a host may hand back records of schema 1. */
function given(shape) {
  if (shape["x-side"] !== "request") return shape;
  return JSON.parse(JSON.stringify(shape).replaceAll('"#/$defs/Redemption"', '"#/$defs/StoredRedemption"'));
}
