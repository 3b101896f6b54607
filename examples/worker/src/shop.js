// A shop: one object with its own database, which sells, takes payments, and takes tickets back.
import { DurableObject } from "cloudflare:workers";
import { durableStore } from "redeemable/durable";
import { confirm, preview, redeem, release, sweep } from "redeemable/host";
import { messages } from "redeemable/messages";
import { EVENTS } from "./events.js";

// An unpaid order keeps its seats for an hour at most, even if it is asked for again and again.
const POLICY = { max_hold_ms: 60 * 60_000 };
// A payment expires after 15 minutes; the rest lets a payment of the last second arrive.
const HOLD_MS = 17 * 60_000;
const OWED = ["buyer_released", "organizer_cancelled", "refunded"]; // after `disputed` the bank has paid the money back
const { refusal } = messages("en");

class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}
const refuse = (status, message) => {
  throw new Refused(status, message);
};

// The page makes the ids of orders and releases with crypto.randomUUID(). Whoever knows an order's id can change the
// unpaid order, so nobody must be able to guess it.
const UUID = "([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})";
const ROUTES = [
  ["POST", "preview", (shop, event, body) => shop.preview(event, body)],
  ["PUT", `orders/${UUID}`, (shop, event, body, id) => shop.buy(event, id, body)],
  ["POST", `orders/${UUID}/payments`, (shop, _event, _body, id) => shop.askForPayment(id)],
  ["PUT", `orders/${UUID}/releases/${UUID}`, (shop, _event, _body, ...ids) => shop.cancel(...ids)],
  ["POST", `payments/${UUID}`, (shop, _event, body, id) => shop.paymentArrived(id, body)],
].map(([method, path, answer]) => ({ method, path: new RegExp(`^/events/([\\w-]+)/${path}$`), answer }));

export class Shop extends DurableObject {
  constructor(context, env) {
    super(context, env);
    this.storage = context.storage;
    this.hold_ms = Number(env.HOLD_MS ?? HOLD_MS);
    this.store = durableStore(this.storage);
    this.store.migrate();
    this.rows(`
      CREATE TABLE IF NOT EXISTS tickets (
        order_id TEXT, position INTEGER, event TEXT, type TEXT, price INTEGER, state TEXT,
        PRIMARY KEY (order_id, position)
      );
      -- The payments that the shop has asked for.
      CREATE TABLE IF NOT EXISTS payments (id TEXT PRIMARY KEY, order_id TEXT);
      -- Money to send back, once for each row.
      CREATE TABLE IF NOT EXISTS refunds (id TEXT PRIMARY KEY, order_id TEXT, amount INTEGER, currency TEXT);`);
    this.write = (_, redemptions) => this.writeRows(redemptions);
  }

  rows(text, ...values) {
    return this.storage.sql.exec(text, ...values).toArray();
  }

  refund(...values) {
    this.rows("INSERT INTO refunds VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING", ...values);
  }

  /** Writes the shop's own rows in the plan's transaction: each record's tickets, and money that goes back. */
  writeRows(redemptions) {
    for (const { id, event_id, state, currency, tickets, payments = [], releases = [] } of redemptions) {
      for (const paid of payments) if (paid.outcome === "returned") this.refund(paid.id, id, paid.total, paid.currency);
      for (const { id: release_id, reason, refundable } of releases)
        if (refundable > 0 && OWED.includes(reason)) this.refund(`${id} ${release_id}`, id, refundable, currency);
      const taken = () => this.rows("SELECT count(*) AS n FROM tickets WHERE event = ?", event_id)[0].n;
      const before = taken();
      this.rows("DELETE FROM tickets WHERE order_id = ?", id);
      for (const [position, { ticket_type, price, released }] of tickets.entries()) {
        if (released) continue;
        this.rows("INSERT INTO tickets VALUES (?, ?, ?, ?, ?, ?)", id, position, event_id, ticket_type, price, state);
      }
      if (taken() > Math.max(EVENTS[event_id].seats, before)) refuse(409, "no seats are left for this order");
    }
  }

  /** The kit's request. Prices, promotions and the time come from the shop, never from the buyer. */
  requestOf(event_id, id, { codes = [], lines, email }, max_total = null) {
    // The worker counts requests, so a request must not try many codes.
    if (codes.length > 5) refuse(422, "codes: expected at most 5");
    const { currency, prices, promos } = EVENTS[event_id];
    const lineOf = ([type, quantity]) => {
      if (!Object.hasOwn(prices, type)) refuse(422, `lines.${type}: there are no such tickets`);
      return { ticket_type: type, unit_price: prices[type], quantity };
    };
    const order = {
      id,
      event_id,
      currency,
      lines: Object.entries(lines ?? {}).map(lineOf),
      identities: { email },
      hold_until_ms: id === null ? null : Date.now() + this.hold_ms,
      max_total,
    };
    return { codes, promos, policy: POLICY, order };
  }

  async preview(event, basket) {
    return forBuyer(await preview(this.store, this.requestOf(event, null, basket)));
  }

