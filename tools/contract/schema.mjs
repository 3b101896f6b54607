// Helpers that read a JSON Schema.

/** The name of the shape that a schema refers to, or undefined. */
export const referred = ({ $ref }) => $ref?.replace("#/$defs/", "");

/** The names of all shapes that a schema refers to. */
export function* mentioned(shape) {
  if (referred(shape)) yield referred(shape);
  for (const inner of Object.values(shape)) if (typeof inner === "object" && inner !== null) yield* mentioned(inner);
}

/** The alternatives of a union. A `oneOf` beside `properties` is no union: it lists the cases of one object. */
export const alternatives = (shape) => (shape.properties ? undefined : (shape.anyOf ?? shape.oneOf));

/** The values of a schema that lists its values, each with its description; undefined for other schemas. */
export function values(shape) {
  if (shape.const !== undefined) return [{ const: shape.const, description: shape.description }];
  if (shape.enum) return shape.enum.map((value) => ({ const: value }));
  return shape.oneOf?.every((one) => one.const !== undefined) ? shape.oneOf : undefined;
}

/** The field whose value tells the cases of a union apart, such as `kind`. */
export const tagOf = (cases) =>
  Object.keys(cases[0].properties ?? {}).find((field) =>
    cases.every(({ properties }) => properties?.[field]?.const !== undefined),
  );

/** Returns the schema without null, and whether it allowed null. */
export function nullable(shape) {
  if (Array.isArray(shape.type)) {
    const type = shape.type.filter((name) => name !== "null");
    return [{ ...shape, type: type.length === 1 ? type[0] : type }, shape.type.includes("null")];
  }
  const others = shape.anyOf?.filter(({ type }) => type !== "null") ?? [];
  if (others.length === (shape.anyOf?.length ?? 0)) return [shape, false];
  const { anyOf, ...notes } = shape;
  return [{ ...notes, ...(others.length === 1 ? others[0] : { anyOf: others }) }, true];
}

/** The description of a shape or a field, with its default added, if that is a plain value not named there already. */
export function noteOf({ description = "", default: value }) {
  const isPlain = value !== undefined && value !== null && typeof value !== "object";
  return isPlain && !/default/i.test(description) ? `${description} Default \`${value}\`.` : description;
}

/** The cases of an object. With `isFull` each case has all fields, otherwise only those that differ between cases. */
export function casesOf(shape, isFull) {
  const told = new Set(shape.oneOf.flatMap(({ properties }) => Object.keys(properties)));
  const names = Object.keys(shape.properties).filter((name) => isFull || told.has(name));
  const cases = shape.oneOf.map(({ title, description, properties, required = [] }) => ({
    title,
    description,
    properties: Object.fromEntries(names.map((name) => [name, narrowed(shape.properties[name], properties[name])])),
    required: [...(shape.required ?? []), ...required],
  }));
  const rest = Object.entries(shape.properties).filter(([name]) => !told.has(name));
  return { cases, common: { ...shape, properties: Object.fromEntries(rest) } };
}

/** A field as one case has it: a case may allow fewer values, or another type. */
function narrowed(field, more = {}) {
  const { description, default: value } = field;
  if (more.$ref || more.items || more.enum || more.const !== undefined || more.type === "null")
    return { description, default: value, ...more };
  if (more.type === undefined) return { ...field, ...more };
  const { type, ...rest } = more;
  return { ...nullable(field)[0], ...rest };
}
