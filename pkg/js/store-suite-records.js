// Part of the store suite: the records and operations that the tests store.
import { assert } from "./store-suite-assert.js";

export const MOST = Number.MAX_SAFE_INTEGER;
/** Keys and ids that a driver, a template or JSON could take for something of its own. */
export const ODD = [
  "__proto__",
  "constructor",
  'it\'s "quoted"',
  "back\\slash",
  "percent %s $1 ?",
  "{curly,brackets}",
  "  spaces ",
  "NULL",
  "null",
  "ünï-🎟️-\u202e",
  "e\u0301",
  "\u00e9",
];

/** A charge of a record, which holds `held` of its `amount`. */
export const charge = (key, amount, held = amount) => ({
  key,
  code: "TEN",
  limit: 1000,
  amount,
  ...(held === amount ? {} : { held }),
  tickets: [0],
  each: amount,
});

/** A record as the engine writes it. `fields` replace some of it (null: left out); it charges the counters `keys`. */
export function hold(id, fields = {}) {
  const { keys = [], ...given } = fields;
  const charges = keys.map((key) => charge(key, 1));
  const record = {
    schema: 2,
    id,
    revision: 1,
    state: "held",
    event_id: "gala",
    currency: "EUR",
    codes: ["TEN"],
    identities: [],
    tickets: [{ line: 0, unit_price: 1000, price: 900, codes: ["TEN"] }],
    applied: [],
    charges,
    created_at_ms: 1_800_000_000_000,
    expires_at_ms: 1_800_000_600_000,
    ...given,
  };
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== null));
}
export const insert = (id, fields) => ({ op: "insert", redemption: hold(id, fields) });
export const update = (id, revision, fields) => ({
  op: "update",
  id,
  revision,
  redemption: hold(id, { revision: revision + 1, ...fields }),
});
export const add = (key, by, at_most = null) => ({ op: "add", key, by, at_most });

export async function used(store, key) {
  return (await store.read([key], null)).counters[key];
}
/** Commits a plan that must be stored. */
export async function stored(store, ...ops) {
  assert.equal(await store.commit(ops), true);
}
