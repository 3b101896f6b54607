// Several plans as one plan, which any store's `commit` executes.
import { breadthOf } from "./counters.js";

/**
 * The plans' operations as one plan: records by id; then the counters in the engine's order (of persons, of a code's
 * periods, of codes, of pools, each by key), so that two hosts never wait for each other in a circle. Of each counter,
 * what the plans give back is one sum, and what they charge is another, under the smallest of their limits: a sum that
 * fits under that fits under each. Undefined if a sum is out of range.
 */
export function merged(plans) {
  const records = [];
  const counters = new Map();
  for (const op of plans.flat()) {
    if (op.op !== "add") {
      records.push(op);
      continue;
    }
    const { key, by, at_most } = op;
    const sum = counters.get(key) ?? { key, breadth: breadthOf(key), back: 0, charged: 0, at_most: null };
    counters.set(key, sum);
    if (by > 0) {
      sum.charged += by;
      if (at_most !== null) sum.at_most = Math.min(at_most, sum.at_most ?? at_most);
    } else sum.back += by;
    if (!Number.isSafeInteger(sum.charged) || !Number.isSafeInteger(sum.back)) return undefined;
  }
  records.sort((a, b) => byText(idOf(a), idOf(b)));
  const adds = [...counters.values()].sort((a, b) => a.breadth - b.breadth || byText(a.key, b.key));
  return [
    ...records,
    ...adds.flatMap(({ key, back, charged, at_most }) => [
      ...(back < 0 ? [{ op: "add", key, by: back, at_most: null }] : []),
      ...(charged > 0 ? [{ op: "add", key, by: charged, at_most }] : []),
    ]),
  ];
}

/** The id of the record that an `insert` or `update` writes. */
export const idOf = ({ id, redemption }) => id ?? redemption.id;

export const byText = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
