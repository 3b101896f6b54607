// Options are read strictly: an unknown field is the caller's mistake, even if its value is null.

/** An error like those of the engine; `at` is the list of fields and positions that leads to the mistake. */
export function invalid(at, message) {
  return Object.assign(new Error(message), { code: "invalid_request", path: pathOf(at), at });
}

/** The clock `now`, by default the system's. It throws if it is asked and does not show milliseconds since 1970. */
export function clocked(now = Date.now) {
  if (typeof now !== "function") throw invalid(["options", "now"], "expected a function");
  return () => {
    const ms = now();
    // Refuses a clock in seconds: no hold would ever lapse, and nobody would notice.
    if (!Number.isSafeInteger(ms) || ms < 100_000_000_000)
      throw invalid(["options", "now"], `expected a clock of milliseconds since 1970, found ${ms}`);
    return ms;
  };
}

/** JSON has short forms for some control characters; the engine writes none of them. */
const escaped = (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, "0")}`;

/** A path as text, as the engine writes it: `promos[2].max_uses`. A key that is no plain word stands in brackets. */
export function pathOf(at) {
  return at.reduce((path, step) => {
    if (typeof step === "number") return `${path}[${step}]`;
    if (!/^\w+$/.test(step)) return `${path}["${step.replace(/["\\]/g, "\\$&").replace(/\p{Cc}/gu, escaped)}"]`;
    return path ? `${path}.${step}` : step;
  }, "");
}

/**
 * The object's own fields, after a check that each is one of `names`; `at` leads to the object.
 * Fields of the prototype are ignored: a polluted prototype with `over_limit: true` would open every limit.
 */
export function known(object, names, at = []) {
  if (typeof object !== "object" || object === null)
    throw invalid(at, `expected an object, found ${object === null ? "null" : typeof object}`);
  const own = Object.create(null);
  for (const name of Reflect.ownKeys(object)) {
    if (!names.includes(name))
      throw invalid([...at, String(name)], `unknown field, expected one of ${names.join(", ")}`);
    own[name] = object[name];
  }
  return own;
}
