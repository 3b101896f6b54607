import { timingSafeEqual } from "node:crypto";
import Database from "better-sqlite3";
import { Refused, createHandler } from "redeemable/handler";
import { sweep } from "redeemable/host";
import { sqliteStore } from "redeemable/sqlite";

const { DATA = "shop.sqlite", PAYMENTS_SECRET = "" } = process.env;
if (PAYMENTS_SECRET === "")
  throw new Error("PAYMENTS_SECRET: expected the secret that only the payment provider knows");

const db = new Database(DATA, { timeout: 10_000 });
db.pragma("journal_mode = WAL");
const store = sqliteStore(db);
store.migrate(); // its tables, beside yours
db.exec(`
  CREATE TABLE IF NOT EXISTS tickets (
    order_id TEXT, position INTEGER, type TEXT, price INTEGER, state TEXT, PRIMARY KEY (order_id, position)
  );
  CREATE TABLE IF NOT EXISTS payments (id TEXT PRIMARY KEY, order_id TEXT, exchange TEXT); -- that the shop asked for
  CREATE TABLE IF NOT EXISTS refunds (id TEXT PRIMARY KEY, total INTEGER, currency TEXT); -- to be sent, once each
`);

/** The tickets that each record still has, in the transaction that stores the record. */
function write(_, redemptions) {
  for (const { id, state, tickets } of redemptions) {
    db.prepare("DELETE FROM tickets WHERE order_id = ?").run(id);
    for (const [position, { ticket_type, price, released }] of tickets.entries())
      if (!released)
        db.prepare("INSERT INTO tickets VALUES (?, ?, ?, ?, ?)").run(id, position, ticket_type, price, state);
  }
}

const EVENTS = {
  gala: {
    currency: "EUR",
    prices: { regular: 4500, student: 2000 }, // in cents
    promos: [{ code: "EARLY20", discount_percent: 20, max_uses: 20 }],
    policy: { max_hold_ms: 60 * 60_000 }, // an unpaid order holds its uses for an hour at most
  },
};

const isSecret = (text) => {
  const [given, wanted] = [Buffer.from(text), Buffer.from(PAYMENTS_SECRET)];
  return given.length === wanted.length && timingSafeEqual(given, wanted);
};

export const handler = createHandler({
  store,
  write,
  base: "/api/shop",
  eventOf: (id) => (Object.hasOwn(EVENTS, id) ? EVENTS[id] : null),
  // There is no login: whoever knows an order's id, which nobody can guess, may act on it.
  mayAct: () => true,
  /** Asks your payment provider for a payment. The page gets what it returns. */
  ask({ order_id, total, currency, exchange }) {
    const id = crypto.randomUUID(); // or your provider's
    db.prepare("INSERT INTO payments VALUES (?, ?, ?)").run(id, order_id, JSON.stringify(exchange));
    return { id, total, currency };
  },
  /** Your provider reports a payment. Its own library verifies that it is the provider: here a secret does. */
  async reported(request) {
    if (!isSecret(request.headers.get("secret") ?? "")) return null;
    const { id, total, currency } = await request.json();
    // The order is the one that the shop has noted, not one that the payment names.
    const asked = db.prepare("SELECT order_id, exchange FROM payments WHERE id = ?").get(id);
    if (asked === undefined) throw new Refused(404, "not_found", "id", "nobody asked for this payment");
    const refunded = db.prepare("SELECT 1 FROM refunds WHERE id = ?").get(id) !== undefined;
    const exchange = JSON.parse(asked.exchange);
    return { id: asked.order_id, payment: { id, total, currency }, refunded, exchange };
  },
  /** Notes money to send back. It may be called again with the same id. */
  refund({ id, total, currency }) {
    db.prepare("INSERT INTO refunds VALUES (?, ?, ?) ON CONFLICT DO NOTHING").run(id, total, currency);
  },
  // Buyers may exchange paid tickets. What is left over stays with the shop.
  exchanges: "forgo",
});

// Orders that nobody has paid in time give their uses back.
setInterval(() => {
  sweep(store, { write }).catch((error) => console.error("the sweep failed, and is tried again:", error));
}, 30_000).unref();
