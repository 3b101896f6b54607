// The columns of a promotion's fields. A field within an object is a column of its own, such as `discount.percent`, and
// so is a field of an entry in a list: `requires.2.min_tickets`, with the entries numbered from 1. What columns cannot
// say is JSON in the column of the whole, such as `requires`.
import { COLUMNS } from "./csv-columns.js";
import { invalid } from "./options.js";

/** A longer list is JSON in one column: nobody fills in so many columns. */
const MOST = 9;
const NUMBERS = /\.[1-9][0-9]?(?=\.)/g;

/** The names of the fields within a field, such as `requires`; those of the promotion stand under the empty name. */
const FIELDS = new Map();
for (const column of Object.keys(COLUMNS)) {
  const parts = column.replaceAll(".#", "").split(".");
  const [own, around] = [parts.pop(), parts.join(".")];
  FIELDS.set(around, [...(FIELDS.get(around) ?? []), own]);
}
/** The fields of a promotion. */
export const NAMES = FIELDS.get("");

/** How the cells of a column are written; undefined if there is no such column. */
export function kindOf(name) {
  const general = name.replace(NUMBERS, ".#");
  return !name.includes("#") && Object.hasOwn(COLUMNS, general) ? COLUMNS[general] : undefined;
}

/** The columns of which an unknown one may be meant: those within the same field, or all of the promotion. */
export function columnsBeside(name) {
  const parts = name.split(".").filter((part) => !/^[\d#]+$/.test(part));
  for (let length = parts.length - 1; length > 0; length -= 1) {
    const around = parts.slice(0, length).join(".");
    const isIn = (column) => column.replaceAll(".#", "").replace(/\.?[^.]+$/, "") === around;
    if (FIELDS.has(around)) return Object.keys(COLUMNS).flatMap((one) => (isIn(one) ? one.replaceAll("#", "1") : []));
  }
  return NAMES;
}

/** The values of a document, by column. `at` leads to the document; `names` are the fields that it may have. */
export const valuesOf = (document, at, names = NAMES) =>
  Object.fromEntries(within(document, { column: "", field: "", at }, names));

function within(object, { column: around, field: outer, at }, names) {
  return Reflect.ownKeys(object).flatMap((key) => {
    const own = String(key);
    if (!names.includes(own)) throw invalid([...at, own], `unknown field, expected one of ${names.join(", ")}`);
    const value = object[key];
    if (value === null || value === undefined) return [];
    const [column, field] = [around, outer].map((name) => (name ? `${name}.${own}` : own));
    const parts = partsOf(value, { column, field, at: [...at, own] });
    const isSaid = parts.length > 0 && parts.length <= MOST && parts.every((cells) => cells.length > 0);
    // CSV cannot hold U+0000, and JSON can.
    const isText = ([, cell]) => typeof cell !== "string" || !cell.includes("\0");
    return isSaid && parts.flat().every(isText) ? parts.flat() : [[column, value]];
  });
}

/** The cells of an object, or of each entry of a list; none if the field has no fields of its own. */
function partsOf(value, { column, field, at }) {
  const names = FIELDS.get(field);
  const cells = (entry, place) => (typeof entry === "object" && entry !== null ? within(entry, place, names) : []);
  if (names === undefined || typeof value !== "object") return [];
  if (!Array.isArray(value)) return [cells(value, { column, field, at })];
  return value.map((entry, i) => cells(entry, { column: `${column}.${i + 1}`, field, at: [...at, i] }));
}

/** The columns in the order of the fields, and of the entries within a list. */
export function inOrder(columns) {
  const placeOf = (column) => {
    const parts = column.split(".");
    return parts.map((part, i) => {
      const around = parts.slice(0, i).filter((one) => !/^\d+$/.test(one));
      return /^\d+$/.test(part) ? Number(part) : FIELDS.get(around.join(".")).indexOf(part);
    });
  };
  const compared = (a, b) => {
    const i = a.findIndex((part, index) => part !== b[index]);
    return i < 0 ? a.length - b.length : (a[i] ?? -1) - (b[i] ?? -1);
  };
  return columns
    .map((column) => [column, placeOf(column)])
    .sort(([, a], [, b]) => compared(a, b))
    .map(([column]) => column);
}

/** The document of these values, and where the value of each column stands in it. Entries left out are none. */
export function documentOf(values) {
  const entries = new Map();
  for (const column of Object.keys(values))
    for (const { index, 0: number } of column.matchAll(NUMBERS)) {
      const list = column.slice(0, index);
      entries.set(list, (entries.get(list) ?? new Set()).add(Number(number.slice(1))));
    }
  const rank = (list, number) => [...entries.get(list)].filter((other) => other < number).length;
  const document = {};
  const places = {};
  for (const [column, value] of Object.entries(values)) {
    const parts = column.split(".");
    places[column] = parts.map((part, i) =>
      /^\d+$/.test(part) ? rank(parts.slice(0, i).join("."), Number(part)) : part,
    );
    let place = document;
    places[column].slice(0, -1).forEach((step, i) => {
      place[step] ??= typeof places[column][i + 1] === "number" ? [] : {};
      place = place[step];
    });
    place[places[column].at(-1)] = value;
  }
  return { document, places };
}
