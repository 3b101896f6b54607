// Paired rounds: everybody has a turn in each, and a ratio is the median over the rounds of two times of one round.
// The clock is the processor's time of all threads of this process: other programs on the machine are not measured.
// Garbage is never collected by force, because a full collection also throws away what the compiler has learnt.
// A turn is long enough for its own collections.
export const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
export const round = (value) => Number(value.toPrecision(4));

/** Microseconds of `count` calls. */
async function turn(call, count) {
  const start = process.cpuUsage();
  for (let n = 0; n < count; n += 1) {
    const answer = call();
    if (answer instanceof Promise) await answer;
  }
  const { user, system } = process.cpuUsage(start);
  return user + system;
}

/** So many calls that a turn takes that long, at least one; finding out warms up. */
async function calibrate(call, us) {
  for (let count = 1; ; count *= 2) {
    const took = await turn(call, count);
    if (took >= us) return Math.max(1, Math.round((count * us) / took));
  }
}

/** By name, the microseconds of one call in each round. */
export async function race(calls, { rounds, ms }) {
  const entries = Object.entries(calls);
  const counts = new Map();
  for (let warm = 0; warm < 3; warm += 1)
    for (const [name, call] of entries) counts.set(name, await calibrate(call, ms * 1000));
  const times = Object.fromEntries(entries.map(([name]) => [name, []]));
  for (let n = 0; n < rounds; n += 1) {
    for (const [name, call] of n % 2 ? entries : entries.toReversed())
      times[name].push((await turn(call, counts.get(name))) / counts.get(name));
  }
  return times;
}

/** The median of what one took to what another took, round by round. */
export const ratio = (times, name, base) => round(median(times[name].map((own, n) => own / times[base][n])));
