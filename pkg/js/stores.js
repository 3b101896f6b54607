// What the stores share: reading the rows that the statements of sql/ answer, and telling of counters that drifted.

/** What the kit is told, from the row of the statement `read`. */
export const usage = ({ counters, existing }) => ({
  counters: JSON.parse(counters ?? "{}"),
  existing: JSON.parse(existing ?? "null"),
});

/** What the kit is told, from the rows of `find` and `lapsed`: a counter each, and a record each without a key. */
export function found(rows) {
  const holds = [];
  const counters = [];
  for (const { key, value } of rows) {
    if (key === null) holds.push(JSON.parse(value));
    else counters.push([key, Number(value)]);
  }
  return { holds, counters: Object.fromEntries(counters) };
}

/** The plan is stored by then: an error of the host's function must not make it look as if it were not. */
export function tell(onDrift, drifted) {
  for (const key of drifted) {
    try {
      onDrift(key);
    } catch (error) {
      console.error(`redeemable: onDrift failed for ${key}:`, error);
    }
  }
}

/** What a store does with counters that drifted, unless the host passes a function of its own. */
export function warn(key) {
  console.warn(`redeemable: the counter ${key} held less than was given back, and is 0 now`);
}
