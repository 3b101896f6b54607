// What host.js, audit.js and report.js share: `repeated` tries again after a lost race, and `few` says how many
// records one call of the engine gets.
import { invalid } from "./options.js";
import { explained } from "./stores.js";

export const ATTEMPTS = 8;
const MOST_AT_ONCE = 100_000;

/** In every attempt somebody else wrote first: nothing was stored, and the caller may try again. */
export class Busy extends Error {
  constructor(attempts) {
    super(`somebody else was faster ${attempts} times`);
    this.name = "Busy";
    this.code = "busy";
    this.attempts = attempts;
  }
}

/**
 * The plan cannot be stored in the host's transaction as it is: there was a deadlock, for example, or somebody has
 * written what the transaction cannot see. The host rolls it back, and repeats all of it. `cause` is the database's
 * error.
 */
export class RepeatTransaction extends Error {
  constructor(cause) {
    super("the transaction cannot store the plan: roll it back, and repeat all of it", { cause });
    this.name = "RepeatTransaction";
    this.code = "repeat_transaction";
  }
}

/**
 * Calls `ask` until it returns an answer. The pauses are random and grow: two hosts that wrote at the same time
 * would otherwise do so again.
 */
export async function repeated(attempts, ask) {
  for (let attempt = 1; ; attempt += 1) {
    const answer = await explained(ask);
    if (answer !== undefined) return answer;
    if (attempt === attempts) throw new Busy(attempts);
    const longest = Math.min(160, 20 * 2 ** (attempt - 1));
    await new Promise((resume) => {
      setTimeout(resume, Math.random() * longest);
    });
  }
}

export function checkAttempts(attempts) {
  if (!Number.isInteger(attempts) || attempts < 1) throw invalid(["options", "attempts"], "expected an integer from 1");
}

/**
 * Returns the first of these records: as many as one call of the engine answers quickly, and at least one.
 * The work is estimated: each ticket counts 10, plus 1 for each charge of its record; each ticket that a release in the
 * record names counts 1.
 */
export function few(redemptions) {
  let size = 0;
  const weigh = ({ tickets, charges, releases }) => {
    const named = (releases ?? []).reduce((sum, release) => sum + (release?.tickets?.length ?? 0), 0);
    return (tickets?.length ?? 1) * (10 + (charges?.length ?? 0)) + named;
  };
  const fits = redemptions.findIndex((redemption) => {
    size += weigh(redemption);
    return size > MOST_AT_ONCE;
  });
  return fits < 0 ? redemptions : redemptions.slice(0, Math.max(fits, 1));
}
