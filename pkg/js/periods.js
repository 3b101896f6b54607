// Which counters count a day, a week or a month, and when that period is over everywhere on earth.

const DAY = 24 * 60 * 60 * 1000;
/** Somewhere clocks may be so far behind UTC, as far as the engine knows. */
const FARTHEST_BEHIND = 840 * 60 * 1000;
const KEY = /^code\/[^/]+\/(day|week|month)\/(\d{4,})-W?(\d\d)(?:-(\d\d))?\/(?:uses|by\/[^/]+)$/;

/** How long `audit` and `repair` look at a period after its end. Only after that, `prune` may delete its counters. */
export const KEPT = 400 * DAY;

/** Whether the key is that of a counter of a day, week or month. */
export const isPeriod = (key) => /^code\/[^/]+\/(?:day|week|month)\//.test(key);

/** The moment at which the period of this counter has ended everywhere; infinity if it counts no period. */
export function endOf(key) {
  const [, every, year, number, day] = KEY.exec(key) ?? [];
  if (every === undefined) return Infinity;
  const end = {
    day: () => Date.UTC(year, number - 1, Number(day) + 1),
    month: () => Date.UTC(year, number, 1),
    week: () => {
      // 4 January is always in the first week, and a week begins on Monday.
      const fourth = Date.UTC(year, 0, 4);
      return fourth + (7 * number - ((new Date(fourth).getUTCDay() + 6) % 7)) * DAY;
    },
  }[every]();
  return Number.isNaN(end) ? Infinity : end + FARTHEST_BEHIND;
}
