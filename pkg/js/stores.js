// What the stores share: they read the rows that the statements of sql/ return, and report counters that have drifted.
// A counter has drifted if more is given back than it holds; it is then set to 0.

/** The answer of a store's `read`, from the row of the statement `read`. */
export const usage = ({ counters, existing }) => ({
  counters: JSON.parse(counters ?? "{}"),
  existing: JSON.parse(existing ?? "null"),
});

/** The answer of a store's `find`, from the rows of `find` or `lapsed`: a row with a key is a counter, else a hold. */
export function found(rows) {
  const holds = [];
  const counters = [];
  for (const { key, value } of rows) {
    if (key === null) holds.push(JSON.parse(value));
    else counters.push([key, Number(value)]);
  }
  return { holds, counters: Object.fromEntries(counters) };
}

/** Deletes the counters of the periods that are over, some keys at a time; the answer is how many. */
export async function pruned(ask, isOver) {
  let count = 0;
  const next = async (after) => (await ask("periods", { after })).map(({ key }) => key);
  for (let keys = await next(""); keys.length > 0; keys = await next(keys.at(-1))) {
    const over = keys.filter(isOver);
    await ask("prune", { keys: JSON.stringify(over) });
    count += over.length;
  }
  return count;
}

/** Calls `onDrift`. The plan is stored already, so an error of the host's function must not look like a failed plan. */
export function tell(onDrift, drifted) {
  for (const key of drifted) {
    try {
      onDrift(key);
    } catch (error) {
      console.error(`redeemable: onDrift failed for ${key}:`, error);
    }
  }
}

/** The default `onDrift` of a store. */
export function warn(key) {
  console.warn(`redeemable: the counter ${key} held less than was given back, and is 0 now`);
}
