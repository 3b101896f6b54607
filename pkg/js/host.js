// The loop around the engine: read, decide, commit, and begin again when somebody else wrote first.
import { applyRelease, confirmRedemption } from "#engine";
import { restored } from "./archive.js";
import { ATTEMPTS, RepeatTransaction, checkAttempts, repeated } from "./attempts.js";
import { forgetting } from "./counters.js";
import { asking, decided, inRequest, priced } from "./deciding.js";
import { clocked, invalid, known } from "./options.js";
import { isPeriod } from "./periods.js";
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
  return decided(
    joined,
    (usage, free) => engine.validateRedemption({ ...asked, order: priced(order, free), usage, now_ms }),
    { counters },
    now_ms,
  );
}

/** Redeems the order's codes. The same order asked again gets the same answer, and is counted once. */
export async function redeem(store, request, options = {}) {
  const { approve, others } = approving(options);
  return settle(store, others, async (joined, now_ms) => {
    const { engine, asked } = await asking(request, now_ms);
    const keys = engine.usageKeys({ ...asked, now_ms });
    const id = (Object.hasOwn(asked.order, "id") ? asked.order.id : null) ?? null;
    // The engine treats an order without an id as a preview: it would accept the order, and nothing would be counted.
    if (id === null) throw invalid(["order", "id"], "expected an id, because an order without one is only a preview");
    const { archived, ...usage } = await replacing(joined, keys, id);
    const decide = (read, free) =>
      engine.validateRedemption({ ...asked, order: priced(asked.order, free), usage: read, now_ms });
    const decision = await decided(joined, decide, usage, now_ms);
    await approved(decision, approve);
    return { answer: decision, kept: archived ? [usage.existing] : [], was: usage.existing };
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
    return { answer, kept: archived ? [redemption] : [] };
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
    return { answer, kept: archived ? [redemption] : [] };
  });
}

/**
 * Exchanges tickets of the paid order `id` for the order in `request`, which has an id of its own. If the answer is
 * `payment_due`, nothing is stored: have exactly `due` authorised, ask again with the payment, and capture it
 * afterwards. Without an id of its own the new order is a preview. The answer is null if there is no order `id`.
 */
export async function exchange(store, wanted, options = {}) {
  const fields = ["id", "tickets", "request", "payment", "refund"];
  const { id, tickets = null, request, payment: given = null, refund = false } = known(wanted, fields);
  checkId(id);
  const payment = given === null ? null : known(given, ["id", "total", "currency"], ["payment"]);
  if (payment !== null && payment.total === undefined)
    throw invalid(["payment", "total"], "expected what was authorised, or null to skip the check");
  const { approve, others } = approving(options);
  return settle(store, others, async (joined, now_ms) => {
    const { existing: redemption, archived: away } = await joined.read([], id);
    if (redemption === null) return { answer: null, kept: [] };
    const { engine, asked, keys } = await inRequest(async () => {
      const { engine, asked } = await asking(request, now_ms);
      return { engine, asked, keys: engine.usageKeys({ ...asked, now_ms, redemption }) };
    });
    const { archived, ...usage } = await replacing(joined, keys, asked.order.id ?? null);
    const decide = (read, free) => {
      const order = { ...asked, order: priced(asked.order, free), usage: read };
      return engine.exchangeRedemption({ redemption, tickets, request: order, payment, refund, now_ms });
    };
    const answer = await decided(joined, decide, usage, now_ms);
    await approved(answer, approve);
    return {
      answer,
      kept: [...(away ? [redemption] : []), ...(archived ? [usage.existing] : [])],
      was: usage.existing,
    };
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
 * The counters of these keys, and the record under the id. If that is a hold, the order replaces it: a code keeps the
 * hold's time and is charged in its periods, so their counters count, too.
 */
async function replacing(joined, keys, id) {
  const read = await joined.read(keys, id);
  const charged = read.existing?.state === "held" ? (read.existing.charges ?? []) : [];
  const periods = charged.map(({ key }) => key).filter((key) => isPeriod(key) && !keys.includes(key));
  return periods.length > 0 ? joined.read([...new Set([...keys, ...periods])], id) : read;
}

const OPTIONS = ["write", "now", "attempts", "transaction"];
const BATCH = 100;

/**
 * Reads and decides again until the plan is committed, or there is nothing to commit. `decide` answers the engine's
 * answer, those records that are in the archive (the plan brings back first what it changes), and the record that may
 * be replaced.
 */
async function settle(store, options, decide) {
  const { joined, write, now, attempts } = settings(store, options);
  return repeated(attempts, async () => {
    const { answer, kept, was = null } = await decide(joined, now());
    if (answer === null || answer.ops.length === 0) return answer;
    const ops = was === null ? answer.ops : forgetting(answer.ops, was);
    const updates = ({ id }) => ops.some((op) => op.op === "update" && op.id === id);
    const plan = kept.filter(updates).reduce((so, record) => restored(record, so), ops);
    return (await joined.commit(plan, write)) ? answer : undefined;
  });
}

/** The option `approve` of calls that sell, and the other options. */
function approving(options) {
  const { approve, ...others } = known(options, [...OPTIONS, "approve"], ["options"]);
  if (approve != null && typeof approve !== "function") throw invalid(["options", "approve"], "expected a function");
  return { approve, others };
}

async function approved(decision, approve) {
  // A host may believe that returning false refuses. Without this error it would sell what it wanted to refuse.
  if (decision.status === "accepted" && (await approve?.(decision)) === false)
    throw invalid(["options", "approve"], "expected it to throw in order to refuse, found false");
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
