// The shop: what it sells, and every call of the kit.
import Database from "better-sqlite3";
import { confirm, preview, redeem, release, sweep } from "redeemable/host";
import { messages } from "redeemable/messages";
import { sqliteStore } from "redeemable/sqlite";

const PRICES = new Map([
  ["regular", 4500],
  ["student", 2000],
]); // in cents
const SEATS = 100;
const PROMOS = [
  // Nobody types it: it applies to the first 50 tickets, and an order that finds too few of them left costs more.
  { code: "EARLYBIRD", automatic: true, discount_percent: 10, max_uses: 50, combines: true },
  { code: "EARLY20", discount_percent: 20, max_uses: 20, combines: true },
  { code: "CREW", discount: { kind: "free" }, max_uses: 20, max_uses_per_identity: 1 },
];
// An unpaid order keeps its seats for an hour at most, even if it is asked for again and again.
const POLICY = { max_hold_ms: 60 * 60_000 };
const HOLD_MS = 17 * 60_000; // the payment expires after 15 minutes; the rest lets a payment of the last second arrive
const OWED = ["buyer_released", "organizer_cancelled", "refunded"]; // after `disputed` the bank has paid the money back
const { refusal } = messages("en");

export class SoldOut extends Error {}

export function openShop(file) {
  const db = new Database(file, { timeout: 10_000 });
  db.pragma("journal_mode = WAL");
  const store = sqliteStore(db);
  store.migrate();
  db.exec(`
    CREATE TABLE IF NOT EXISTS tickets (
      order_id TEXT, position INTEGER, type TEXT, price INTEGER, state TEXT, PRIMARY KEY (order_id, position)
    );
    -- The payments that the shop has asked for.
    CREATE TABLE IF NOT EXISTS payments (id TEXT PRIMARY KEY, order_id TEXT);
    -- Money to send back, once for each row.
    CREATE TABLE IF NOT EXISTS refunds (id TEXT PRIMARY KEY, order_id TEXT, amount INTEGER, currency TEXT);
  `);
  const seatsTaken = db.prepare("SELECT count(*) FROM tickets").pluck();
  const removeTickets = db.prepare("DELETE FROM tickets WHERE order_id = ?");
  const addTicket = db.prepare("INSERT INTO tickets VALUES (?, ?, ?, ?, ?)");
  const addRefund = db.prepare("INSERT INTO refunds VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING");
  const isRefunded = db.prepare("SELECT count(*) FROM refunds WHERE id = ?").pluck();
  const addPayment = db.prepare("INSERT INTO payments VALUES (?, ?)");
  const orderOfPayment = db.prepare("SELECT order_id FROM payments WHERE id = ?").pluck();

  /** Writes the shop's own rows in the plan's transaction: each record's tickets, and money that goes back. */
  function write(_, redemptions) {
    const before = seatsTaken.get();
    for (const { id, state, currency, tickets, payments = [], releases = [] } of redemptions) {
      for (const paid of payments)
        if (paid.outcome === "returned") addRefund.run(paid.id, id, paid.total, paid.currency);
      for (const { id: release_id, reason, refundable } of releases) {
        if (refundable > 0 && OWED.includes(reason)) addRefund.run(`${id} ${release_id}`, id, refundable, currency);
      }
      removeTickets.run(id);
      for (const [position, { ticket_type, price, released }] of tickets.entries()) {
        if (!released) addTicket.run(id, position, ticket_type, price, state);
      }
    }
    if (seatsTaken.get() > Math.max(SEATS, before)) throw new SoldOut("no seats are left for this order");
  }

  /** The kit's request. Prices, promotions and the time come from the shop, never from the buyer. */
  const requestOf = (id, { codes = [], lines, email }, max_total = null) => ({
    codes,
    promos: PROMOS,
    policy: POLICY,
    order: {
      id,
      event_id: "gala",
      currency: "EUR",
      lines: Object.entries(lines ?? {}).map(([type, quantity]) => ({
        ticket_type: type,
        unit_price: PRICES.get(type),
        quantity,
      })),
      identities: { email },
      hold_until_ms: id === null ? null : Date.now() + HOLD_MS,
      max_total,
    },
  });

  /** The part of a decision that a buyer may see. The whole decision contains counters and records. */
  const forBuyer = ({ status, quote, violations }) => ({
    status,
    quote,
    refusal: refusal(violations, { currency: quote.currency }),
    // Only if the price has changed: what the order costs now. The quote of a refused order is without promotions.
    new_total: violations.find(({ reason }) => reason === "price_changed")?.used,
  });

  return {
    preview: async (basket) => forBuyer(await preview(store, requestOf(null, basket))),

    /**
     * Nothing is sold above `basket.max_total`, to which the buyer has agreed; a basket without it agrees to nothing.
     * The same order with the same id is sold once.
     */
    buy: async (id, basket) => forBuyer(await redeem(store, requestOf(id, basket, basket.max_total ?? 0), { write })),

    /** Null: nothing is to be paid. A lapsed order has to be placed again, at the price of that day. */
    async askForPayment(order_id) {
      const { existing: order } = await store.read([], order_id);
      if (order?.state !== "held" || order.expires_at_ms <= Date.now()) return null;
      const total = order.tickets.reduce((sum, { price, released }) => sum + (released ? 0 : price), 0);
      const payment_id = crypto.randomUUID(); // or the id from your payment provider
      addPayment.run(payment_id, order_id);
      return { payment_id, total, currency: order.currency };
    },

    /** `kept`: the money pays for the order. `returned`: it goes back. Null: the shop did not ask for this payment. */
    async paymentArrived(payment_id, { total, currency }) {
      const order_id = orderOfPayment.get(payment_id);
      if (order_id === undefined) return null;
      // There may be no record that knows the payment: then only this row remembers that its money goes back.
      if (isRefunded.get(payment_id)) return "returned";
      const answer = await confirm(
        store,
        { id: order_id, payment: { id: payment_id, total, currency } },
        { write },
      ).catch((error) => {
        if (error instanceof SoldOut) return null; // the hold had lapsed, and its seats are sold
        throw error;
      });
      if (answer?.money === "kept") return "kept";
      addRefund.run(payment_id, order_id, total, currency);
      return "returned";
    },

    /** The same release id gets the same answer, and the money goes back once. Null: there is no such order. */
    async cancel(order_id, release_id) {
      const answer = await release(store, { id: order_id, reason: "buyer_released", release_id }, { write });
      return answer && { status: answer.status, refundable: answer.refundable };
    },

    /** Releases orders that nobody has paid in time: their tickets are free again. */
    sweep: () => sweep(store, { write }),
    close: () => db.close(),
  };
}
