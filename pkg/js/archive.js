// For operators: `archive` moves old records out of the table, and `restoreRecords` brings back those that left.
import { ATTEMPTS, checkAttempts, repeated } from "./attempts.js";
import { inOrder } from "./counters.js";
import { invalid, known } from "./options.js";
import { explained } from "./stores.js";

/**
 * Moves the records that are confirmed or released, and were created before `before_ms` or belong to the event, to the
 * archive, and returns how many. What they hold of a counter stays counted. With `to`, that function of the host's gets
 * them first, and the database keeps nothing of them but what they hold.
 */
export async function archive(store, chosen, options = {}) {
  const { before_ms = null, event_id = null, to = null } = known(chosen, ["before_ms", "event_id", "to"]);
  known(options, [], ["options"]);
  if (before_ms === null && event_id === null)
    throw invalid(["before_ms"], "expected before_ms, event_id or both: which records shall be archived?");
  if (before_ms !== null && !Number.isSafeInteger(before_ms))
    throw invalid(["before_ms"], `expected a time in milliseconds, found ${before_ms}`);
  if (event_id !== null && typeof event_id !== "string")
    throw invalid(["event_id"], `expected a string, found ${typeof event_id}`);
  if (to !== null && typeof to !== "function") throw invalid(["to"], `expected a function, found ${typeof to}`);
  let moved = 0;
  for (let after = ""; ; ) {
    const redemptions = await explained(() => store.old({ after, before_ms, event_id, limit: SOME }));
    if (redemptions.length === 0) return moved;
    await to?.(redemptions);
    const plan = (some) => inOrder(some.flatMap((one) => leaving(one, to !== null)));
    if (await store.commit(plan(redemptions))) moved += redemptions.length;
    // Somebody has changed one of them. It stays, and the others go one by one.
    else for (const one of redemptions) if (await store.commit(plan([one]))) moved += 1;
    after = redemptions.at(-1).id;
  }
}
/** How many records one plan moves: their counters are locked until it is stored. */
const SOME = 50;

/**
 * Brings back records that `archive` has given to the host's function `to`, and returns how many. Each is as it was
 * when it left.
 */
export async function restoreRecords(store, redemptions, options = {}) {
  const { attempts = ATTEMPTS } = known(options, ["attempts"], ["options"]);
  checkAttempts(attempts);
  if (!Array.isArray(redemptions)) throw invalid(["redemptions"], `expected a list, found ${typeof redemptions}`);
  for (const [index, redemption] of redemptions.entries()) {
    if (!["confirmed", "released"].includes(redemption?.state))
      throw invalid(["redemptions", index, "state"], `expected confirmed or released, found ${redemption?.state}`);
    const plan = inOrder([{ op: "insert", redemption }, ...opened(redemption, -1)]);
    await repeated(attempts, async () => {
      if (await store.commit(plan)) return true;
      const { existing } = await store.read([], redemption.id);
      if (existing === null) return undefined;
      throw invalid(["redemptions", index, "id"], `expected an id that is not there, found ${redemption.id}`);
    });
  }
  return redemptions.length;
}

/** A plan for a record in the archive: it comes back first. */
export const restored = (redemption, ops) =>
  inOrder([{ op: "restore", id: redemption.id }, ...ops, ...opened(redemption, -1)]);

/** The operations that move a record to the archive and, if it `leaves`, out of it. */
function leaving(redemption, leaves) {
  const { id, revision, identities = [] } = redemption;
  const out = identities.map((person) => ({ op: "erase", id, person, erased: null }));
  return [{ op: "archive", id, revision }, ...(leaves ? [{ op: "drop", id }, ...out] : []), ...opened(redemption, 1)];
}

/** What the record holds of its counters, as operations `open`. */
const opened = ({ charges = [] }, sign) =>
  charges
    .map(({ key, held, amount }) => ({ op: "open", key, by: sign * (held ?? amount) }))
    .filter(({ by }) => by !== 0);
