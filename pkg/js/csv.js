// Promos as a table for spreadsheets, and back: each row is checked by the engine, and all are taken or none. In Node.
import { parse } from "csv-parse/sync";
import { stringify } from "csv-stringify/sync";
import { usageKeys } from "#engine";
import { invalid, known } from "./options.js";

/** Each field of a promo by how its cell is written; a promo with another field is not exported. */
const COLUMNS = {
  code: "text", id: "text", active: "bool", "discount.kind": "text", "discount.percent": "number", "discount.amount": "number", "discount.price": "number",
  discount_percent: "number", currency: "text", count_by: "text", max_uses: "number", single_use: "bool", max_uses_per_identity: "number",
  max_tickets_per_order: "number", max_discount: "number", budget: "number", pools: "json", when_short: "text", starts_at_ms: "number", ends_at_ms: "number",
  events: "json", ticket_types: "json", min_tickets: "number", max_tickets: "number", min_subtotal: "number", only_for: "json", combines: "bool",
  priority: "number", rounding: "text", release: "json",
};
const NAMES = Object.keys(COLUMNS);
const DISCOUNT = "discount.";
const ORDER = { event_id: "csv", currency: "csv", lines: [{ unit_price: 0, quantity: 1 }] };

/** The promos as CSV; csv.d.ts says how they are written. */
export function toCsv(promos, options = {}) {
  const { delimiter = "," } = known(options, ["delimiter"], "options");
  if (!DELIMITERS.includes(delimiter)) throw invalid("options.delimiter", "expected a comma, a semicolon or a tab");
  // What the engine does not read would be lost here in silence.
  usageKeys({ codes: [], promos, order: ORDER });
  const rows = promos.map((promo, index) => {
    const { discount, ...rest } = promo;
    const flat = { ...rest, ...Object.fromEntries(Object.entries(discount ?? {}).map(([name, value]) => [DISCOUNT + name, value])) };
    for (const name of ["id", "currency"]) if (flat[name]?.includes("\0")) throw invalid(`promos[${index}].${name}`, "expected no U+0000, which CSV cannot hold");
    return known(flat, NAMES, `promos[${index}]`);
  });
  const names = NAMES.filter((name) => name === "code" || rows.some((row) => row[name] != null));
  const lines = [names, ...rows.map((row) => names.map((name) => cellOf(row[name] ?? null, COLUMNS[name])))];
  return `\ufeff${stringify(lines, { delimiter, record_delimiter: "\r\n", quoted_match: /[\r\n]/ })}`;
}

/** The promos of the file, or everything that is wrong with it; csv.d.ts says what may stand in it. */
export function fromCsv(text) {
  if (typeof text !== "string") throw invalid("", "expected text");
  const { rows, broken } = rowsOf(text.replace(/^\ufeff/, ""));
  const [header, ...others] = rows.length > 0 ? rows : [{ line: 1, cells: [] }];
  const errors = broken.length > 0 ? broken : headerErrors(header);
  const promos = [];
  if (errors.length === 0) {
    const firsts = new Map();
    for (const { line, cells } of others) {
      const found = wrongCells(header.cells, cells);
      const promo = found.length === 0 ? promoOf(header.cells, cells, found) : {};
      if (found.length === 0) found.push(...fault(promo));
      found.push(...repeated(promo, line, firsts));
      errors.push(...found.map((error) => ({ line, ...error })));
      promos.push(promo);
    }
  }
  return errors.length > 0 ? { promos: null, errors } : { promos, errors };
}

const DELIMITERS = [",", ";", "\t"];

/** The rows that are not empty, each with the line it begins on, and the row that is no CSV, after which nothing is read. */
function rowsOf(text) {
  // Some readers stop at U+0000; a file with it is UTF-16, or no text.
  const nul = text.indexOf("\0");
  if (nul >= 0) return { rows: [], broken: [{ line: 1 + lineBreaks(text.slice(0, nul)), path: "", message: "expected UTF-8 text, found U+0000" }] };
  const bytes = Buffer.from(text);
  const rows = [];
  let [at, line] = [0, 1];
  const on_record = (cells, { bytes: end }) => {
    if (cells.some((cell) => cell !== "")) rows.push({ line, cells });
    line += lineBreaks(bytes.toString("utf8", at, end));
    at = end;
    return null;
  };
  const delimiter = /^[\r\n]*[^\r\n,;\t]*([,;\t])/.exec(text)?.[1] ?? ",";
  try {
    parse(bytes, { delimiter, record_delimiter: ["\r\n", "\n", "\r"], relax_column_count: true, on_record });
  } catch (error) {
    if (typeof error.code !== "string") throw error;
    return { rows, broken: [{ line, path: "", message: "expected CSV: quotes around the whole cell, and each quote within it twice" }] };
  }
  return { rows, broken: [] };
}

