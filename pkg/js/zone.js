// `zone`: the offsets of a time zone from UTC, as `policy.zone` has them.
import { clockOf } from "./csv-times.js";
import { invalid } from "./options.js";

const DAY = 24 * 60 * 60 * 1000;
/** The first moment of the year 9999 in UTC: Python's clocks end with that year. */
const LATEST = 253_370_764_800_000;
const MOST = 400;

/**
 * The offsets of the zone `name`, such as `Europe/Berlin`, from `from_ms` to `to_ms`: `policy.zone`. The last entry is
 * the offset at `to_ms`, so that `checkPromo` can tell where the list ends.
 */
export function zone(name, from_ms, to_ms) {
  for (const [field, ms] of Object.entries({ from_ms, to_ms })) {
    if (!Number.isSafeInteger(ms) || ms < 100_000_000_000 || ms > LATEST)
      throw invalid([field], `expected an integer from 100000000000 to ${LATEST}, found ${ms}`);
  }
  if (to_ms <= from_ms) throw invalid(["to_ms"], "expected a time after from_ms");
  let clock;
  try {
    if (typeof name === "string" && /^[A-Za-z]/.test(name)) clock = clockOf(name);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  if (clock === undefined) throw invalid(["name"], `expected a time zone such as Europe/Berlin, found ${name}`);

  const entry = (at) => ({ from_ms: at, offset_minutes: (clock(at) - at) / 60_000 });
  const entries = [entry(from_ms)];
  for (let at = from_ms; at < to_ms; ) {
    const next = Math.min(at + DAY, to_ms);
    const before = entries.at(-1).offset_minutes;
    if (entry(next).offset_minutes === before) {
      at = next;
      continue;
    }
    let [early, late] = [at, next];
    while (late - early > 1) {
      const middle = Math.floor((early + late) / 2);
      if (entry(middle).offset_minutes === before) early = middle;
      else late = middle;
    }
    // A change at `to_ms` itself is in the last entry.
    if (late < to_ms) entries.push(entry(late));
    at = late;
  }
  entries.push(entry(to_ms));
  if (entries.length > MOST) throw invalid(["to_ms"], `expected an earlier time: a policy has at most ${MOST} offsets`);
  if (entries.some(({ offset_minutes }) => offset_minutes % 15 !== 0))
    throw invalid(["from_ms"], `expected a time since when ${name} differs from UTC by quarters of an hour`);
  return entries.map(({ from_ms: at, offset_minutes }) => ({ from_ms: at, offset_minutes: offset_minutes + 0 }));
}
