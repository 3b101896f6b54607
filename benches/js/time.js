// Measures in paired rounds: each candidate has a turn in each round. A ratio divides two times of the same round; its
// median over all rounds is reported.
// The clock counts the processor time of all threads of this process: other programs on the machine are not measured.
// Garbage collection is never forced, because a full collection also discards optimised code. A turn is long enough to
// contain the collections that its calls cause.
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

/** The number of calls, at least one, that fill a turn of this length. Finding it also warms the code up. */
async function calibrate(call, us) {
  for (let count = 1; ; count *= 2) {
    const took = await turn(call, count);
    if (took >= us) return Math.max(1, Math.round((count * us) / took));
  }
}

/** The microseconds of one call in each round, by name. */
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

/** The median of the ratios of two candidates' times, round by round. */
export const ratio = (times, name, base) => round(median(times[name].map((own, n) => own / times[base][n])));
