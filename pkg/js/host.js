// The loop around the engine: read, decide, commit, and ask again when somebody else was faster.
import { Rules, applyRelease, auditUsage, confirmRedemption, usageKeys, validateRedemption } from "#engine";
import { invalid, known } from "./options.js";

/** Every attempt met somebody else's write: nothing was stored, and the caller may try again. */
export class Busy extends Error {
  constructor(attempts) {
    super(`somebody else was faster ${attempts} times`);
    this.name = "Busy";
    this.code = "busy";
    this.attempts = attempts;
  }
}

/** Decides and commits nothing; the order's id is dropped. */
export async function preview(store, request, options = {}) {
  const { now } = settings(options);
  const { engine, asked } = asking(request);
  const order = asked.order?.id == null ? asked.order : { ...asked.order, id: null };
  const { counters } = await store.read(engine.usageKeys({ ...asked, order }), null);
  return engine.validateRedemption({ ...asked, order, usage: { counters }, now_ms: now() });
}

/** Redeems the order's codes. The same order asked again is answered again, and counted once. */
export async function redeem(store, request, options = {}) {
  const { engine, asked } = asking(request);
  const { approve, ...others } = known(options, [...OPTIONS, "approve"], "options");
  if (approve != null && typeof approve !== "function") throw invalid("options.approve", "expected a function");
  const keys = engine.usageKeys(asked);
  const id = (Object.hasOwn(asked.order, "id") ? asked.order.id : null) ?? null;
  // The engine would answer a preview: accepted, and nothing counted.
  if (id === null) throw invalid("order.id", "expected an id, because an order without one is only a preview");
  return settle(store, others, async (now_ms) => {
    const usage = await store.read(keys, id);
    let decision = engine.validateRedemption({ ...asked, usage, now_ms });
    // Unpaid holds that have lapsed may be all that is in the way: the engine releases them in the same plan.
    const short = decision.violations.flatMap(({ counter }) => counter ?? []);
    const lapsed = short.length === 0 ? [] : await store.find({ lapsed_by_ms: now_ms, keys: short, limit: BATCH });
    if (lapsed.length > 0) decision = reclaiming(engine, decision, { ...asked, usage: { ...usage, lapsed: few(lapsed) }, now_ms });
    if (decision.status === "accepted") await approve?.(decision);
    return decision;
  });
}

/**
 * Payment arrived for the order `id`. `money` says whose it is, however often it is reported: `kept` is the order's, `returned` goes back, once for each payment's id.
 * Null: there is no such order, and the money goes back.
 */
export async function confirm(store, paid, options = {}) {
  const { id, payment: given, over_limit = false, dry = false } = known(paid, ["id", "payment", "over_limit", "dry"]);
  checkId(id);
  const payment = known(given, ["id", "total", "currency"], "payment");
  // Only a host that writes null has decided to do without the check.
  if (payment.total === undefined) throw invalid("payment.total", "expected what was paid, or null to skip the check");
  return settle(store, options, async (now_ms) => {
    let { existing: redemption, counters } = await store.read([], id);
    if (redemption?.state === "released" && redemption.tickets.some(({ released }) => released?.reason === "hold_expired")) {
      ({ existing: redemption, counters } = await store.read(redemption.charges.map(({ key }) => key), id));
    }
    return redemption && confirmRedemption({ redemption, payment, usage: { counters }, now_ms, over_limit, dry });
  });
}

/**
 * Takes tickets of the order `id` back, all that are left unless `tickets` lists some. With a `release_id` of its own, a release that is asked again is answered as it was.
 * Null: there is no such order.
 */
export async function release(store, returned, options = {}) {
  const { id, reason, tickets = null, release_id = null } = known(returned, ["id", "reason", "tickets", "release_id"]);
  checkId(id);
  return settle(store, options, async (now_ms) => {
    const { existing: redemption } = await store.read([], id);
    return redemption && applyRelease({ redemption, release: { id: release_id, reason, tickets }, now_ms });
  });
}

/**
 * Gives back what unpaid orders held, and returns how many. A hold that somebody changed meanwhile is left to them.
 * One that cannot be released does not keep the others: its error is thrown when they are done.
 */
export async function sweep(store, options = {}) {
  const { write, now } = settings(options);
  const faults = [];
  const left = new Set();
  for (let swept = 0; ;) {
    const found = await store.find({ lapsed_by_ms: now(), keys: null, limit: BATCH + left.size });
    const holds = found.filter(({ id }) => !left.has(id));
    if (holds.length === 0) {
      if (faults.length > 0) throw faults[0];
      return swept;
    }
    for (const redemption of holds) {
      try {
        const { ops } = applyRelease({ redemption, release: { reason: "hold_expired" }, now_ms: now() });
        if (await store.commit(ops, write)) swept += 1;
        else left.add(redemption.id);
      } catch (fault) {
        left.add(redemption.id);
        faults.push(fault);
      }
    }
  }
}

