// How host.js decides: on a request, in which promotions may come from a function of the host's, and on what was read.
import { PreparedRules, exchangeRedemption, usageKeys, validateRedemption } from "#engine";
import { few } from "./attempts.js";
import { invalid, known, pathOf } from "./options.js";
import { areFound, found } from "./promos.js";

const REQUEST = ["codes", "promos", "policy", "order", "rules", "unsound"];
/** How many lapsed holds are looked at for one buyer, at first and at most: an order needs at most 1000 uses. */
const LEAST_HOLDS = 10;
const MOST_HOLDS = 1000;

/**
 * Decides with `decide` on what was read. If too little of a counter is left, the counter is read again, together with
 * some lapsed holds that charge it: 10 holds, then 100, then 1000, until they free enough. The order is rejected only
 * if too little is left even then. If only promotions that nobody typed lack something, 10 holds are looked at.
 * `decide(usage, true)` decides as if the buyer had agreed to any price.
 */
export async function decided(store, decide, usage, now_ms) {
  let decision = decide(usage);
  const lapsed = new Map();
  // The counters of which too little stays left: looking at more lapsed holds would not help.
  const settled = new Set();
  for (let limit = LEAST_HOLDS; ; limit = Math.min(limit * 10, MOST_HOLDS)) {
    const short = shortOf(decision, () => decide(usage, true)).filter((key) => !settled.has(key));
    if (short.length === 0) return decision;
    const { holds, counters } = await store.find({ lapsed_by_ms: now_ms, keys: short, limit });
    // Somebody has released uses since the first read: that alone may be enough.
    const fallen = short.some((key) => (counters[key] ?? 0) < (usage.counters[key] ?? 0));
    usage = { ...usage, counters: { ...usage.counters, ...counters } };
    for (const hold of holds) lapsed.set(hold.id, hold);
    const some = few([...lapsed.values()]);
    const isAccepted = decision.violations.length === 0;
    if (fallen || some.length > 0) decision = reclaiming(decide, decision, usage, some);
    // Stop when all lapsed holds were looked at, or as many as there is time for: a buyer waits for the answer.
    const enough = isAccepted || holds.length < limit || limit === MOST_HOLDS || some.length < lapsed.size;
    if (enough) for (const key of short) settled.add(key);
  }
}

/**
 * The counters that leave too little for the order or, if it is accepted or only too dear, for a promotion that takes
 * no part in it. `atAnyPrice()` is the decision for a buyer who agrees to any price.
 */
function shortOf(decision, atAnyPrice) {
  const isTooDear = decision.violations.some(({ reason }) => reason === "price_changed");
  const { violations, passed_over } = isTooDear ? atAnyPrice() : decision;
  const named = (violations.length > 0 ? violations : passed_over).map(({ counter }) => counter);
  return [...new Set(named)].filter((key) => key !== null);
}

/**
 * Decides again with the first of these lapsed holds released; if that is not enough, with two of them, then four,
 * eight, all. So at most about twice as many holds are released as the order needs. A malformed record is skipped here:
 * the sweep throws its error. An accepted order releases no hold that does not help it.
 */
function reclaiming(decide, refusal, usage, holds) {
  let decision = refusal;
  for (let count = 1; ; ) {
    const lapsed = holds.slice(0, count);
    try {
      decision = decide({ ...usage, lapsed });
    } catch (error) {
      const at = error?.at ?? [];
      const index = at[at.indexOf("lapsed") + 1];
      if (at[at.indexOf("lapsed") - 1] !== "usage" || index === undefined) return decision;
      holds = holds.toSpliced(index, 1);
      continue;
    }
    if (shortOf(decision, () => decide({ ...usage, lapsed }, true)).length === 0) return decision;
    if (count >= holds.length) {
      const { quote, applied } = refusal;
      const helps = decision.quote.total < quote.total || decision.applied.length > applied.length;
      return holds.length === 0 || refusal.violations.length > 0 || helps ? decision : refusal;
    }
    count *= 2;
  }
}

/** The order, of a buyer who agrees to any price if `free`. */
export const priced = (order, free = false) => (free ? { ...order, max_total: null } : order);

/** Returns what decides in this attempt (the engine, or the request's prepared rules), and the request to decide on. */
export async function asking(request, now_ms) {
  const { rules, unsound, ...asked } = known(request, REQUEST);
  if (rules == null) {
    if (areFound(asked.promos)) {
      // The host's functions are not called for a malformed request: this call throws, and its answer is not needed.
      usageKeys({ ...asked, promos: [], now_ms });
      asked.promos = await found(asked.promos, asked.codes);
    }
    if (unsound == null) return { engine: { usageKeys, validateRedemption, exchangeRedemption }, asked };
    const { promos, policy, ...rest } = asked;
    return { engine: under({ promos, policy, unsound }), asked: rest };
  }
  if (!(rules instanceof PreparedRules)) throw invalid(["rules"], `expected PreparedRules, found ${typeof rules}`);
  for (const [field, value] of Object.entries({ promos: asked.promos, policy: asked.policy, unsound })) {
    if (value != null) throw invalid([field], "expected nothing beside rules, which have their own");
    delete asked[field];
  }
  return { engine: rules, asked };
}

/** A mistake that `ask` finds in an order is one of the field `request`, if the order is in such a field. */
export async function inRequest(ask) {
  try {
    return await ask();
  } catch (error) {
    if (!Array.isArray(error?.at) || error.at[0] === "redemption") throw error;
    const at = ["request", ...error.at];
    throw Object.assign(error, { at, path: pathOf(at) });
  }
}

/**
 * The engine's calls under these documents. Each call prepares rules and frees them at once, because on some edge
 * workers the garbage collector would not.
 */
function under(document) {
  const ask = (verb) => (request) => {
    const rules = new PreparedRules(document);
    try {
      return rules[verb](request);
    } finally {
      rules.free();
    }
  };
  const verbs = ["usageKeys", "validateRedemption", "exchangeRedemption"];
  return Object.fromEntries(verbs.map((verb) => [verb, ask(verb)]));
}
