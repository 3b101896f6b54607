// Splits a popular counter into parts, so that buyers do not wait for one row.
import { ATTEMPTS, checkAttempts, repeated } from "./attempts.js";
import { invalid, known } from "./options.js";

const MOST_PARTS = 256;

/**
 * Splits the counter `key` into `parts` rows, or joins them again (`parts` is 1). With the uses of a code or of a pool,
 * it also splits what it spends, in every currency that was sold in. Returns the keys of these counters.
 */
export async function split(store, key, parts, options = {}) {
  const { attempts = ATTEMPTS } = known(options, ["attempts"], ["options"]);
  checkAttempts(attempts);
  if (typeof store.split !== "function")
    throw invalid(["store"], "expected a store on PostgreSQL, MariaDB or MySQL: elsewhere one writer comes at a time");
  if (typeof key !== "string" || !/^(?:code|pool|event)\/[^/]+\/./.test(key) || !key.isWellFormed())
    throw invalid(["key"], `expected a counter's key, such as code/event:gala:EARLY/uses, found ${key}`);
  if (!Number.isInteger(parts) || parts < 1 || parts > MOST_PARTS)
    throw invalid(["parts"], `expected an integer from 1 to ${MOST_PARTS}, found ${parts}`);
  return repeated(attempts, async () => (await store.split(key, parts)) ?? undefined);
}

/** The counters that are split with `key`, in the order in which a plan locks them; `ask` is in a transaction. */
export async function counted(ask, key) {
  const [, owner] = /^((?:code|pool)\/[^/]+)\/uses$/.exec(key) ?? [];
  const rows = owner === undefined ? [] : await ask("spending", { prefix: `${owner}/spend` });
  return [...rows.map((row) => row.key), key];
}
