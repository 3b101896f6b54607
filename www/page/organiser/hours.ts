// Times of day, as the form writes them: 22:00, and 26:00 or 02:00 for an hour after midnight.
import type { Hours } from "redeemable";
import type { Read } from "../typed";

const DAY = 24 * 60;

const clock = (minute: number) =>
  [Math.floor(minute / 60), minute % 60].map((part) => String(part).padStart(2, "0")).join(":");

/** Reads `22:00`, `9:30` and `7`, up to 47:59. */
export function readClock(text: string): Read {
  const [, hours = "", minutes = "00"] = /^(\d{1,2})(?:[:.](\d\d))?$/.exec(text.trim()) ?? [];
  const value = Number(hours) * 60 + Number(minutes);
  if (hours === "" || Number(minutes) > 59 || value >= 2 * DAY)
    return { ask: `expected a time of day such as 22:00${text.trim() && `, found ${text.trim()}`}` };
  return { value, unusual: false };
}

/** Reads where hours end that begin at `from`: a time that is not later than that is one of the next day. */
export function readEnd(text: string, from: unknown): Read {
  const read = readClock(text);
  if ("ask" in read || typeof from !== "number" || read.value > from) return read;
  return { value: read.value + DAY, unusual: false };
}

export const shownClock = (minute: unknown) => (typeof minute === "number" ? clock(minute) : String(minute ?? ""));

/** Where hours end: after midnight as the clock then shows it; as 24:00 or 33:20 if that could be the same day. */
export function shownEnd(to: unknown, from: unknown): string {
  if (typeof to !== "number" || typeof from !== "number" || to <= DAY || to - DAY > from) return shownClock(to);
  return clock(to - DAY);
}

/** Whether hours that end then end after midnight. */
export const endsOnNextDay = (to: unknown) => typeof to === "number" && to > DAY;

export const DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/** The days in a few words: “Mon to Fri”, “Sat, Sun”. */
function saidDays(days: number[]): string {
  const sorted = [...new Set(days)].sort((a, b) => a - b);
  const [first = 0, last = 0] = [sorted[0], sorted.at(-1)];
  if (sorted.length === 7) return "every day";
  const isRow = sorted.length > 2 && last - first === sorted.length - 1;
  return isRow ? `${DAYS[first - 1]} to ${DAYS[last - 1]}` : sorted.map((day) => DAYS[day - 1]).join(", ");
}

/** The hours in a few words: “Fri 22:00 to 02:00”. */
export const saidHours = ({ days, from_minute: from, to_minute: to }: Hours) =>
  `${saidDays(days)} ${shownClock(from)} to ${shownEnd(to, from)}`;
