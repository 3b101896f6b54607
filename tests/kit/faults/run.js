// Plays rounds of faults on a database, until in so many rounds of each kind the fault has happened:
//   node faults/run.js sqlite|postgres|mariadb|galera|standby [rounds of each kind] [first seed]
//   node faults/run.js sqlite|postgres|mariadb|galera|standby again SEED    the round of one seed
// The servers are those of scripts/postgres, scripts/mariadb, scripts/galera and scripts/standby; they are killed and
// started again.
import { KINDS } from "./plan.js";
import { openRounds } from "./round.js";

/**
 * Plays until the fault has happened in `each` rounds of each kind; other rounds do not count. Returns what happened
 * per kind.
 */
export async function run(database, each, first, say) {
  const rounds = await openRounds(database);
  const { kinds: names = KINDS } = database;
  const kinds = Object.fromEntries(names.map((kind) => [kind, { met: 0, missed: 0, killed: 0, seen: {} }]));
  try {
    for (let seed = first; names.some((kind) => kinds[kind].met < each); seed += 1) {
      const kind = names[seed % names.length];
      const sums = kinds[kind];
      if (sums.met === each) continue;
      const { met, seen, killed } = await play(database, rounds, seed, say);
      sums[met ? "met" : "missed"] += 1;
      sums.killed += killed;
      for (const [what, count] of Object.entries(seen)) sums.seen[what] = (sums.seen[what] ?? 0) + count;
      if (sums.missed > 2 * each + 10)
        throw new Error(`${database.name}: most rounds of ${kind} do not meet their fault`);
    }
  } finally {
    await rounds.close();
  }
  return kinds;
}

async function play(database, rounds, seed, say) {
  const { kinds = KINDS } = database;
  const kind = kinds[seed % kinds.length];
  try {
    const round = await rounds.play(seed);
    const { met, seen, killed, records, ms } = round;
    say(
      `${database.name} seed ${seed} ${kind}: ${met ? "met" : "missed"} its fault, ${records} orders, ` +
        `${killed} hosts killed, ${ms} ms ${JSON.stringify(seen)}`,
    );
    return round;
  } catch (error) {
    say(`${database.name} seed ${seed} ${kind}: FAILED`);
    throw error;
  }
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const [which, each = "125", seed = String(Math.floor(Math.random() * 2 ** 30))] = process.argv.slice(2);
  const database = await import(`./${which}.js`);
  if (each === "again") {
    const rounds = await openRounds(database);
    await play(database, rounds, Number(seed), console.log).finally(() => rounds.close());
  } else {
    const began = Date.now();
    const kinds = await run(database, Number(each), Number(seed), console.log);
    for (const [kind, { met, missed, killed, seen }] of Object.entries(kinds))
      console.log(`${kind.padEnd(18)} ${met} met, ${missed} missed, ${killed} hosts killed; ${JSON.stringify(seen)}`);
    const all = Object.values(kinds).reduce((sum, { met }) => sum + met, 0);
    console.log(
      `${all} rounds from seed ${seed} in ${Math.round((Date.now() - began) / 1000)} s: ` +
        "nothing lost, nothing counted twice, no limit exceeded",
    );
  }
}
