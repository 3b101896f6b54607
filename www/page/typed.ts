// Numbers and times as a reader types them: read exactly, as the reader's language means them, or asked about.
// Nothing is guessed, and money is never a float.
import { decimal, group, toField, written, zone } from "./format";

/** A value, and whether it is worth saying how it was read; or what to write instead. */
export type Read = { value: number; unusual: boolean } | { ask: string };

/** What no language takes for a decimal sign. */
const BLANKS = "\\s'\u2019";

/** The digits before and after the decimal sign, if these signs can be the text's; thousands are 1,000 or 1,00,000. */
function parts(typed: string, sign: string, groups: string): [string, string] | null {
  const plainly = "(\\d+)";
  const inGroups = `(?=[1-9]\\d{0,2}([${groups}]))(\\d{1,3}(?:\\2\\d{2,3})*\\2\\d{3})`;
  const [, plain, , grouped, fraction = ""] =
    new RegExp(`^(?:${plainly}|${inGroups})(?:[${sign}](\\d+))?$`).exec(typed) ?? [];
  const whole = plain ?? grouped?.replace(/\D/g, "");
  return whole === undefined ? null : [whole, fraction];
}

/** In units with so many decimals. Null: further decimals say something, or the engine does not count so far. */
function scaled(digits: [string, string] | null, places: number): bigint | null {
  if (digits === null || !/^0*$/.test(digits[1].slice(places))) return null;
  const units = BigInt(digits[0] + digits[1].slice(0, places).padEnd(places, "0"));
  return units > BigInt(Number.MAX_SAFE_INTEGER) ? null : units;
}

/** The number in units of its last decimal; `write` says an amount to the reader. */
function units(typed: string, places: number, what: string, write: (units: number) => string): Read {
  const text = typed.trim();
  const fits = (digits: [string, string] | null) => digits !== null && digits[1].length <= places;
  const meant = parts(text, decimal, group + BLANKS);
  const value = scaled(meant, places);
  if (value !== null && fits(meant)) return { value: Number(value), unusual: parts(text, decimal, BLANKS) === null };

  // It is no number of this language, or has too many decimals: what it would be with either sign.
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

/** A percent has four decimals; the double nearest to them is what the engine reads. */
export function readPercent(typed: string): Read {
  const write = (each: number) => Number(`${each}e-4`);
  const read = units(typed, 4, "a number with at most 4 decimals", (each) => `${percent(write(each))} %`);
  return "ask" in read ? read : { ...read, value: write(read.value) };
}

/** A percent as the form writes it. */
export const percent = (value: number) => String(value).replace(".", decimal);

/** The moments at which a clock here showed the text: none where the clock went forward, two where it went back. */
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

/** Whether it is the second of two moments of which a clock here says the same. */
export const isSecond = (ms: number) => instants(toField(ms))[1] === ms;
