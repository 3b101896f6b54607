// Money, numbers and times, written as in the reader's language.

/** The reader's language. On a machine without one, WebKit says "C", which Intl refuses: then it is English. */
export const language = ((): string => {
  try {
    return new Intl.Locale(navigator.language).toString();
  } catch {
    return "en";
  }
})();

/** Whether Intl really knows the currency: it accepts any three letters, and takes them for one with two decimals. */
const known = (currency: string) => Intl.supportedValuesOf("currency").includes(currency);

/** How many decimals a currency has. */
export function digits(currency: string): number {
  if (!known(currency)) return 0;
  return new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits ?? 0;
}

/** Formats an amount in minor units, with the currency's own number of decimals. */
export function moneyIn(currency: string): (amount: number) => string {
  const format = new Intl.NumberFormat(language, known(currency) ? { style: "currency", currency } : {});
  const places = digits(currency);
  // The amount is passed as text, which is exact: dividing by 100 may not be.
  return (amount) =>
    format.format(scaled(amount, places, ".") as `${number}`) + (known(currency) ? "" : ` ${currency}`);
}

const long = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });
const short = new Intl.DateTimeFormat(language, { timeStyle: "short" });
const day = new Intl.DateTimeFormat(language, { day: "numeric", month: "short" });
/** The last day that a Date can show; the engine allows later times. */
const LAST = 8_640_000_000_000_000 - 86_400_000;
export const date = (ms: number) => day.format(ms);
export const dateTime = (ms: number) => long.format(Math.min(ms, LAST));
const precise = new Intl.DateTimeFormat(language, { timeStyle: "medium" });
export const preciseTime = (ms: number) => precise.format(ms);
const preciseDay = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "medium" });
export const preciseDateTime = (ms: number) => preciseDay.format(ms);
export const time = (ms: number) => short.format(ms);
export const number = (value: number) => new Intl.NumberFormat(language).format(value);

/** A period that starts at this local time (2026-12-01T14, 2026-12-01 or 2026-12): in full, and as on a chart. */
export function periodName(every: "hour" | "day" | "month", starts: string): { name: string; tick: string } {
  const ms = Date.parse({ hour: `${starts}:00Z`, day: starts, month: `${starts}-01` }[every]);
  const write = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(language, { timeZone: "UTC", ...options }).format(ms);
  const [day, month] = [
    { day: "numeric", month: "short" },
    { month: "short", year: "numeric" },
  ] as const;
  if (every === "hour")
    return { name: write({ ...day, hour: "2-digit", minute: "2-digit" }), tick: write({ timeStyle: "short" }) };
  return every === "day"
    ? { name: write({ ...day, year: "numeric" }), tick: write(day) }
    : { name: write(month), tick: write(month) };
}

/** 14:05, or 1:02:03 from an hour on. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  const two = (value: number) => String(value).padStart(2, "0");
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** The reader's decimal sign and group sign. A blank stands for a group sign that is neither a comma nor a point. */
const numbers = new Intl.NumberFormat(language, { numberingSystem: "latn", useGrouping: true }).formatToParts(
  1234567.8,
);
const sign = (kind: "decimal" | "group") => numbers.find(({ type }) => type === kind)?.value ?? "";
export const decimal = sign("decimal") === "," ? "," : ".";
export const group = [".", ","].includes(sign("group")) ? sign("group") : " ";

/** Minor units with so many decimals, written as the reader's language writes and reads them. */
export const written = (units: number, places: number) => scaled(units, places, decimal);
function scaled(units: number, places: number, point: string): string {
  const text = String(units).padStart(places + 1, "0");
  return places === 0 ? text : `${text.slice(0, -places)}${point}${text.slice(-places)}`;
}

/** The reader's time zone, and the distance of its clocks from UTC at a moment, such as UTC+02:00. */
export const zone = new Intl.DateTimeFormat().resolvedOptions().timeZone;
export function offsetAt(ms: number): string {
  const minutes = -new Date(ms).getTimezoneOffset();
  const two = (part: number) => String(part).padStart(2, "0");
  return `UTC${minutes < 0 ? "−" : "+"}${two(Math.floor(Math.abs(minutes) / 60))}:${two(Math.abs(minutes) % 60)}`;
}

/** The text of a date field for this time, in the reader's time zone; with seconds only if they are not 0. */
export function toField(ms: number): string {
  const shown = Math.min(ms, LAST);
  const local = new Date(shown - new Date(shown).getTimezoneOffset() * 60_000).toISOString();
  return local.replace(/^[+]0?/, "").replace(/(:00)?[.]000Z$|Z$/, "");
}
