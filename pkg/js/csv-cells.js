// Writes each kind of cell in a form that spreadsheets do not change, and reads it again.
// A cell that may mean two things (1.000) is an error that says what to write instead.
import { instantOf, timeOf } from "./csv-times.js";
import { DECIMALS } from "./currencies.js";

/** A cell that does not fit its column. */
export class WrongCell extends Error {}

const wrong = (cell, expected, write = "") =>
  new WrongCell(`expected ${expected}, found ${shown(cell)}${write && `; write ${write}`}`);

/** The cell as error messages show it: on one line, and shortened to 60 characters. */
export function shown(cell) {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a line break within a cell would tear the message apart
  const letters = [...cell.replace(/[\0-\x1f\x7f]+/g, " ")];
  if (letters.every((letter) => letter === " ")) return "an empty cell";
  return letters.length > 60 ? `${letters.slice(0, 60).join("")}…` : letters.join("");
}

/** The cell of a value of this kind, null included. */
export function cellOf(value, kind, delimiter) {
  if (value === null) return "";
  switch (kind) {
    case "text":
      return guarded(value);
    case "bool":
    case "either":
      return String(value);
    case "count":
      return kept(String(value));
    // Amounts by currency are JSON.
    case "from":
    case "amount":
      return typeof value === "object" ? jsonText(value) : kept(String(value));
    // A spreadsheet that separates cells by semicolons has decimal commas, and would read 12.5 as the 12th of May.
    case "percent":
      return String(value).replace(".", delimiter === ";" ? "," : ".");
    case "start":
    case "end":
      return kept(timeOf(value));
    case "clock":
    case "until":
      return clockText(value);
    case "list":
    case "days":
    case "people":
    case "json":
      return jsonText(value);
  }
}

