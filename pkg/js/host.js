// The loop around the engine: read, decide, commit, and begin again when somebody else wrote first.
import { PreparedRules, applyRelease, canonicalCode, confirmRedemption, usageKeys, validateRedemption } from "#engine";
import { restored } from "./archive.js";
import { ATTEMPTS, RepeatTransaction, checkAttempts, few, repeated } from "./attempts.js";
import { forgetting } from "./counters.js";
import { clocked, invalid, known } from "./options.js";
import { explained } from "./stores.js";

export { Busy, RepeatTransaction } from "./attempts.js";
export { archive, restoreRecords } from "./archive.js";
export { audit, prune, repair } from "./audit.js";
export { erase } from "./erase.js";
export { split } from "./split.js";
export { zone } from "./zone.js";

/** Decides as `redeem` would, and commits nothing. It ignores the order's id. */
export async function preview(store, request, options = {}) {
  const { joined, now } = settings(store, options);
  const now_ms = now();
  const { engine, asked } = await asking(request, now_ms);
  const order = asked.order?.id == null ? asked.order : { ...asked.order, id: null };
  const keys = engine.usageKeys({ ...asked, order, now_ms });
  const { counters } = await explained(() => joined.read(keys, null));
  return decided(joined, engine, { ...asked, order }, { counters }, now_ms);
}

/** Redeems the order's codes. The same order asked again gets the same answer, and is counted once. */
export async function redeem(store, request, options = {}) {
  const { approve, ...others } = known(options, [...OPTIONS, "approve"], ["options"]);
  if (approve != null && typeof approve !== "function") throw invalid(["options", "approve"], "expected a function");
  return settle(store, others, async (joined, now_ms) => {
    const { engine, asked } = await asking(request, now_ms);
    const keys = engine.usageKeys({ ...asked, now_ms });
    const id = (Object.hasOwn(asked.order, "id") ? asked.order.id : null) ?? null;
    // The engine treats an order without an id as a preview: it would accept the order, and nothing would be counted.
    if (id === null) throw invalid(["order", "id"], "expected an id, because an order without one is only a preview");
    const { archived, ...usage } = await joined.read(keys, id);
    const decision = await decided(joined, engine, asked, usage, now_ms);
    // A host may believe that returning false refuses. Without this error it would sell what it wanted to refuse.
    if (decision.status === "accepted" && (await approve?.(decision)) === false) {
      throw invalid(["options", "approve"], "expected it to throw in order to refuse, found false");
    }
    return { answer: decision, kept: archived ? usage.existing : null, was: usage.existing };
  });
}

/**
 * Reports that a payment arrived for the order `id`. The same payment may be reported any number of times.
 * `money` in the answer says what to do with it: `kept` pays for the order, `returned` goes back to the buyer, once for
 * each payment's id. The answer is null if there is no such order: the money goes back, too.
 */
export async function confirm(store, paid, options = {}) {
  const { id, payment: given, over_limit = false, dry = false } = known(paid, ["id", "payment", "over_limit", "dry"]);
  checkId(id);
  const payment = known(given, ["id", "total", "currency"], ["payment"]);
  // The check is skipped only if the host says so with null: a total that was forgotten is a mistake.
  if (payment.total === undefined)
    throw invalid(["payment", "total"], "expected what was paid, or null to skip the check");
  return settle(store, options, async (joined, now_ms) => {
    let { existing: redemption, counters, archived } = await joined.read([], id);
    // The hold has lapsed, and its uses were given back. They must fit under the limits again: read the counters.
    if (
      redemption?.state === "released" &&
      redemption.tickets.some(({ released }) => released?.reason === "hold_expired")
    ) {
      ({
        existing: redemption,
        counters,
        archived,
      } = await joined.read(
        (redemption.charges ?? []).map(({ key }) => key),
        id,
      ));
    }
    const usage = { counters };
    const answer = redemption && confirmRedemption({ redemption, payment, usage, now_ms, over_limit, dry });
    return { answer, kept: archived ? redemption : null };
  });
}

