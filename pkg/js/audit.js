// For operators: `audit` compares the counters with the records, and `repair` corrects the counters.
import { auditUsage } from "#engine";
import { ATTEMPTS, checkAttempts, few, repeated } from "./attempts.js";
import { known } from "./options.js";

/**
 * The counters whose value differs from what the records add up to, sorted by key. It changes nothing.
 * A host that commits its plans gets an empty list at any moment, even while buyers buy.
 */
export async function audit(store) {
  const must = new Map();
  const used = new Map();
  await store.scan(({ redemptions, counters }) => {
    addUp(must, redemptions);
    for (const [key, value] of Object.entries(counters)) used.set(key, value);
  });
  return [...new Set([...must.keys(), ...used.keys()])]
    .sort()
    .map((key) => ({ key, used: used.get(key) ?? 0, must: must.get(key) ?? 0 }))
    .filter((counter) => counter.used !== counter.must);
}

/**
 * Sets each counter that differs to what the records say, while buyers buy; returns those that it set.
 * A counter that is then above its limit stays above it: the next buyer is refused.
 */
export async function repair(store, options = {}) {
  const { attempts = ATTEMPTS } = known(options, ["attempts"], ["options"]);
  checkAttempts(attempts);
  const set = [];
  for (const { key } of await audit(store)) {
    let must;
    const count = (redemptions) => {
      const sums = new Map();
      addUp(sums, redemptions);
      must = sums.get(key) ?? 0;
      return must;
    };
    const used = await repeated(attempts, async () => (await store.recount(key, count)) ?? undefined);
    if (used !== must) set.push({ key, used, must });
  }
  return set;
}

/** Adds what the records charged to each counter, in shares: a popular code has more records than one call takes. */
function addUp(sums, redemptions) {
  for (let from = 0, share; from < redemptions.length; from += share.length) {
    share = few(redemptions.slice(from, from + 500));
    try {
      const { counters } = auditUsage({ redemptions: share });
      for (const [key, held] of Object.entries(counters)) sums.set(key, (sums.get(key) ?? 0) + held);
    } catch (error) {
      // An operator cannot do anything with a position in a share, so the message names the order.
      const [list, index] = error?.at ?? [];
      if (list === "redemptions" && index !== undefined) error.message += `, in the redemption ${share[index]?.id}`;
      throw error;
    }
  }
}
