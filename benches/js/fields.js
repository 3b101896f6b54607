// The reader's checks of single values, which are those of the engine.
export const TOP = Number.MAX_SAFE_INTEGER;
const TIME = 100_000_000_000;

export function fail(path, expected) {
  throw Object.assign(new Error(`${path}: ${expected}`), { path });
}

/** Expects a plain object, which has only these fields unless it is a map. */
export function known(value, fields, path) {
  if (typeof value !== "object" || value === null || Array.isArray(value)) fail(path, "expected an object");
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) fail(path, "expected a plain object");
  if (fields)
    for (const name of Object.keys(value))
      if (!fields.has(name)) fail(path ? `${path}.${name}` : name, "unknown field");
  return value;
}

export function list(value, path, name) {
  if (!Array.isArray(value)) fail(path + name, "expected a list");
  return value;
}

/** A list of so many entries, each read by `read`. Null is absent. */
export function some(value, path, name, most, read) {
  if (value == null) return null;
  const entries = list(value, path, name).map((entry, index) => read(entry, `${path}${name}[${index}]`));
  if (entries.length < 1 || entries.length > most) fail(path + name, `expected 1 to ${most} entries`);
  return entries;
}

export function integer(value, path, name, least = 0, most = TOP) {
  if (!Number.isInteger(value) || value < least || value > most)
    fail(path + name, `expected an integer from ${least} to ${most}`);
  return value;
}

export const limit = (value, path, name) => (value == null ? null : integer(value, path, name));
export const time = (value, path, name) => (value == null ? null : integer(value, path, name, TIME));

export function flag(value, path, name, otherwise) {
  if (value == null) return otherwise;
  if (typeof value !== "boolean") fail(path + name, "expected true or false");
  return value;
}

export function text(value, path, name, most = 256) {
  if (typeof value !== "string" || !value.isWellFormed()) fail(path + name, "expected Unicode text");
  if (value === "" || (value.length > most && [...value].length > most))
    fail(path + name, `expected 1 to ${most} characters`);
  return value;
}

export function names(value, path, name) {
  if (value == null) return null;
  return list(value, path, name).map((entry, index) => text(entry, path, `${name}[${index}]`));
}

const KIND = /^[a-z0-9_]{1,32}$/;

/** The entries of a map from kinds of identity, or names of facts. An entry that is null is absent. */
export function entriesByKind(value, path) {
  const entries = Object.entries(known(value ?? {}, null, path)).filter(([, entry]) => entry != null);
  if (entries.length > 100) fail(path, "expected at most 100 entries");
  for (const [kind] of entries)
    if (!KIND.test(kind))
      fail(/^\w+$/.test(kind) ? `${path}.${kind}` : `${path}[${JSON.stringify(kind)}]`, "expected a kind");
  return entries;
}

export function kindOf(value, path, name) {
  if (!KIND.test(text(value, path, name))) fail(path + name, "expected a kind");
  return value;
}