/**
 * Takes tickets of the order `id` back: those that `tickets` lists, or all that are not released yet. Give each release
 * a `release_id` of its own: asked again, it gets the same answer.
 * The answer is null if there is no such order.
 */
export async function release(store, returned, options = {}) {
  const { id, reason, tickets = null, release_id = null } = known(returned, ["id", "reason", "tickets", "release_id"]);
  checkId(id);
  return settle(store, options, async (joined, now_ms) => {
    const { existing: redemption, archived } = await joined.read([], id);
    const answer = redemption && applyRelease({ redemption, release: { id: release_id, reason, tickets }, now_ms });
    return { answer, kept: archived ? redemption : null };
  });
}

/**
 * Releases every hold that has lapsed, and returns how many. A hold that somebody else changed meanwhile is skipped.
 * A hold that cannot be released does not stop the others: its error is thrown after all are done.
 */
export async function sweep(store, options = {}) {
  const { joined, write, now } = settings(store, options);
  const faults = [];
  // The holds that were not released: somebody else changed them, or they cannot be released. The store may find them
  // again, so each call of `find` asks for that many more.
  const left = new Set();
  for (let swept = 0; ; ) {
    const wanted = { lapsed_by_ms: now(), keys: null, limit: BATCH + left.size };
    const found = await explained(() => joined.find(wanted));
    const holds = found.holds.filter(({ id }) => !left.has(id));
    if (holds.length === 0) {
      if (faults.length > 0) throw faults[0];
      return swept;
    }
    for (const redemption of holds) {
      try {
        const { ops } = applyRelease({ redemption, release: { reason: "hold_expired" }, now_ms: now() });
        // The row's column `state` says held, but the document in the row does not. The empty plan would be committed
        // and change nothing, and this sweep would find the row again without end.
        if (ops.length === 0) {
          const { state, id } = redemption;
          throw invalid(
            ["redemption", "state"],
            `expected held, as its row says, found ${state}, in the redemption ${id}`,
          );
        }
        if (await joined.commit(ops, write)) swept += 1;
        else left.add(redemption.id);
      } catch (fault) {
        // The host's transaction is of no more use.
        if (fault instanceof RepeatTransaction) throw fault;
        left.add(redemption.id);
        faults.push(fault);
      }
    }
  }
}

/**
 * Decides on what was read. If too little of a counter is left, the counter is read again, together with some lapsed
 * holds that charge it: 10 holds, then 100, then 1000, until they free enough. The order is rejected only if too little
 * is left even then.
 */
async function decided(store, engine, asked, usage, now_ms) {
  let decision = engine.validateRedemption({ ...asked, usage, now_ms });
  const lapsed = new Map();
  // The counters of which too little stays left: looking at more lapsed holds would not help.
  const settled = new Set();
  for (let limit = LEAST_HOLDS; ; limit = Math.min(limit * 10, MOST_HOLDS)) {
    const named = new Set(decision.violations.map(({ counter }) => counter));
    const short = [...named].filter((key) => key !== null && !settled.has(key));
    if (short.length === 0) return decision;
    const { holds, counters } = await store.find({ lapsed_by_ms: now_ms, keys: short, limit });
    // Somebody has released uses since the first read: that alone may be enough.
    const fallen = short.some((key) => (counters[key] ?? 0) < (usage.counters[key] ?? 0));
    usage = { ...usage, counters: { ...usage.counters, ...counters } };
    for (const hold of holds) lapsed.set(hold.id, hold);
    const some = few([...lapsed.values()]);
    if (fallen || some.length > 0) decision = reclaiming(engine, decision, { ...asked, usage, now_ms }, some);
    // Stop when all lapsed holds were looked at, or as many as there is time for: a buyer waits for the answer.
    const enough = holds.length < limit || limit === MOST_HOLDS || some.length < lapsed.size;
    if (enough) for (const key of short) settled.add(key);
  }
}

/**
 * Decides again with the first of these lapsed holds released; if that is not enough, with two of them, then four,
 * eight, all. So at most about twice as many holds are released as the order needs. A malformed record is skipped here:
 * the sweep throws its error.
 */
