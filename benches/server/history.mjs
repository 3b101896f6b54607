// The orders of a shop that has sold for years, as plans for its store: made by the engine, not sold one by one.
// Of the orders, 80 % are paid, 15 % returned and 5 % held; 30 % have one code, the others one of 10 000, for one of
// 100 events. Each has a buyer of its own, and charges three counters: uses, money, and uses of this buyer.
export const NOW = 1_800_000_000_000;
const HOLD = 600_000;
const CODES = 10_000;

const promo = (code, max_uses = 10_000_000) => ({ code, discount_percent: 20, max_uses, max_uses_per_identity: 5 });

/** A request for one order. */
export function request(id, code, event, { max_uses, hold_until_ms = NOW + HOLD } = {}) {
  return {
    codes: [code],
    promos: [promo(code, max_uses)],
    order: {
      id,
      event_id: `event-${event}`,
      currency: "EUR",
      identities: { email: `${id}@example.org` },
      lines: [{ ticket_type: "regular", unit_price: 4500, quantity: 1 + (event % 3) }],
      hold_until_ms,
    },
  };
}

export const hot = (id, options) => request(id, "HOT", 0, options);
export const other = (id, number, options) => request(id, `CODE${number % CODES}`, 1 + (number % 99), options);

/** The engine's records of these orders, as plans of a thousand, each counter once in a plan. */
export function* plans(engine, orders) {
  let ops = new Map();
  for (const { asked, end } of orders) {
    const decided = engine.validateRedemption({ ...asked, now_ms: asked.order.hold_until_ms - HOLD });
    let { redemption } = decided.ops.find(({ op }) => op === "insert");
    const charges = [...decided.ops];
    if (end !== "held") {
      const payment = { id: `pay-${redemption.id}`, total: redemption.quote?.total ?? null, currency: "EUR" };
      const answer =
        end === "confirmed"
          ? engine.confirmRedemption({ redemption, payment: { ...payment, total: null }, now_ms: NOW })
          : engine.applyRelease({ redemption, release: { id: "r", reason: "buyer_released" }, now_ms: NOW });
      redemption = answer.ops.find(({ op }) => op === "update").redemption;
      charges.push(...answer.ops);
    }
    ops.set(redemption.id, { op: "insert", redemption });
    for (const { op, key, by } of charges) {
      if (op !== "add") continue;
      const before = ops.get(key)?.by ?? 0;
      ops.set(key, { op: "add", key, by: before + by, at_most: null });
    }
    if (ops.size < 4000) continue;
    yield inOrder(ops);
    ops = new Map();
  }
  yield inOrder(ops);
}

/** Records first; a counter to which nothing is added would be no operation of a plan. */
function inOrder(ops) {
  const all = [...ops.values()].filter(({ by }) => by !== 0);
  return [...all.filter(({ op }) => op === "insert"), ...all.filter(({ op }) => op === "add")];
}

/** So many orders of the past. */
export function* past(size) {
  for (let n = 0; n < size; n += 1) {
    const end = n % 20 === 0 ? "held" : n % 20 < 4 ? "released" : "confirmed";
    const id = `past-${n}-0f8a-4c1d-9b7e-5d2c6e3a1b`;
    yield { asked: n % 10 < 3 ? hot(id) : other(id, n), end };
  }
}

/** Holds of one code that have lapsed, numbered from `first`. */
export function* lapsed(first, last) {
  for (let n = first; n < last; n += 1)
    yield { asked: request(`lapsed-${n}`, "LAPSED", 1, { hold_until_ms: NOW - HOLD + (n % 1000) }), end: "held" };
}

/** The ten orders that have used up a code for ten. */
export function* soldOut() {
  for (let n = 0; n < 10; n += 1) yield { asked: sold(`sold-${n}`), end: "confirmed" };
}
export const sold = (id) => ({
  ...request(id, "SOLD", 3, { max_uses: 10 }),
});