/**
 * What each counter must be, from the records alone, against what it is: those that differ, by key. It changes nothing.
 * Empty is what a host that commits its plans sees at any moment, buyers or not.
 */
export async function audit(store) {
  const must = new Map();
  const used = new Map();
  await store.scan(({ redemptions, counters }) => {
    addUp(must, redemptions);
    for (const [key, value] of Object.entries(counters)) used.set(key, value);
  });
  return [...new Set([...must.keys(), ...used.keys()])].sort()
    .map((key) => ({ key, used: used.get(key) ?? 0, must: must.get(key) ?? 0 }))
    .filter((counter) => counter.used !== counter.must);
}

/** Sets each counter that differs to what the records say, while buyers buy; returns those that it set. A counter above its limit stays there, and refuses. */
export async function repair(store, options = {}) {
  const { attempts = ATTEMPTS } = known(options, ["attempts"], "options");
  checkAttempts(attempts);
  const set = [];
  for (const { key } of await audit(store)) {
    let must;
    const count = (redemptions) => {
      const sums = new Map();
      // In shares, as the audit adds them up: a popular code has many records.
      for (let from = 0; from < redemptions.length; from += 500) addUp(sums, redemptions.slice(from, from + 500));
      return (must = sums.get(key) ?? 0);
    };
    const used = await repeated(attempts, async () => (await store.recount(key, count)) ?? undefined);
    if (used !== must) set.push({ key, used, must });
  }
  return set;
}

/** Adds what the records hold of each counter. */
function addUp(sums, redemptions) {
  try {
    for (const [key, held] of Object.entries(auditUsage({ redemptions }).counters)) sums.set(key, (sums.get(key) ?? 0) + held);
  } catch (error) {
    // The position in a share tells an operator nothing.
    const [, index] = /^redemptions\[(\d+)\]/.exec(error?.path) ?? [];
    if (index) error.message += `, in the redemption ${redemptions[index]?.id}`;
    throw error;
  }
}

/** The decision with lapsed holds released. If one of them is no record that the engine reads, the refusal stands: the sweep tells of it. */
function reclaiming(engine, refusal, request) {
  try {
    return engine.validateRedemption(request);
  } catch {
    return refusal;
  }
}

/** The oldest, up to as many tickets as an order may have: somebody waits for the answer. */
function few(lapsed) {
  let tickets = 0;
  return lapsed.filter((hold, index) => (tickets += hold.tickets?.length ?? 0) <= 1000 || index === 0);
}

/** Who decides, and on what: the engine, unless the request has rules. */
function asking(request) {
  const asked = known(request, REQUEST);
  const { rules } = asked;
  delete asked.rules;
  if (rules == null) return { engine: { usageKeys, validateRedemption }, asked };
  if (!(rules instanceof Rules)) throw invalid("rules", `expected Rules, found ${typeof rules}`);
  for (const field of ["promos", "policy"]) {
    if (asked[field] != null) throw invalid(field, "expected nothing beside rules, which have their own");
    delete asked[field];
  }
  return { engine: rules, asked };
}

const REQUEST = ["codes", "promos", "policy", "order", "rules"];
const OPTIONS = ["write", "now", "attempts"];
const BATCH = 100;
const ATTEMPTS = 8;

/** Decides anew on what is stored until the plan commits, or there is nothing to commit. */
async function settle(store, options, decide) {
  const { write, now, attempts } = settings(options);
  return repeated(attempts, async () => {
    const answer = await decide(now());
    return answer === null || answer.ops.length === 0 || await store.commit(answer.ops, write) ? answer : undefined;
  });
}

/** Asks until there is an answer, with pauses that grow. */
async function repeated(attempts, ask) {
  for (let attempt = 1; ; attempt += 1) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (attempt === attempts) throw new Busy(attempts);
    const longest = Math.min(160, 20 * 2 ** (attempt - 1));
    await new Promise((resume) => { setTimeout(resume, Math.random() * longest); });
  }
}

function settings(options) {
  const { write, now = Date.now, attempts = ATTEMPTS } = known(options, OPTIONS, "options");
  if (write != null && typeof write !== "function") throw invalid("options.write", "expected a function");
  if (typeof now !== "function") throw invalid("options.now", "expected a function");
  /** A clock in seconds would find no hold lapsed, and say nothing. */
  const clock = () => {
    const ms = now();
    if (!Number.isSafeInteger(ms) || ms < 100_000_000_000) throw invalid("options.now", `expected a clock of milliseconds since 1970, found ${ms}`);
    return ms;
  };
  checkAttempts(attempts);
  return { write: write ?? undefined, now: clock, attempts };
}

function checkAttempts(attempts) {
  if (!Number.isInteger(attempts) || attempts < 1) throw invalid("options.attempts", "expected an integer from 1");
}

function checkId(id) {
  // A database would read a lone surrogate as another character, and find another order.
  if (typeof id !== "string" || id === "" || [...id].length > 256 || !id.isWellFormed()) throw invalid("id", "expected a string of 1 to 256 characters");
}
