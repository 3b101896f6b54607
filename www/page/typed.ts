// Reads numbers and times that the reader types, as the reader's language means them. A text that may mean two things
// is not guessed: the reader is asked. Money is read exactly, never as a float.
import { decimal, group, toField, written, zone } from "./format";

/** The value, and whether the form should say how it was read; or a sentence that asks what to write instead. */
export type Read = { value: number; unusual: boolean } | { ask: string };

/** Signs that people write between thousands, and that no language has as its decimal sign. */
const BLANKS = "\\s'\u2019";

/** The digits before and after the decimal sign; null if the text does not fit. Groups may be 1,000 or 1,00,000. */
function parts(typed: string, sign: string, groups: string): [string, string] | null {
  const plainly = "(\\d+)";
  const inGroups = `(?=[1-9]\\d{0,2}([${groups}]))(\\d{1,3}(?:\\2\\d{2,3})*\\2\\d{3})`;
  const [, plain, , grouped, fraction = ""] =
    new RegExp(`^(?:${plainly}|${inGroups})(?:[${sign}](\\d+))?$`).exec(typed) ?? [];
  const whole = plain ?? grouped?.replace(/\D/g, "");
  return whole === undefined ? null : [whole, fraction];
}

/** The number in units of so many decimals. Null if a later decimal is not 0, or if it is too large for the engine. */
function scaled(digits: [string, string] | null, places: number): bigint | null {
  if (digits === null || !/^0*$/.test(digits[1].slice(places))) return null;
  const units = BigInt(digits[0] + digits[1].slice(0, places).padEnd(places, "0"));
  return units > BigInt(Number.MAX_SAFE_INTEGER) ? null : units;
}

/** Reads a number in units of its last decimal. `write` shows an amount to the reader. */
function units(typed: string, places: number, what: string, write: (units: number) => string): Read {
  const text = typed.trim();
  const fits = (digits: [string, string] | null) => digits !== null && digits[1].length <= places;
  const meant = parts(text, decimal, group + BLANKS);
  const value = scaled(meant, places);
  if (value !== null && fits(meant)) return { value: Number(value), unusual: parts(text, decimal, BLANKS) === null };

  // In the reader's language this is no number, or it has too many decimals. Read it with either decimal sign, to ask
  // which is meant.
  const both = [parts(text, ".", `,${BLANKS}`), parts(text, ",", `.${BLANKS}`)].filter((digits) => digits !== null);
  const found = both.map((digits) => scaled(digits, places)).filter((each) => each !== null);
  const readings = [...new Set(found)].map(Number).sort((a, b) => a - b);
  if (meant === null && both.length === 1 && readings.length === 1 && fits(both[0]!))
    return { value: readings[0]!, unusual: true };
  const options = readings.map((each) => [...new Set([written(each, places), write(each)])].join(" for "));
  if (options.length > 0) return { ask: `found ${text}; write ${options.join(", or ")}` };
  return { ask: `expected ${/^\d{16,}/.test(text) ? "a smaller number" : what}${text && `, found ${text}`}` };
}

export const readCount = (typed: string): Read => units(typed, 0, "a whole number", (each) => written(each, 0));

export function readMoney(typed: string, places: number, write: (amount: number) => string): Read {
  const five = written(5 * 10 ** places, places);
  return units(
    typed,
    places,
    places === 0 ? "a whole amount" : `an amount with at most ${places} decimals, such as ${five}`,
    write,
  );
}

/** Reads a percent, which has at most four decimals. The engine gets the double that is nearest to it. */
export function readPercent(typed: string): Read {
  const write = (each: number) => Number(`${each}e-4`);
  const read = units(typed, 4, "a number with at most 4 decimals", (each) => `${percent(write(each))} %`);
  return "ask" in read ? read : { ...read, value: write(read.value) };
}

/** The percent as the form shows it. */
export const percent = (value: number) => String(value).replace(".", decimal);

/** The moments at which a clock here shows this text: one, none (it goes forward then) or two (it goes back then). */
export function instants(text: string): number[] {
  const shown = Date.parse(`${text.replace(/^\d{5,6}(?=-)/, (year) => `+${year.padStart(6, "0")}`)}Z`);
  const behind = (ms: number) => new Date(ms).getTimezoneOffset() * 60_000;
  const near = new Set([-1, 0, 1].map((days) => shown + behind(shown + days * 86_400_000)));
  return [...near].filter((ms) => ms - behind(ms) === shown).sort((a, b) => a - b);
}

export function readTime(text: string, second: boolean): Read {
  const moments = instants(text);
  const value = second ? moments.at(-1) : moments[0];
  if (value !== undefined) return { value, unusual: false };
  return { ask: `found ${text.replace("T", " ")}, which the clocks of ${zone} leave out; write another time` };
}

/** Whether this is the second of two moments at which a clock here shows the same time. */
export const isSecond = (ms: number) => instants(toField(ms))[1] === ms;
