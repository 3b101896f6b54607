// Part of the store suite: its assertions. They need nothing of a runtime, so that the checks run in any runner.

export const assert = {
  ok(value, message) {
    if (!value) throw fault("expected something true", value, message);
  },
  equal(found, expected, message) {
    if (!Object.is(found, expected)) throw fault(`expected ${shown(expected)}`, found, message);
  },
  deepEqual(found, expected, message) {
    if (!same(found, expected)) throw fault(`expected ${shown(expected)}`, found, message);
  },
  /** `isRight` gets what the promise is rejected with. */
  async rejects(promise, isRight = () => true) {
    const found = await promise.then(
      (value) => ({ value }),
      (error) => ({ error }),
    );
    if (!("error" in found)) throw fault("expected an error", found.value);
    if (!isRight(found.error)) throw fault("expected another error", found.error);
  },
};

const fault = (expected, found, message) =>
  new Error(`${message ? `${message}: ` : ""}${expected}, found ${shown(found)}`);

function shown(value) {
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  const text = typeof value === "bigint" ? `${value}n` : (JSON.stringify(value) ?? String(value));
  return text.length > 400 ? `${text.slice(0, 400)}…` : text;
}

/** Compares plain values: a field that is undefined differs from a field that is not there. */
function same(a, b) {
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return Object.is(a, b);
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length && names.every((name) => Object.hasOwn(b, name) && same(a[name], b[name]))
  );
}
