// Makes the TypeScript declarations: the shapes of contract/schema.json, and the functions that take and return them.
import { functions, shapes } from "./contract.mjs";
import { alternatives, casesOf, mentioned, noteOf, nullable, referred, values } from "./schema.mjs";
import { wrapped } from "./words.mjs";

const WIDTH = 120;

export function types() {
  const declared = new Set();
  return `// Amounts are whole minor units of the currency (1 cent, 1 sat). Names that end in \`_ms\` are milliseconds
// since the Unix epoch. In a request, null and absent mean the same. An answer has every field; only a record leaves
// out what is null, and an empty list of payments or releases.

${Object.entries(shapes)
  .map(([name, shape]) => declaration(name, shape, declared))
  .join("\n\n")}
`;
}

/** The functions of one wasm file. */
export function functionTypes(file) {
  const own = functions.filter((one) => one.file === file);
  const names = [...new Set(own.flatMap(({ request, answer }) => [...mentioned({ request, answer })]))].sort();
  const each = own.map(
    ({ name, request, answer, description }) =>
      `${comment(description)}export function ${name}(request: ${type(request)}): ${type(answer)};`,
  );
  return `${[`import type {\n  ${names.join(",\n  ")},\n} from "./types.js";`, ...each].join("\n\n")}\n`;
}

function declaration(name, shape, declared) {
  const head = comment(noteOf(shape));
  // The functions throw JavaScript's own Error with more fields; `message` is declared there already.
  if (name === "Error") {
    const { message, ...properties } = shape.properties;
    return `${head}export interface RedeemableError extends Error ${object({ ...shape, properties })}`;
  }
  if (shape.oneOf?.some(({ title }) => title)) return named(name, shape, head, declared);
  if (!shape.properties) return `${head}${union(`export type ${name} =`, shape)};`;
  return shape.oneOf ? narrowing(name, shape, head) : `${head}export interface ${name} ${object(shape)}`;
}

/** A shape whose cases have names: one type for each case, unless an earlier shape has it, and their union. */
function named(name, shape, head, declared) {
  const cases = shape.properties ? casesOf(shape, true).cases : shape.oneOf;
  const titles = [...new Set(cases.map(({ title }) => title))];
  const news = titles.filter((title) => !declared.has(title));
  const each = news.map((title) => {
    declared.add(title);
    const own = cases.filter((one) => one.title === title);
    const text = comment(noteOf(own[0]));
    if (own.length === 1) return `${text}export interface ${title} ${object(own[0])}`;
    return `${text}export type ${title} =${own.map((one) => `\n  | ${object(one, "    ")}`).join("")};`;
  });
  return [`${head}${broken(`export type ${name} =`, titles)};`, ...each].join("\n");
}

/** An object in which some fields depend on each other: a union of the cases, and an interface of the other fields. */
function narrowing(name, shape, head) {
  const { cases, common } = casesOf(shape, false);
  const hasCommon = Object.keys(common.properties).length > 0;
  const pad = hasCommon ? "    " : "  ";
  const list = cases.map((one) => `\n${comment(noteOf(one), pad)}${pad}| ${object(one, `${pad}  `)}`).join("");
  if (!hasCommon) return `${head}export type ${name} =${list};`;
  const text = comment(`What every case of ${name} has.`);
  // Biome puts the comment of the first case before the parenthesis, so it is written there.
  const inner = list.replace(/^(\n +\/\*\*.*)?/, (note) => `${note.replace("    ", "  ")}\n  (`);
  const fields = `${text}export interface ${name}Fields ${object(common)}`;
  return `${head}export type ${name} = ${name}Fields &${inner}\n  );\n${fields}`;
}

/** A union of values or types; where they have descriptions, each stands on a line of its own below its description. */
function union(head, shape) {
  const cases = values(shape) ?? alternatives(shape) ?? [shape];
  if (!cases.some(noteOf))
    return broken(
      head,
      cases.map((one) => type(one)),
    );
  return head + cases.map((one) => `\n${comment(noteOf(one), "  ")}  | ${type(one, "    ")}`).join("");
}

function object({ properties, required = [] }, pad = "") {
  const fields = Object.entries(properties).map(([name, field]) => {
    const head = `${pad}  ${name}${required.includes(name) ? "" : "?"}:`;
    const line = `${head} ${type(field, `${pad}  `)}`;
    const isLong = line.length >= WIDTH && !line.includes("\n");
    const text = isLong ? broken(head, line.slice(head.length).split(" | "), `${pad}  `) : line;
    return `${comment(noteOf(field), `${pad}  `)}${text};\n`;
  });
  return `{\n${fields.join("")}${pad}}`;
}

function type(shape, pad = "") {
  // A reference with a title means the one case of the shape that has this name.
  if (referred(shape)) return shape.title ?? referred(shape);
  const [plain, isNullable] = nullable(shape);
  if (isNullable) return `${type(plain, pad)} | null`;
  const all = alternatives(shape);
  if (values(shape))
    return values(shape)
      .map((one) => JSON.stringify(one.const))
      .join(" | ");
  if (all) return all.map((one) => type(one, pad)).join(" | ");
  switch (shape.type) {
    case "string":
    case "boolean":
    case "null":
      return shape.type;
    case "integer":
    case "number":
      return "number";
    case "array":
      return shape.maxItems === 0 ? "[]" : list(type(shape.items, pad));
    case "object":
      return shape.properties ? object(shape, pad) : `{ [key: string]: ${type(shape.additionalProperties, pad)} }`;
    default:
      // A document that may hold anything: what the organiser wrote.
      return "unknown";
  }
}

function list(item) {
  if (item === "unknown") return "readonly unknown[]";
  return item.includes(" ") && !item.startsWith("{") ? `(${item})[]` : `${item}[]`;
}

/** A union, broken into lines as Biome would where it is too long. */
function broken(head, cases, pad = "") {
  const line = `${head} ${cases.join(" | ")}`;
  return line.length < WIDTH ? line : [head, ...cases.map((one) => `${pad}  | ${one.trim()}`)].join("\n");
}

/** The doc comment above a declaration. */
function comment(text, pad = "") {
  if (!text) return "";
  const line = `${pad}/** ${text} */`;
  if (line.length <= WIDTH && !text.includes("\n")) return `${line}\n`;
  const lines = wrapped(text, WIDTH - pad.length - 3);
  return `${pad}/**\n${lines.map((one) => `${pad} * ${one}`.trimEnd()).join("\n")}\n${pad} */\n`;
}
