// Writes promos as a table for spreadsheets, and reads them again, in Node. The engine checks each row; if one is
// wrong, none is read.
import { parse } from "csv-parse/sync";
import { stringify } from "csv-stringify/sync";
import { canonicalCode } from "#engine";
import { cellOf, shown, valueIn, WrongCell } from "./csv-cells.js";
import { columnsBeside, documentOf, inOrder, kindOf, NAMES, valuesOf } from "./csv-fields.js";
import { clockOf } from "./csv-times.js";
import { invalid, known, pathOf } from "./options.js";
import { validatePromos } from "./organiser-node.js";

const DELIMITERS = [",", ";", "\t"];

/** The promos as CSV; csv.d.ts says how they are written. */
export function toCsv(promos, options = {}) {
  const { delimiter = "," } = known(options, ["delimiter"], ["options"]);
  if (!DELIMITERS.includes(delimiter))
    throw invalid(["options", "delimiter"], "expected a comma, a semicolon or a tab");
  // A malformed promo could lose fields in the table without an error, so the engine checks all promos first.
  const { faults } = validatePromos({ promos });
  // Of two promos with one code both have a fault: the later one is named.
  const fault = faults.find(({ code }) => code !== "duplicate_code") ?? faults.at(-1);
  if (fault) throw Object.assign(invalid(fault.at, fault.message), { code: fault.code });
  const rows = promos.map((promo, index) => {
    const values = valuesOf(promo, ["promos", index]);
    for (const name of ["id", "currency"])
      if (values[name]?.includes("\0"))
        throw invalid(["promos", index, name], "expected no U+0000, which CSV cannot hold");
    return values;
  });
  const names = filledLast(inOrder([...new Set(["code", ...rows.flatMap((row) => Object.keys(row))])]), rows);
  const lines = [names, ...rows.map((row) => names.map((name) => cellOf(row[name] ?? null, kindOf(name), delimiter)))];
  // A cell is quoted if it contains any of the separators: the reader may take another one than ours.
  return `\ufeff${stringify(lines, { delimiter, record_delimiter: "\r\n", quoted_match: /[\r\n,;\t]/ })}`;
}

// Excel saves rows in blocks of 16. In each block after the first it leaves out the cells at the end that are empty in
// all of its rows, and these rows would have too few cells.
/** The names in order; from 16 rows on, a column that every row fills stands last. */
function filledLast(names, rows) {
  const last = rows.length < 16 ? names.at(-1) : names.findLast((name) => rows.every((row) => row[name] != null));
  return [...names.filter((name) => name !== last), last];
}

/** The promos of the file, or everything that is wrong with it; csv.d.ts says what a file may contain. */
export function fromCsv(text, options = {}) {
  if (typeof text !== "string") throw invalid([], "expected text");
  const told = toldBy(options);
  const { rows, broken, delimiter } = rowsOf(text.replace(/^\ufeff/, ""));
  told.decimal ??= delimiter === "," ? "." : null;
  const { columns, others, errors } = broken.length > 0 ? { errors: broken } : headed(rows, told);
  const promos = [];
  if (errors.length === 0) {
    const firsts = new Map();
    const names = columns.map(({ name }) => name);
    const missing = Object.entries(told.defaults ?? {}).filter(([name]) => !names.some((one) => meets(one, name)));
    for (const { line, cells } of others) {
      const { promo, found } = promoOf(columns, cells, missing);
      found.push(...repeated(promo, line, firsts));
      errors.push(...found.map((error) => ({ line, ...error })));
      promos.push(promo);
    }
  }
  return errors.length > 0 ? { promos: null, errors } : { promos, errors };
}

/** Whether the columns are about the same field, or about entries of the same list. */
function meets(one, other) {
  const [a, b] = [one, other].map((name) => `${name.replace(/\.[0-9]+\..*/, "")}.`);
  return a.startsWith(b) || b.startsWith(a);
}

/** Checks the options. An option that is not given is null in the result. */
function toldBy(options) {
  const given = known(options, ["amounts", "decimal", "zone", "defaults"], ["options"]);
  const { amounts = null, decimal = null, zone = null, defaults = null } = given;
  const no = (name, expected) =>
    invalid(["options", name], `expected ${expected}, found ${JSON.stringify(given[name])}`);
  if (![null, "minor", "major"].includes(amounts)) throw no("amounts", "minor or major");
  if (![null, ".", ","].includes(decimal)) throw no("decimal", "a point or a comma");
  let clock = null;
  if (zone !== null) {
    try {
      // An offset such as +02:00 is refused: it is no zone, because it has no summer time.
      if (!/^[A-Za-z]/.test(zone)) throw new RangeError();
      clock = clockOf(zone);
    } catch {
      throw no("zone", "a time zone such as Europe/Berlin");
    }
  }
  if (typeof defaults !== "object" || Array.isArray(defaults)) throw no("defaults", "an object");
  const names = NAMES.filter((name) => name !== "code");
  const settings = defaults && valuesOf(defaults, ["options", "defaults"], names);
  return { amounts: amounts ?? "minor", decimal, zone, clock, defaults: settings };
}