  /**
   * Nothing is sold above `basket.max_total`, to which the buyer has agreed; a basket without it agrees to nothing. The
   * same order with the same id is sold once.
   */
  async buy(event, id, basket) {
    const asked = this.requestOf(event, id, basket, basket.max_total ?? 0);
    // First, so that nothing can come between the sale and the alarm that releases it.
    await this.wake(Date.now() + this.hold_ms);
    return forBuyer(await redeem(this.store, asked, { write: this.write }));
  }

  /** A lapsed order has to be placed again, at the price of that day. */
  async askForPayment(order_id) {
    const { existing: order } = await this.store.read([], order_id);
    if (order?.state !== "held" || order.expires_at_ms <= Date.now())
      refuse(409, "expected an order that waits for its payment");
    const total = order.tickets.reduce((sum, { price, released }) => sum + (released ? 0 : price), 0);
    const payment_id = crypto.randomUUID(); // or the id from your payment provider
    this.rows("INSERT INTO payments VALUES (?, ?)", payment_id, order_id);
    return { payment_id, total, currency: order.currency };
  }

  /** `kept`: the money pays for the order. `returned`: it goes back. */
  async paymentArrived(id, { total, currency }) {
    const [asked] = this.rows("SELECT order_id FROM payments WHERE id = ?", id);
    if (!asked) refuse(404, "nobody asked for this payment");
    // There may be no record that knows the payment: then only this row remembers that its money goes back.
    if (this.rows("SELECT 1 FROM refunds WHERE id = ?", id).length > 0) return { money: "returned" };
    const paid = { id: asked.order_id, payment: { id, total, currency } };
    const answer = await confirm(this.store, paid, { write: this.write }).catch((error) => {
      if (error instanceof Refused) return null; // the hold had lapsed, and its seats are sold
      throw error;
    });
    if (answer?.money !== "kept") this.refund(id, asked.order_id, total, currency);
    return { money: answer?.money ?? "returned" };
  }

  /** The same release id gets the same answer, and the money goes back once. */
  async cancel(id, release_id) {
    const answer = await release(this.store, { id, reason: "buyer_released", release_id }, { write: this.write });
    if (!answer) refuse(404, "there is no such order");
    return { status: answer.status, refundable: answer.refundable };
  }

  /** Sets the alarm to this time, unless it rings earlier. */
  async wake(at_ms) {
    const set = await this.storage.getAlarm();
    if (set === null || set > at_ms) await this.storage.setAlarm(at_ms);
  }

  /** Releases the orders that nobody has paid in time: their tickets are free again. */
  async alarm() {
    await sweep(this.store, { write: this.write });
    const { holds } = await this.store.find({ lapsed_by_ms: Number.MAX_SAFE_INTEGER, keys: null, limit: 1 });
    if (holds.length > 0) await this.wake(holds[0].expires_at_ms);
  }

  async fetch(request) {
    const answer = await this.answerTo(request).catch(faultOf);
    return Response.json(answer.body, { status: answer.status });
  }

  async answerTo(request) {
    const { pathname } = new URL(request.url);
    const route = ROUTES.find(({ method, path }) => method === request.method && path.test(pathname));
    if (!route) refuse(404, "there is no such page");
    const [, event, ...ids] = route.path.exec(pathname);
    // Only the payment provider knows the secret.
    if (
      pathname.includes("/payments/") &&
      !(await isSame(request.headers.get("secret") ?? "", this.env.PAYMENTS_SECRET))
    )
      refuse(403, "expected the payment provider's secret");
    const body = await route.answer(this, event, await bodyOf(request), ...ids);
    return { status: body.status === "rejected" ? 409 : 200, body };
  }
}

/** The part of a decision that a buyer may see. The whole decision contains counters and records. */
const forBuyer = ({ status, quote, violations }) => ({
  status,
  quote,
  refusal: refusal(violations, { currency: quote.currency }),
  // Only if the price has changed: what the order costs now. The quote of a refused order is without promotions.
  new_total: violations.find(({ reason }) => reason === "price_changed")?.used,
});

/** Whether the texts are the same; the time that this takes does not tell where they differ. */
async function isSame(text, secret) {
  if (!secret) throw new Error("PAYMENTS_SECRET: expected the secret that only the payment provider knows");
  const digest = (each) => crypto.subtle.digest("SHA-256", new TextEncoder().encode(each));
  return crypto.subtle.timingSafeEqual(await digest(text), await digest(secret));
}

async function bodyOf(request) {
  let text = "";
  for await (const chunk of request.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += chunk;
    if (text.length > 65_536) refuse(413, "expected at most 64 KiB");
  }
  try {
    const body = JSON.parse(text || "{}");
    if (typeof body === "object" && body !== null) return body;
  } catch {}
  return refuse(400, "expected a JSON object");
}

function faultOf(error) {
  const fault = (status, message) => ({ status, body: { error: message } });
  if (error instanceof Refused) return fault(error.status, error.message);
  if (error.code === "busy") return fault(503, "many buyers at once: try again");
  // A mistake in the request, such as a quantity of 0.
  if (error.code === "invalid_request") return fault(422, `${error.path}: ${error.message}`);
  console.error(error);
  return fault(500, "a fault of the shop");
}
