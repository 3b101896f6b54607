// How the commands write numbers and amounts.
import { DECIMALS } from "../currencies.js";

/** `1 ticket`, `2 tickets`. */
export const count = (number, one, more = `${one}s`) => `${number} ${number === 1 ? one : more}`;

/** `18.00 EUR`; a currency that is not in ISO 4217 has no decimals: `1800 sat`. */
export function money(amount, currency) {
  const decimals = DECIMALS.get(currency) ?? 0;
  if (decimals === 0) return `${amount} ${currency}`;
  const digits = String(amount).padStart(decimals + 1, "0");
  return `${digits.slice(0, -decimals)}.${digits.slice(-decimals)} ${currency}`;
}

/** Also what turns the direction of text around: a line would then read in another order than it has. */
const CONTROL = /[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;
const escaped = (control) => `\\u${control.codePointAt(0).toString(16).padStart(4, "0")}`;

/** One line that no control character leaves: it may contain what buyers or organisers wrote. */
export const plain = (line) => line.replace(CONTROL, escaped);

/** JSON with the same characters escaped; those that are left stand between its lines. */
export const jsonText = (value) =>
  `${JSON.stringify(value, null, 2).replace(CONTROL, (control) => (control === "\n" ? control : escaped(control)))}\n`;

/** Lines of a table; columns of numbers stand at the right. */
export function table(names, rows) {
  const cells = [names, ...rows].map((row) => row.map(String));
  const length = (text) => [...text].length;
  const widths = names.map((_, column) => Math.max(...cells.map((row) => length(row[column]))));
  const pad = (text, column) => {
    const blanks = " ".repeat(widths[column] - length(text));
    return typeof rows[0]?.[column] === "number" ? blanks + text : text + blanks;
  };
  return cells.map((row) => row.map(pad).join("  ").trimEnd());
}
