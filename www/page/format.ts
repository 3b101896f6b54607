// Money and times, as the reader's language writes them.

/** The reader's; WebKit calls it "C" on a machine that has none, and Intl refuses that. */
export const language = ((): string => {
  try {
    return new Intl.Locale(navigator.language).toString();
  } catch {
    return "en";
  }
})();

/** Intl takes any three letters for a currency with two decimals; satoshis are none of its own. */
const known = (currency: string) => Intl.supportedValuesOf("currency").includes(currency);

/** How many decimals a currency has. */
export function digits(currency: string): number {
  if (!known(currency)) return 0;
  return new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits ?? 0;
}

/** Formats minor units; the number of decimals is the currency's own. */
export function moneyIn(currency: string): (amount: number) => string {
  const format = new Intl.NumberFormat(language, known(currency) ? { style: "currency", currency } : {});
  const unit = 10 ** digits(currency);
  return (amount) => format.format(amount / unit) + (known(currency) ? "" : ` ${currency}`);
}

const long = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });
const short = new Intl.DateTimeFormat(language, { timeStyle: "short" });
const day = new Intl.DateTimeFormat(language, { day: "numeric", month: "short" });
export const date = (ms: number) => day.format(ms);
export const dateTime = (ms: number) => long.format(ms);
const precise = new Intl.DateTimeFormat(language, { timeStyle: "medium" });
export const preciseTime = (ms: number) => precise.format(ms);
const preciseDay = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "medium" });
export const preciseDateTime = (ms: number) => preciseDay.format(ms);
export const time = (ms: number) => short.format(ms);
export const number = (value: number) => new Intl.NumberFormat(language).format(value);

/** 14:05, or 1:02:03 from an hour on. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  const two = (value: number) => String(value).padStart(2, "0");
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** What a date field holds, in the reader's time zone, and back. */
export function toField(ms: number): string {
  const date = new Date(ms - new Date(ms).getTimezoneOffset() * 60_000);
  return date.toISOString().slice(0, 16);
}
export const fromField = (text: string) => new Date(text).getTime();
