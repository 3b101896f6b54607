// The keys of counters: in which order a plan locks them, and whom they name.
import { isCount } from "./steps.js";

/**
 * The plan's operations: records first, then counters in the engine's order (of persons, of a code's periods, of codes,
 * of pools, each by key), so that two hosts never wait for each other in a circle.
 */
export function inOrder(ops) {
  const breadths = new Map();
  for (const { key } of ops) if (key !== undefined) breadths.set(key, breadthOf(key));
  const by = (a, b) => breadths.get(a.key) - breadths.get(b.key) || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0);
  return [...ops.filter((op) => !isCount(op)), ...summed(ops.filter(isCount).sort(by))];
}

/** The sorted operations, where those that open one counter are one. */
function summed(ops) {
  const result = [];
  for (const op of ops) {
    const last = result.at(-1);
    if (op.op === "open" && last?.op === "open" && last.key === op.key) last.by += op.by;
    else result.push({ ...op });
  }
  return result;
}

/** How many orders share the counter, as in the engine's src/documents/counter.rs. A `/` within a part is encoded. */
export function breadthOf(key) {
  const [kind, , word, , last] = key.split("/");
  if (kind === "event" || word === "by" || last === "by") return 0;
  if (kind !== "code") return 3;
  return ["day", "week", "month"].includes(word) ? 1 : 2;
}

/**
 * The plan, which also deletes the counters of persons that the record has charged and does not charge any more: an
 * order may be placed anew in another name, and the first name shall not stay in a key that counts nothing.
 */
export function forgetting(ops, { id, charges = [] }) {
  const update = ops.find((op) => op.op === "update" && op.id === id);
  if (!update) return ops;
  const now = new Set((update.redemption.charges ?? []).map(({ key }) => key));
  const left = charges.filter(({ key }) => breadthOf(key) === 0 && !now.has(key));
  return left.length === 0 ? ops : inOrder([...ops, ...left.map(({ key }) => ({ op: "forget", key }))]);
}

/** The key with another person at its end, if it ends with this one. Identities are written `kind:value`. */
export function renamed(key, person, other) {
  const end = `/${encoded(person)}`;
  return key.endsWith(end) ? `${key.slice(0, -end.length)}/${encoded(other)}` : key;
}

/** An identity as it stands in a key, as in the engine's src/base/key.rs: only the value is encoded. */
function encoded(identity) {
  const kind = identity.slice(0, identity.indexOf(":") + 1);
  const bytes = new TextEncoder().encode(identity.slice(kind.length));
  const text = Array.from(bytes, (byte) => {
    const character = String.fromCharCode(byte);
    return /[A-Za-z0-9._@+-]/.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  });
  return kind + text.join("");
}
