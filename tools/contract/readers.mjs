// Makes the JavaScript readers of the hot functions' answers. Each reader returns one object literal, whose fields
// stand in the order in which the engine writes them.
import { hot, shapes } from "./contract.mjs";
import { alternatives, nullable, referred, tagOf, values } from "./schema.mjs";

const WIRE = [
  "given",
  "isList",
  "list",
  "map",
  "name",
  "number",
  "optional",
  "optionalNumber",
  "optionalString",
  "string",
  "truth",
];

export function readers() {
  const written = new Map();
  const exported = new Set(hot.map((one) => readerOf(one, written)));
  const parts = [...written].map(([own, text]) => (exported.has(own) ? `export ${text}` : text));
  const used = WIRE.filter((name) => parts.some((text) => new RegExp(`\\b${name}\\b`).test(text)));
  const head = `import {\n  ${used.join(",\n  ")},\n} from "./wire-answers.js";`;
  return `${[head, begin(), ...parts].join("\n\n")}\n`;
}

/** The fields that are assigned one by one, in objects of which some fields may be missing. */
const assigned = new Set();

const begin = () => `const { create, prototype: plain, setPrototypeOf } = Object;

// An object with a field that may be missing is made by assignments, five times as fast as by spreading. Where the
// prototype of all objects has a field of that name, perhaps with a setter, the object gets the prototype at the end.
let isSpoilt;
function begin() {
  isSpoilt =
${[...assigned].map((name) => `    "${name}" in plain`).join(" ||\n")};
  return isSpoilt ? create(null) : {};
}
const ended = (one) => (isSpoilt ? setPrototypeOf(one, plain) : one);`;

/** What reads a function's answer: `decision`, or `keys` of `usageKeys`, whose answer has no name of its own. */
export const readerOf = ({ name, answer }, written = new Map()) =>
  reader(answer, /[A-Z]?[a-z]*$/.exec(name)[0].toLowerCase(), written);

/** The function that reads a value of this shape, written after those that it calls. `place` names a nameless one. */
function reader(shape, place, written) {
  const simple = { integer: "number", number: "number", boolean: "truth" }[shape.type];
  if (simple) return simple;
  const name = referred(shape);
  if (values(name ? shapes[name] : shape)) return "name";
  if (shape.type === "string") return "string";
  const own = name ? name[0].toLowerCase() + name.slice(1) : place;
  if (!written.has(own)) written.set(own, definition(own, name ? shapes[name] : shape, written));
  return own;
}

function definition(own, shape, written) {
  const cases = alternatives(shape);
  const tag = cases && tagOf(cases);
  if (!tag) {
    if (shape.properties && Object.keys(shape.properties).some((name) => !shape.required.includes(name)))
      return assigning(own, shape, written);
    const text = reading(shape, own, written);
    return `const ${own} = () => ${text.startsWith("{") ? `(${text})` : text};`;
  }
  const lines = cases.map(({ properties: { [tag]: kind, ...properties } }, index) => {
    const value = JSON.stringify(kind.const);
    const fields = Object.entries(properties).map(([name, field]) => `, ${name}: ${reading(field, own, written)}`);
    const head = index < cases.length - 1 ? `case ${value}` : "default";
    return `    ${head}:\n      return { ${tag}: ${value}${fields.join("")} };`;
  });
  return `function ${own}() {\n  switch (string()) {\n${lines.join("\n")}\n  }\n}`;
}

/** The function that reads an object of which some fields may be missing. */
function assigning(own, { properties, required }, written) {
  const lines = Object.entries(properties).map(([name, field]) => {
    assigned.add(name);
    if (required.includes(name)) return `  one.${name} = ${reading(field, `${own}_${name}`, written)};\n`;
    return `  if (given()) one.${name} = ${reading(nullable(field)[0], `${own}_${name}`, written)};\n`;
  });
  return `const ${own} = () => {\n  const one = begin();\n${lines.join("")}  return ended(one);\n};`;
}

/** The expression that reads a value of this shape. */
function reading(shape, place, written) {
  const [given, isNullable] = nullable(shape);
  const cases = alternatives(given);
  // The first slot tells whether a list or a number follows; a number may be null.
  const list = cases?.find(({ type }) => type === "array");
  if (list) return `isList() ? ${reading(list, place, written)} : ${isNullable ? "optionalNumber" : "number"}()`;
  if (isNullable) {
    const read = reader(given, place, written);
    return { string: "optionalString()", number: "optionalNumber()" }[read] ?? `optional(${read})`;
  }
  // These cases have no field that tells which one it is, so the engine writes the names of their fields, too.
  if (cases) return "map(() => (isList() ? list(string) : number()))";
  if (given.type === "array") return `list(${reader(given.items, `${place}_item`, written)})`;
  if (!given.properties) return `${reader(given, place, written)}()`;
  const fields = Object.entries(given.properties).map(
    ([name, field]) => `  ${name}: ${reading(field, `${place}_${name}`, written)},\n`,
  );
  return `{\n${fields.join("")}}`;
}