const lineBreaks = (text) => text.match(/\r\n|\r|\n/g)?.length ?? 0;

function headerErrors({ line, cells }) {
  const unknown = cells.flatMap((name, index) => {
    if (!Object.hasOwn(COLUMNS, name)) return { line, path: name, message: `unknown column, expected one of ${NAMES.join(", ")}` };
    return cells.indexOf(name) < index ? { line, path: name, message: "expected each column once" } : [];
  });
  return cells.includes("code") ? unknown : [...unknown, { line, path: "code", message: "missing required column" }];
}

function wrongCells(names, cells) {
  if (cells.length !== names.length) return [{ path: "", message: `expected ${names.length} cells, found ${cells.length}` }];
  return names.filter((_, index) => cells[index].includes("\ufffd")).map((path) => ({ path, message: "expected UTF-8 text, found characters that were lost" }));
}

const EXPECTED = { number: "a number in plain digits", bool: "true or false", json: "JSON with each field once" };

/** The promo of a row; a cell that is not as its column wants it is added to the errors. */
function promoOf(names, cells, errors) {
  const promo = {};
  for (const [index, name] of names.entries()) {
    if (cells[index] === "") continue;
    const value = valueOf(cells[index], COLUMNS[name]);
    if (value === undefined) errors.push({ path: name, message: `expected ${EXPECTED[COLUMNS[name]]}` });
    else if (name.startsWith(DISCOUNT)) (promo.discount ??= {})[name.slice(DISCOUNT.length)] = value;
    else promo[name] = value;
  }
  return promo;
}

/** What the engine says against the promo. */
function fault(promo) {
  try {
    usageKeys({ codes: [], promos: [promo], order: ORDER });
    return [];
  } catch (error) {
    if (!error.path?.startsWith("promos[0]")) throw error;
    return [{ path: error.path.replace(/^promos\[0\]\.?/, ""), message: error.message }];
  }
}

/** Whether an earlier row has the same code, as the engine compares them, or the same id. `firsts` are the rows so far. */
function repeated({ code, id }, line, firsts) {
  const errors = [];
  const look = (path, what, key) => {
    if (firsts.has(key)) errors.push({ path, message: `expected ${what} that no other promo has, found that of line ${firsts.get(key)}` });
    else firsts.set(key, line);
  };
  const terms = { code, discount: { kind: "none" } };
  if (fault(terms).length === 0) look("code", "a code", `code ${usageKeys({ codes: [code], promos: [terms], order: ORDER })[0]}`);
  if (id !== undefined) look("id", "an id", `id ${id}`);
  return errors;
}

/** A spreadsheet would execute a text that begins like a formula: an apostrophe goes before it, and before apostrophes that stand before one. */
const FORMULA = /^'*[=+\-@\t\r\n＝＋－＠]/;

function cellOf(value, kind) {
  if (value === null) return "";
  if (kind === "json") return JSON.stringify(value);
  return kind === "text" && FORMULA.test(value) ? `'${value}` : String(value);
}

function valueOf(cell, kind) {
  switch (kind) {
    case "text": return cell[0] === "'" && FORMULA.test(cell) ? cell.slice(1) : cell;
    case "number": return /^\d{1,16}(\.\d{1,16})?$/.test(cell) ? Number(cell) : undefined;
    case "bool": return { true: true, false: false }[cell.toLowerCase()];
    case "json": return jsonOf(cell);
  }
}

/** Undefined for what is no JSON, or has a field twice, of which `JSON.parse` would drop one. */
function jsonOf(cell) {
  try {
    const value = JSON.parse(cell);
    const written = [...cell.matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?/g)].filter(([, colon]) => colon !== undefined).length;
    return fieldsOf(value) === written ? value : undefined;
  } catch {
    return undefined;
  }
}

function fieldsOf(value) {
  if (typeof value !== "object" || value === null) return 0;
  const inner = Object.values(value);
  return inner.reduce((sum, item) => sum + fieldsOf(item), Array.isArray(value) ? 0 : inner.length);
}
