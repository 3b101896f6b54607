// For operators: `erase` takes a person out of every record and counter.
import { ATTEMPTS, checkAttempts, repeated } from "./attempts.js";
import { inOrder, renamed } from "./counters.js";
import { invalid, known } from "./options.js";

/**
 * Takes the person out of every record, those in the archive, too, and of every counter, and returns how many records
 * it has changed. `identity` is written as in the records: `email:ann@example.org`. In its place stands a name that
 * says nothing, the same in all of these records, so the limits of a person hold among them as before.
 */
export async function erase(store, identity, options = {}) {
  const { attempts = ATTEMPTS, write } = known(options, ["attempts", "write"], ["options"]);
  checkAttempts(attempts);
  if (write != null && typeof write !== "function") throw invalid(["options", "write"], "expected a function");
  if (typeof identity !== "string" || !/^\w+:[^\0]+$/s.test(identity) || !identity.isWellFormed())
    throw invalid(["identity"], 'expected an identity such as "email:ann@example.org"');
  const erased = `${identity.slice(0, identity.indexOf(":"))}:erased-${crypto.randomUUID()}`;
  let count = 0;
  return repeated(attempts, async () => {
    // Somebody may have bought under the name meanwhile: look again until nobody has it.
    for (;;) {
      const found = await store.person(identity);
      if (found.length === 0) return count;
      let failed = false;
      for (const { redemption, archived } of found) {
        if (await store.commit(nameless(redemption, archived, identity, erased), write ?? undefined)) count += 1;
        else failed = true;
      }
      if (failed) return undefined;
    }
  });
}

/** The plan that gives one record the other name. A record of the archive comes out of it, and goes back. */
function nameless(redemption, archived, person, erased) {
  const { id, revision, identities, charges = [] } = redemption;
  const named = charges.filter(({ key }) => renamed(key, person, erased) !== key);
  const next = {
    ...redemption,
    revision: revision + 1,
    identities: identities.map((identity) => (identity === person ? erased : identity)),
  };
  if (charges.length > 0) next.charges = charges.map((each) => ({ ...each, key: renamed(each.key, person, erased) }));
  const moved = named.flatMap(({ key, held, amount }) => {
    const by = held ?? amount;
    const to = renamed(key, person, erased);
    const counted = [
      { op: "add", key, by: -by, at_most: null },
      { op: "add", key: to, by, at_most: null },
    ];
    const opened = [
      { op: "open", key, by: -by },
      { op: "open", key: to, by },
    ];
    const moves = by === 0 ? [] : archived ? [...counted, ...opened] : counted;
    return [...moves, { op: "forget", key }];
  });
  return inOrder([
    ...(archived ? [{ op: "restore", id }] : []),
    { op: "update", id, revision, redemption: next },
    { op: "erase", id, person, erased },
    ...(archived ? [{ op: "archive", id, revision: revision + 1 }] : []),
    ...moved,
  ]);
}
