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

/** One line that no control character leaves: it may contain what buyers or organisers wrote. */
export const plain = (line) =>
  line.replace(/\p{Cc}/gu, (control) => `\\u${control.codePointAt(0).toString(16).padStart(4, "0")}`);

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
