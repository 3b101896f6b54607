// How the shop sells. The kit decides and commits; the shop adds prices, ticket rows and the buyer's agreement.
import { randomUUID } from "node:crypto";
import { usageKeys } from "redeemable";
import { publicView } from "redeemable/organiser";
import { confirm, preview, redeem, release, sweep } from "redeemable/host";
import { fault } from "./errors.js";

/** The browser prices orders up to this size. A view for larger orders would show more of the limits. */
const VIEW_UP_TO = 10;

export function openCheckout({ database: { store, query, writing }, codes, policy, event, now }) {
  const priceOf = new Map(event.ticket_types.map(({ id, price }) => [id, price]));
  const issueTickets = writing((redemptions) => redemptions.flatMap(ticketRows));

  /** The order for the engine. Its prices come from the event, never from the buyer. */
  const orderOf = ({ id = null, lines, identities }) => ({
    id,
    event_id: event.id,
    currency: event.currency,
    identities,
    lines: lines.map(({ ticket_type, quantity }) => ({ ticket_type, quantity, unit_price: priceOf.get(ticket_type) })),
    // What the shop knows of every order, for codes with conditions on it.
    facts: event.facts ?? {},
    hold_until_ms: id === null ? null : now() + event.hold_ms,
  });

  /** The engine's decision; or `price_changed`, with nothing stored, if the total is not what the buyer agreed to. */
  async function buy({ id, codes: typed, lines, identities, expected_total }) {
    const request = {
      codes: typed,
      promos: codes.promosOf,
      policy: await policy.read(),
      order: orderOf({ id, lines, identities }),
    };
    const approve = (decision) => {
      if (decision.quote.total !== expected_total) throw new PriceChanged(decision);
    };
    try {
      return await redeem(store, request, { write: issueTickets, approve, now });
    } catch (error) {
      if (!(error instanceof PriceChanged)) throw error;
      return { ...error.decision, status: "price_changed" };
    }
  }

  /** What the browser may know about one code, for all ticket types. It asks again only for another code or person. */
  async function view({ codes: typed, identities }) {
    const lines = event.ticket_types.map(({ id }) => ({ ticket_type: id, quantity: 1 }));
    const promos = (await codes.list()).map(({ promo }) => promo);
    const request = { codes: typed, promos, policy: await policy.read(), order: orderOf({ lines, identities }) };
    // An answer must take equally long whether or not the code exists: so the engine is always asked twice, and as many
    // counters are read.
    const first = request.promos.slice(0, 1).map(({ code }) => code);
    const now_ms = now();
    const [own, other] = [typed, first].map((codes) => usageKeys({ ...request, codes, now_ms }));
    const keys = own.some((key) => !key.startsWith("event/")) ? own : other;
    const { counters } = await store.read(keys, null);
    return {
      view: publicView({ ...request, usage: { counters }, now_ms, reveal_up_to: VIEW_UP_TO }),
      up_to: VIEW_UP_TO,
      now_ms,
    };
  }

  const find = async (id) => (await store.read([], id)).existing;

  /**
   * Asks for a payment. The shop chooses its id and notes its order and amount, so that it need not trust what a report
   * of the payment says about them. Null: there is no such order.
   */
  async function askPayment(order_id, expected_total) {
    const order = await find(order_id);
    if (order === null) return null;
    const total = dueOf(order, now());
    if (total === 0) throw fault(409, "nothing_to_pay", "id", "expected an order that is held until its payment");
    if (total !== expected_total)
      throw fault(409, "price_changed", "expected_total", `expected ${total}: the order was changed meanwhile`);
    const payment = { id: randomUUID(), order_id, total, currency: order.currency };
    await query(
      "INSERT INTO shop_payments (id, order_id, total, currency) VALUES (?, ?, ?, ?)",
      ...Object.values(payment),
    );
    return payment;
  }

  /**
   * A payment arrived. It may be reported several times.
   * Null: the shop has not asked for this payment, or its order does not exist; the money goes back.
   */
  async function paid(id) {
    const [asked] = await query("SELECT id, order_id, total, currency FROM shop_payments WHERE id = ?", id);
    if (asked === undefined) return null;
    const { order_id, currency } = asked;
    // pg reads a bigint as text.
    const total = Number(asked.total);
    // Money that goes back is a row under the payment's id, so it goes back once, even if it is reported again. If the
    // order is lost, for example because an older backup was restored, only this row remembers the payment.
    const isGone = (await query("SELECT payment_id FROM shop_refunds WHERE payment_id = ?", id)).length > 0;
    if (isGone) return { status: "already_returned", money: "returned", pay_back: 0, order_id };
    const answer = await confirm(
      store,
      { id: order_id, payment: { id, total, currency } },
      { write: issueTickets, now },
    );
    const { status = null, money = "returned" } = answer ?? {};
    const refund =
      "INSERT INTO shop_refunds (payment_id, total, currency) VALUES (?, ?, ?) " +
      "ON CONFLICT DO NOTHING RETURNING payment_id";
    const isNew = money === "returned" && (await query(refund, id, total, currency)).length === 1;
    return answer && { status, money, pay_back: isNew ? total : 0, order_id };
  }

  return {
    buy,
    view,
    askPayment,
    paid,
    find,
    /** Decides on an order that the browser cannot price itself; nothing is stored. */
    preview: async ({ codes: typed, lines, identities }) =>
      preview(
        store,
        { codes: typed, promos: codes.promosOf, policy: await policy.read(), order: orderOf({ lines, identities }) },
        { now },
      ),
    release: (id, { id: release_id, reason, tickets = null }) =>
      release(store, { id, release_id, reason, tickets }, { write: issueTickets, now }),
    sweep: () => sweep(store, { write: issueTickets, now }),
  };
}

class PriceChanged extends Error {
  constructor(decision) {
    super("the total is another than the buyer agreed to");
    this.decision = decision;
  }
}

/**
 * What is to be paid for an order: 0 unless it is held. A lapsed order must be placed again, at the price of that day.
 */
function dueOf({ state, tickets, expires_at_ms }, now) {
  if (state !== "held" || expires_at_ms <= now) return 0;
  return tickets.reduce((sum, { released, price }) => sum + (released === null ? price : 0), 0);
}

/** The shop's own rows: a row for each ticket that is not released. They are stored together with the plan. */
function ticketRows({ id, state, tickets }) {
  const rows = tickets.flatMap(({ released, ticket_type, price }, position) =>
    released === null ? [[id, position, ticket_type, price, state]] : [],
  );
  const insert = [
    `
    INSERT INTO shop_tickets (order_id, position, ticket_type, price, state)
    VALUES ${rows.map(() => "(?, ?, ?, ?, ?)").join(", ")}`,
    ...rows.flat(),
  ];
  return [["DELETE FROM shop_tickets WHERE order_id = ?", id], ...(rows.length > 0 ? [insert] : [])];
}
