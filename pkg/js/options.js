// Fail closed: what a caller passes and nobody reads is a mistake, with null as its value too.

/** An error as the engine throws them. */
export function invalid(path, message) {
  return Object.assign(new Error(message), { code: "invalid_request", path });
}

/**
 * The object's own fields, after a check that each is one of `names`; `path` is its name.
 * Fields of the prototype are ignored: a polluted one with `over_limit: true` would open every limit.
 */
export function known(object, names, path = "") {
  if (typeof object !== "object" || object === null)
    throw invalid(path, `expected an object, found ${object === null ? "null" : typeof object}`);
  const own = Object.create(null);
  for (const name of Reflect.ownKeys(object)) {
    if (!names.includes(name))
      throw invalid(
        path ? `${path}.${String(name)}` : String(name),
        `unknown field, expected one of ${names.join(", ")}`,
      );
    own[name] = object[name];
  }
  return own;
}

/** Tells the host of counters that drifted. The plan is stored by then, so the function's errors are not thrown. */
export function tell(onDrift, drifted) {
  for (const key of drifted) {
    try {
      onDrift(key);
    } catch (error) {
      console.error(`redeemable: onDrift failed for ${key}:`, error);
    }
  }
}
