// Draws the plan of a round from its seed: the kind of fault, who buys what, and when the fault happens.

/** The kinds of faults: seed 0 has the first kind, seed 1 the second, and so on. */
export const KINDS = [
  "host_killed",
  "server_killed",
  "answer_lost",
  "lock_timeout",
  "statement_timeout",
  "disk_full",
  "serialization",
  "clock_skew",
];

/** The limits: buyers want about twice as much of each code, of the pool, and for each guest. */
export const LIMITS = { uses: 20, pool: 30, identity: 4 };
export const PROMOS = ["HOT", "ICE"].map((code) => ({
  code,
  discount_percent: 20,
  max_uses: LIMITS.uses,
  max_uses_per_identity: LIMITS.identity,
  pools: [{ id: "house", max_uses: LIMITS.pool }],
}));

/** The tables of the kit and of the host, which each round finds empty. */
export const EMPTIED = ["redemptions", "counters", "held", "persons", "archive", "parts"]
  .map((name) => `redeemable_${name}`)
  .concat("tickets");

const MINUTE = 60_000;

/** A generator of numbers from 0 to 1, the same for the same seed (mulberry32). */
export function chance(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function planOf(seed, { hosts, kinds = KINDS }) {
  const kind = kinds[seed % kinds.length];
  // Spreads the seeds, so that neighbouring seeds give different numbers.
  const random = chance(Math.imul(seed + 1, 0x9e3779b1));
  const pick = (list) => list[Math.floor(random() * list.length)];
  const orders = Array.from({ length: 24 }, (_, n) => ({
    id: `r${seed}-${n}`,
    code: pick(["HOT", "ICE"]),
    quantity: 1 + Math.floor(random() * 4),
    email: `guest${Math.floor(random() * 10)}@example.org`,
    fate: pick(["leave", "pay", "pay", "return", "fail", "late"]),
    told: null,
  }));
  const skewed = kind === "clock_skew";
  return {
    seed,
    kind,
    orders,
    way: Math.floor(seed / kinds.length),
    // A hold of two minutes has lapsed for a host whose clock is four minutes ahead.
    hold: skewed ? 2 * MINUTE : 10 * MINUTE,
    offsets: Array.from({ length: hosts }, (_, n) => (skewed ? [-4, 4, 0][n % 3] * MINUTE : 0)),
    victim: Math.floor(random() * hosts),
    strikeAt: 1 + Math.floor(random() * (kind === "disk_full" ? 4 : 14)),
    delay: Math.floor(random() * 4),
    random,
  };
}