/** The value of a cell that is not empty; throws a WrongCell. `told` is what the file, the row and the options say. */
export function valueIn(cell, kind, told) {
  if (kind === "text") return unguarded(cell);
  const bare = cell.replace(BLANKS, "");
  switch (kind) {
    case "list":
      return bare[0] === "[" ? jsonOf(bare) : namesOf(bare);
    case "days":
      return bare[0] === "[" ? jsonOf(bare) : daysOf(bare);
    case "people":
      return bare[0] === "{" ? jsonOf(bare) : peopleOf(bare);
    case "json":
      return jsonOf(bare);
    case "from":
    case "amount":
      if (bare[0] === "{") return jsonOf(bare);
  }
  const plain = bare.replace(/^'/, "");
  switch (kind) {
    case "either":
      return plain === "per_ticket" ? plain : truthOf(plain, "true, false or per_ticket");
    case "bool":
      return truthOf(plain);
    case "percent":
      return percentOf(plain);
    case "count":
      return countOf(plain);
    case "amount":
      return amountOf(plain, told);
    // Tiers begin at a number of tickets, or by subtotal at an amount.
    case "from":
      return told.textAt(/tiers\.[0-9]+\.from$/, "by") === "subtotal" ? amountOf(plain, told) : countOf(plain);
    case "clock":
      return minuteOf(plain);
    case "until":
      return untilOf(plain, told.textAt(/to_minute$/, "from_minute"));
    case "start":
    case "end":
      return DIGITS.test(plain)
        ? safe(plain, plain)
        : instantOf(plain, { ...told, end: kind === "end" }, (...message) => wrong(plain, ...message));
  }
}

const BLANKS = /^[ \t\r\n\u00a0\u202f]+|[ \t\r\n\u00a0\u202f]+$/g;
const DIGITS = /^[0-9]+$/;
const PARTS = /^([0-9]+)([.,])([0-9]+)$/;

// Texts. A spreadsheet executes a text that begins like a formula (=1+1), and turns a text that looks like a number or
// a day (0012, MAR1) into one, which it then saves in another form. An apostrophe before the text prevents both.
// A reader that expects another separator splits a text at it, so an apostrophe also stands within texts, where a
// formula would begin.
const SIGNS = "=+\\-@＝＋－＠";
const MONTHS = [
  "jan(?:uary?)?|feb(?:ruary?|rero)?|mar(?:ch|zo)?|m[äÄ]rz?|mrz|a[pb]r(?:il)?|mayo?|mai|jun(?:e|io?)?|jul(?:y|io?)?",
  "aug(?:ust)?|ago(?:sto)?|sept?(?:ember|iembre)?|set(?:iembre)?|o[ck]t(?:ober|ubre)?|nov(?:ember|iembre)?",
  "de[cz](?:ember)?|dic(?:iembre)?|ene(?:ro)?",
].join("|");
const NUMBER = "[ \\u00a0($€£¥%.,+-]*[0-9][0-9 \\u00a0.,:/%)$€£¥eapm+-]*";
const DAY = `[0-9]+[ .,/-]*(?:${MONTHS})[ .,/-]*[0-9]*|(?:${MONTHS})[ .,/-]*[0-9][0-9 .,:/-]*`;
const CHANGED = new RegExp(
  `^(?:["']*[${SIGNS}\\t\\r\\n]|'*(?:${NUMBER}|${DAY}|true|false|wahr|falsch|verdadero|falso)$)`,
  "i",
);
const WITHIN = new RegExp(`(?<=[,;\\t\\r\\n])(?=["']*[${SIGNS}])`, "g");
const WITHIN_GUARDED = new RegExp(`(?<=[,;\\t\\r\\n])'(?=["']*[${SIGNS}])`, "g");
const WITHIN_JSON = new RegExp(`(?<=[,;]["'\\\\]*)[${SIGNS}]`, "g");

const guarded = (text) => `${CHANGED.test(text) ? "'" : ""}${text.replace(WITHIN, "'")}`;

function unguarded(cell) {
  const text = cell.replace(WITHIN_GUARDED, "");
  return text[0] === "'" && CHANGED.test(text.slice(1)) ? text.slice(1) : text;
}

/** Puts an apostrophe before 12 digits and more: a spreadsheet would show and save only the first of them. */
const kept = (digits) => (digits.length > 11 && DIGITS.test(digits) ? `'${digits}` : digits);

const TRUTH = new Map([
  ...["true", "wahr", "verdadero", "yes", "ja", "sí", "si", "1"].map((word) => [word, true]),
  ...["false", "falsch", "falso", "no", "nein", "0"].map((word) => [word, false]),
]);

function truthOf(cell, expected = "true or false") {
  const truth = TRUTH.get(cell.toLowerCase());
  if (truth === undefined) throw wrong(cell, expected);
  return truth;
}

/** Reads a percent. It is at most 100, so a point or a comma in it can only be the decimal sign. */
function percentOf(cell) {
  const found = /^([0-9]{1,16}(?:[.,][0-9]{1,16})?)[ \u00a0\u202f]?%?$/.exec(cell);
  if (found === null) throw wrong(cell, "a percent such as 20 or 12.5");
  return Number(found[1].replace(",", "."));
}

function safe(digits, cell) {
  const number = Number(digits);
  if (!Number.isSafeInteger(number)) throw wrong(cell, "at most 9007199254740991");
  return number;
}

function countOf(cell) {
  if (DIGITS.test(cell)) return safe(cell, cell);
  throw wrong(
    cell,
    "a whole number in plain digits",
    readings(cell, 0)
      .map(({ whole }) => whole)
      .join(" or "),
  );
}

/** The ways to read `15.00` or `1.000` in a currency with so many decimals: the sign precedes them, or thousands. */
function readings(cell, decimals) {
  const [, whole, , rest] = PARTS.exec(cell) ?? [];
  if (whole === undefined) return [];
  const decimal = rest.replace(/0+$/, "");
  const found = decimal.length > decimals ? [] : [{ whole, decimal: decimal.padEnd(decimals, "0") }];
  return isGroup(whole, rest) ? [...found, { whole: whole + rest, decimal: "0".repeat(decimals) }] : found;
}

const isGroup = (whole, rest) => rest.length === 3 && /^[1-9][0-9]{0,2}$/.test(whole);
const written = ({ whole, decimal }, sign) => (decimal ? `${whole}${sign}${decimal}` : whole);
const decimalsOf = (currency) => DECIMALS.get(currency) ?? (currency === "sat" || currency === "msat" ? 0 : undefined);

function amountOf(cell, { amounts, decimal, currency }) {
  const decimals = decimalsOf(currency);
  if (amounts === "major") return majorOf(cell, decimal, currency, decimals);
  if (DIGITS.test(cell)) return safe(cell, cell);
  const found = decimals === undefined ? [] : readings(cell, decimals);
  if (found.length === 0) throw wrong(cell, "a whole number of minor units (1500 for 15.00 EUR, 15 for 15 JPY)");
  const minor = (one) => (one.whole + one.decimal).replace(/^0+(?=[0-9])/, "");
  throw wrong(
    cell,
    "a whole number of minor units",
    found.map((one) => `${minor(one)} for ${written(one, ".")} ${currency}`).join(" or "),
  );
}

/** Reads an amount in major units, digit by digit, because a double does not hold every cent exactly. */
function majorOf(cell, declared, currency, decimals) {
  const because = "because the amount is in major units";
  if (currency === null) throw wrong(cell, `a currency in the same row, ${because}`);
  if (decimals === undefined) throw wrong(`${cell} ${currency}`, `a currency of ISO 4217, sat or msat, ${because}`);
  const [, whole, sign, rest] = DIGITS.test(cell) ? ["", cell, declared, ""] : (PARTS.exec(cell) ?? []);
  const example = written({ whole: "15", decimal: "0".repeat(decimals) }, declared ?? ".");
  if (whole === undefined)
    throw wrong(cell, `an amount such as ${example} for ${example} ${currency}, without a sign between thousands`);
  const choices = readings(cell, decimals)
    .map((one) => written(one, declared ?? "."))
    .join(" or ");
  if (rest.length > decimals)
    throw wrong(cell, `an amount with at most ${decimals} decimals, as ${currency} has`, choices);
  if (sign !== declared && isGroup(whole, rest)) {
    if (declared === null)
      throw wrong(cell, "(major comma) or (major point) behind the column's name, to say which is the decimal sign");
    throw wrong(cell, `an amount with the decimal sign ${declared}`, choices);
  }
  return safe(whole + rest.padEnd(decimals, "0"), cell);
}

/** `regular; vip` as a list. A comma, a quote or a bracket is an error: it may be part of a name, or may be JSON. */
function namesOf(cell, whole = cell, other = /[,"[\]{}\t\r\n]/, such = 'regular; vip or ["regular", "vip"]') {
  const names = cell
    .split(";")
    .map((name) => name.replace(BLANKS, ""))
    .filter((name) => name !== "");
  if (names.length === 0 || other.test(cell)) throw wrong(whole, `a list such as ${such}`);
  return names;
}

function daysOf(cell) {
  const days = cell.split(";").map((day) => day.replace(BLANKS, ""));
  if (!days.every((day) => DIGITS.test(day))) throw wrong(cell, "days from 1 (Monday) to 7, such as 5; 6");
  return days.map(Number);
}

// Times of day: 22:00, and 26:00 for 02:00 on the next day. A spreadsheet may save them as 26:00:00.
const clockText = (minute) =>
  [Math.floor(minute / 60), minute % 60].map((part) => `${part}`.padStart(2, "0")).join(":");

const CLOCK = /^([0-9]{1,2}):([0-5][0-9])(?::00)?$/;

function minuteOf(cell) {
  const [, hours, minutes] = CLOCK.exec(cell) ?? [];
  if (hours === undefined) throw wrong(cell, "a time of day such as 22:00");
  return Number(hours) * 60 + Number(minutes);
}

/** Where hours end: a time that is not later than where they begin is one of the next day. */
function untilOf(cell, begin) {
  const minute = minuteOf(cell);
  const from = String(begin).replace(BLANKS, "").replace(/^'/, "");
  return CLOCK.test(from) && minute <= minuteOf(from) ? minute + 1440 : minute;
}

function peopleOf(cell) {
  const [, kind, names] = /^([a-z0-9_]{1,32})[ ]*:(.*)$/is.exec(cell) ?? ["", "", ""];
  return {
    [kind.toLowerCase()]: namesOf(
      names,
      cell,
      /[:,"[\]{}\t\r\n]/,
      'email: ann@example.org; @corp.example or {"email": ["ann@example.org"]}',
    ),
  };
}

/** JSON with a blank after each comma and signs escaped: a reader that splits it at commas finds no formula in it. */
function jsonText(value) {
  const spaced = JSON.stringify(value, null, 1)
    .replace(/(?<=[[{])\n */g, "")
    .replace(/\n *(?=[\]}])/g, "")
    .replace(/\n */g, " ");
  return spaced.replace(WITHIN_JSON, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** Reads JSON, and refuses what `JSON.parse` would change: a field given twice, and `15.00`, which it reads as 15. */
function jsonOf(cell) {
  const text = /"(?:[^"\\]|\\.)*"(\s*:)?/g; // a string, and the colon after it if it names a field
  let value, written;
  try {
    value = JSON.parse(cell);
    written = fieldsOf(value);
  } catch {}
  if (written !== [...cell.matchAll(text)].filter(([, colon]) => colon !== undefined).length)
    throw wrong(cell, "JSON with each field once");
  const [point] = /(?<![0-9.])[0-9]+\.0+(?![0-9e])/i.exec(cell.replace(text, '""')) ?? [];
  if (point !== undefined) throw wrong(point, "whole numbers without a decimal point");
  return value;
}

function fieldsOf(value) {
  if (typeof value !== "object" || value === null) return 0;
  const inner = Object.values(value);
  return inner.reduce((sum, item) => sum + fieldsOf(item), Array.isArray(value) ? 0 : inner.length);
}