function reclaiming(engine, refusal, request, holds) {
  let decision = refusal;
  for (let count = 1; ; ) {
    const lapsed = holds.slice(0, count);
    try {
      decision = engine.validateRedemption({ ...request, usage: { ...request.usage, lapsed } });
    } catch (error) {
      const [usage, list, index] = error?.at ?? [];
      if (usage !== "usage" || list !== "lapsed" || index === undefined) return decision;
      holds = holds.toSpliced(index, 1);
      continue;
    }
    if (decision.status === "accepted" || count >= holds.length) return decision;
    count *= 2;
  }
}

/** Returns what decides in this attempt (the engine, or the request's prepared rules), and the request to decide on. */
async function asking(request, now_ms) {
  const { rules, unsound, ...asked } = known(request, REQUEST);
  if (rules == null) {
    if (typeof asked.promos === "function") asked.promos = await found(asked.promos, asked, now_ms);
    if (unsound == null) return { engine: { usageKeys, validateRedemption }, asked };
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

/** The documents of the typed codes, found by the host's function, which is not called for a malformed request. */
async function found(find, asked, now_ms) {
  // This call throws if the request is malformed; its answer is not needed.
  usageKeys({ ...asked, promos: [], now_ms });
  const forms = new Map();
  for (const text of asked.codes) {
    const { canonical, loose } = canonicalCode({ text });
    if (canonical !== "") forms.set(canonical, { canonical, loose });
  }
  return forms.size === 0 ? [] : find([...forms.values()]);
}

/**
 * The engine's two calls under these documents. Each call prepares rules and frees them at once, because on some edge
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
  return { usageKeys: ask("usageKeys"), validateRedemption: ask("validateRedemption") };
}

const REQUEST = ["codes", "promos", "policy", "order", "rules", "unsound"];
const OPTIONS = ["write", "now", "attempts", "transaction"];
const BATCH = 100;
/** How many lapsed holds are looked at for one buyer, at first and at most: an order needs at most 1000 uses. */
const LEAST_HOLDS = 10;
const MOST_HOLDS = 1000;

/**
 * Reads and decides again until the plan is committed, or there is nothing to commit. `decide` answers the engine's
 * answer, the record if it is in the archive (then the plan brings it back first), and the record that may be replaced.
 */
async function settle(store, options, decide) {
  const { joined, write, now, attempts } = settings(store, options);
  return repeated(attempts, async () => {
    const { answer, kept, was = null } = await decide(joined, now());
    if (answer === null || answer.ops.length === 0) return answer;
    const ops = was === null ? answer.ops : forgetting(answer.ops, was);
    const plan = kept === null ? ops : restored(kept, ops);
    return (await joined.commit(plan, write)) ? answer : undefined;
  });
}

/** The options, and the store in the host's transaction if there is one: `joined`. */
function settings(store, options) {
  const { write, now, attempts = ATTEMPTS, transaction } = known(options, OPTIONS, ["options"]);
  if (write != null && typeof write !== "function") throw invalid(["options", "write"], "expected a function");
  const clock = clocked(now);
  checkAttempts(attempts);
  return { joined: joinedTo(store, transaction), write: write ?? undefined, now: clock, attempts };
}

function joinedTo(store, transaction) {
  if (transaction === undefined) return store;
  // A host that has lost its transaction on the way must not get one of the store's instead.
  if ((typeof transaction !== "object" && typeof transaction !== "function") || transaction === null)
    throw invalid(["options", "transaction"], `expected a transaction, found ${transaction}`);
  if (typeof store.joining !== "function")
    throw invalid(
      ["options", "transaction"],
      "expected a store that can join a transaction: this one has no `joining`",
    );
  return store.joining(transaction);
}

function checkId(id) {
  // A database would read a lone surrogate as another character, and find another order.
  if (typeof id !== "string" || id === "" || [...id].length > 256 || !id.isWellFormed())
    throw invalid(["id"], "expected a string of 1 to 256 characters");
}