/** The rows that are not empty, an error for the first row that is no CSV, and the delimiter. */
function rowsOf(text) {
  // A file that contains U+0000 is UTF-16, or no text. Some CSV readers would stop there.
  const nul = text.indexOf("\0");
  if (nul >= 0)
    return {
      rows: [],
      broken: [{ line: 1 + lineBreaks(text.slice(0, nul)), path: "", message: "expected UTF-8 text, found U+0000" }],
    };
  // `sep=;` is Excel's own first line. Another program may have added delimiters to it, one for each column.
  const [separator, told] = /^sep=([,;\t])[,;\t]*(?:\r\n|\r|\n|$)/i.exec(text) ?? [""];
  const bytes = Buffer.from(text.slice(separator.length));
  const rows = [];
  let [at, line] = [0, 1 + lineBreaks(separator)];
  const on_record = (cells, { bytes: end }) => {
    if (cells.some((cell) => cell !== "")) rows.push({ line, cells });
    line += lineBreaks(bytes.toString("utf8", at, end));
    at = end;
    return null;
  };
  // The delimiter is the first one outside quotes and parentheses: `budget (major, comma)` is one name.
  const delimiter = told ?? /^[\r\n]*(?:"[^"]*"|\([^()\r\n]*\)|[^\r\n,;\t"(])*([,;\t])/.exec(text)?.[1] ?? ",";
  try {
    parse(bytes, { delimiter, record_delimiter: ["\r\n", "\n", "\r"], relax_column_count: true, on_record });
  } catch (error) {
    if (typeof error.code !== "string") throw error;
    const found = shown(text.split(LINE_BREAK)[line - 1]);
    const message = `expected CSV: quotes around the whole cell, and each quote within it twice, found ${found}`;
    return { rows, broken: [{ line, path: "", message }], delimiter };
  }
  return { rows, broken: [], delimiter };
}

const LINE_BREAK = /\r\n|\r|\n/;
const lineBreaks = (text) => text.split(LINE_BREAK).length - 1;

/** The columns, each with what its name and the options say. With defaults, a list of codes needs no first row. */
function headed([header = { line: 1, cells: [] }, ...others], told) {
  const { line } = header;
  const cells = filled(header.cells, 0);
  if (told.defaults !== null && cells.length === 1 && !columnOf(cells[0], told).name) {
    if (!TITLE.test(cells[0].replace(BLANKS, "")))
      return { columns: [{ name: "code", kind: "text", told }], others: [header, ...others], errors: [] };
    return {
      errors: [
        { line, path: cells[0], message: `expected the column code or a code, found ${shown(cells[0])}; write code` },
      ],
    };
  }
  const columns = cells.map((cell) => columnOf(cell, told));
  const errors = columns.flatMap(({ name, message }, index) => {
    const twice =
      name &&
      columns.findIndex((column) => column.name === name) < index &&
      `expected each column once, found ${shown(cells[index])} again`;
    return message || twice ? { line, path: twice ? name : cells[index], message: message || twice } : [];
  });
  const missing = columns.some(({ name }) => name === "code")
    ? []
    : [{ line, path: "code", message: `missing required column, found ${shown(cells.join(", "))}` }];
  return { columns, others, errors: [...errors, ...missing] };
}

/** Words that people write above a list of codes. If such a word became a code, everybody could guess it. */
const WORDS = "codes?|c[oóÓ]digos?|coupons?|vouchers?|gutscheine?|cup[oóÓ]n(?:es)?|promos?|names?";
const TITLE = new RegExp(`^[^0-9]*(?:${WORDS})[^a-z0-9(]*(?:\\(.*\\)[^a-z0-9]*)?$`, "i");

const BLANKS = /^[ \t\r\n\u00a0]+|[ \t\r\n\u00a0]+$/g;

/** The cells without the empty ones at the end, but at least `least` of them. */
function filled(cells, least) {
  const last = cells.findLastIndex((cell) => cell.replace(BLANKS, "") !== "");
  return cells.slice(0, Math.max(last + 1, least));
}

const NOTES = "(major), (minor), (major comma) or (major point)";

