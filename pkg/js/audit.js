// For operators: `audit` compares the counters with the records, and `repair` corrects the counters.
import { ATTEMPTS, checkAttempts, repeated } from "./attempts.js";
import { clocked, invalid, known } from "./options.js";
import { KEPT, endOf } from "./periods.js";
import { explained } from "./stores.js";

/**
 * Returns the counters whose value differs from what the records add up to, sorted by key. It changes nothing.
 * Counters of a day, week or month that ended more than 400 days ago are left out, because `prune` may delete them.
 * If the host commits every plan as it is, the list is empty at any moment, even while buyers buy.
 */
export async function audit(store, options = {}) {
  const { now } = known(options, ["now"], ["options"]);
  const drift = [];
  for await (const { key, used, must } of differences(store, now)) drift.push({ key, used, must });
  return drift;
}

/**
 * Sets each counter that differs from the records to what they add up to, and returns these counters. Buyers may buy
 * meanwhile. A counter may then be above its limit: what was sold stays sold, and the next order is rejected.
 */
export async function repair(store, options = {}) {
  const { attempts = ATTEMPTS, now } = known(options, ["attempts", "now"], ["options"]);
  checkAttempts(attempts);
  const set = [];
  return repeated(attempts, async () => {
    let failed = false;
    for await (const { key, used, must, corrected } of differences(store, now)) {
      // A buyer changes the counter and the records alike, so the difference between them stays, and the counter is
      // changed by it. `corrected` says whether somebody else has corrected the counter meanwhile.
      if (await store.commit([{ op: "correct", key, by: must - used, corrected }])) set.push({ key, used, must });
      else failed = true;
    }
    return failed ? undefined : set.sort((a, b) => (a.key < b.key ? -1 : 1));
  });
}

/** The counters that differ from the records, by key, some at a time. */
async function* differences(store, now) {
  const since = clocked(now)() - KEPT;
  for (let after = "", page; page === undefined || page.length === PAGE; after = page.at(-1)?.key) {
    page = await explained(() => store.differences({ after, limit: PAGE }));
    yield* page.filter(({ key }) => endOf(key) >= since);
  }
}
/** The database compares all counters for each page. */
const PAGE = 5000;

/**
 * Deletes the counters of days, weeks and months that ended before `before_ms`, and returns how many. That must be at
 * least 400 days ago: `audit` and `repair` look at later ones.
 */
export async function prune(store, before_ms, options = {}) {
  const { attempts = ATTEMPTS, now } = known(options, ["attempts", "now"], ["options"]);
  checkAttempts(attempts);
  const latest = clocked(now)() - KEPT;
  if (!Number.isSafeInteger(before_ms) || before_ms > latest)
    throw invalid(["before_ms"], `expected a time at least 400 days ago, at most ${latest}, found ${before_ms}`);
  const isOver = (key) => endOf(key) < before_ms;
  return repeated(attempts, async () => (await store.prune(isOver)) ?? undefined);
}