/** A column from its name, which `(major)` or `(major comma)` may follow if it holds amounts; or what is wrong. */
function columnOf(cell, told) {
  const [, spelt, note] = /^([^(]*)(?:\(([^()]*)\)[ \u00a0]*)?$/.exec(cell) ?? ["", cell];
  const words = spelt.replace(BLANKS, "").toLowerCase();
  const name = words.replace(/[ \t\r\n\u00a0_-]+/g, "_");
  const kind = kindOf(name);
  if (kind === undefined)
    return { message: `unknown column, expected one of ${columnsBeside(name).join(", ")}, found ${shown(cell)}` };
  if (note === undefined) return { name, kind, told };
  const [, amounts, sign] = /^ *(major|minor)(?:[ ,;]+(comma|point))? *$/i.exec(note) ?? [];
  if (kind !== "amount" && kind !== "from")
    return { message: `expected nothing behind the column's name, found ${shown(cell)}` };
  if (amounts === undefined) return { message: `expected ${NOTES} behind the column's name, found ${shown(cell)}` };
  const decimal = { comma: ",", point: "." }[sign?.toLowerCase()] ?? told.decimal;
  return { name, kind, told: { ...told, amounts: amounts.toLowerCase(), decimal } };
}

/** The promo of a row, and what is wrong with it. `missing` are the defaults of the fields that have no column. */
function promoOf(columns, row, missing) {
  const cells = filled(row, columns.length);
  const found = wrongCells(columns, cells);
  if (found.length > 0) return { promo: {}, found };
  const values = Object.fromEntries(missing.map(([name, value]) => [name, structuredClone(value)]));
  const given = columns.map((column, index) => ({ ...column, cell: cells[index] })).filter(({ cell }) => cell !== "");
  const cellAt = (name) => given.find((column) => column.name === name)?.cell;
  const textAt = (name) => (columns.some((column) => column.name === name) ? cellAt(name) : values[name]) ?? "";
  const currency = (textAt("currency") && valueIn(textAt("currency"), "text")) || null;
  for (const { name, kind, told, cell } of given) {
    try {
      const whole = given.find((other) => name.startsWith(`${other.name}.`));
      if (whole) throw new WrongCell(`expected an empty cell beside ${whole.name}, found ${shown(cell)}`);
      values[name] = valueIn(cell, kind, {
        ...told,
        currency,
        textAt: (pattern, own) => textAt(name.replace(pattern, own)),
      });
    } catch (error) {
      if (!(error instanceof WrongCell)) throw error;
      found.push({ path: name, message: error.message });
    }
  }
  const { document: promo, places } = documentOf(values);
  if (found.length === 0) found.push(...faultsOf(promo).map((error) => withCell(error, places, cellAt)));
  return { promo, found };
}

function wrongCells(columns, cells) {
  if (cells.length !== columns.length) {
    const found = `${cells.length}: ${shown(cells.join(", "))}`;
    return [{ path: "", message: `expected ${columns.length} cells, found ${found}` }];
  }
  const lost = cells.map((cell, index) => ({ name: columns[index].name, cell }));
  return lost
    .filter(({ cell }) => cell.includes("\ufffd"))
    .map(({ name, cell }) => ({
      path: name,
      message: `expected UTF-8 text, found characters that were lost: ${shown(cell)}`,
    }));
}

/** What the engine finds wrong with the promo. */
const faultsOf = (promo) =>
  validatePromos({ promos: [promo] }).faults.map(({ at, message }) => ({ at: at.slice(2), message }));

/** The engine's error, showing the cell as it stands in the file, unless the error is about a place within the cell. */
function withCell({ at, message }, places, cellAt) {
  // The column with which the path shares most is the field itself (`requires.2.min_tickets`), a field around it
  // (`pools` of `pools[0].id`), or beside it (`requires.2.max_tickets`): it says how the file numbers the entries.
  const shared = ([, place]) => [...place, null].findIndex((step, i) => step !== at[i]);
  const [name, place] = Object.entries(places).reduce(
    (most, one) => (shared(one) > shared(most) ? one : most),
    ["", []],
  );
  const length = shared([name, place]);
  const rest = pathOf(at.slice(length));
  const path = [name.split(".").slice(0, length).join("."), rest].filter(Boolean).join(rest[0] === "[" ? "" : ".");
  const cell = length === place.length ? cellAt(name) : undefined;
  const whole = rest === "" && !["json", "list", "people", "days"].includes(kindOf(name));
  if (cell === undefined || (!whole && message.includes(", found "))) return { path, message };
  return { path, message: `${message.replace(/, found .*$/s, "")}, found ${shown(cell)}` };
}

/**
 * Errors if an earlier row has the same id, or a code at the same event that is the same to the engine (TEN and ten).
 * `firsts` holds the lines of the earlier rows.
 */
function repeated({ code, id, events = null }, line, firsts) {
  const errors = [];
  const look = (path, what, key, events = null) => {
    const meets = (others) => events === null || others === null || events.some((event) => others.includes(event));
    const earlier = firsts.get(key) ?? [];
    const first = earlier.find(({ events: others }) => meets(others));
    firsts.set(key, [...earlier, { line, events }]);
    if (first)
      errors.push({ path, message: `expected ${what} that no other promo has, found that of line ${first.line}` });
  };
  if (faultsOf({ code, discount: { kind: "none" } }).length === 0)
    look("code", "a code", `code ${canonicalCode({ text: code }).canonical}`, events);
  if (id !== undefined) look("id", "an id", `id ${id}`);
  return errors;
}
