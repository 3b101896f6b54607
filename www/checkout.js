// How the shop sells. The handler owns the buyers' routes; the shop adds prices, ticket rows and payments.
import { randomUUID } from "node:crypto";
import { Refused, createHandler } from "redeemable/handler";
import { release, sweep } from "redeemable/host";

export function openCheckout({ database: { store, query, writing }, codes, policy, event, codes_per_minute, now }) {
  const write = writing((redemptions) => redemptions.flatMap(ticketRows));
  const prices = Object.fromEntries(event.ticket_types.map(({ id, price }) => [id, price]));

  const handler = createHandler({
    store,
    write,
    now,
    base: "/api",
    codesPerMinute: codes_per_minute,
    eventOf: async (id) =>
      id === event.id
        ? {
            currency: event.currency,
            prices,
            promos: codes.loader,
            policy: await policy.read(),
            // What the shop knows of every order, for codes with conditions on it.
            facts: event.facts ?? {},
            hold_ms: event.hold_ms,
          }
        : null,
    identitiesOf,
    // This host has no login. Whoever knows an order's id may act on it, and nobody can guess it.
    mayAct: () => true,
    // A ticket may cost less than the one that goes back: the rest stays with the shop, as most shops have it.
    exchanges: "forgo",
    /** The shop chooses the payment's id and notes its order and amount: it need not trust what a report says. */
    async ask({ order_id, total, currency, exchange }) {
      const payment = { id: randomUUID(), order_id, total, currency };
      await query(
        "INSERT INTO shop_payments (id, order_id, total, currency, exchange) VALUES (?, ?, ?, ?, ?)",
        ...Object.values(payment),
        JSON.stringify(exchange),
      );
      return payment;
    },
    /** In this demo the page reports payments. A real host verifies that its payment provider does. */
    async reported(request) {
      const { id } = await request.json().catch(() => ({}));
      if (typeof id !== "string") throw new Refused(400, "invalid_request", "id", "expected a payment's id");
      const [asked] = await query("SELECT order_id, total, currency, exchange FROM shop_payments WHERE id = ?", id);
      if (asked === undefined) throw new Refused(404, "not_found", "id", "no such payment");
      const refunds = await query("SELECT id FROM shop_refunds WHERE id = ?", id);
      // pg reads a bigint as text.
      const payment = { id, total: Number(asked.total), currency: asked.currency };
      const exchange = JSON.parse(asked.exchange);
      return { id: asked.order_id, payment, refunded: refunds.length > 0, exchange };
    },
    refund: ({ id, total, currency }) =>
      query(
        "INSERT INTO shop_refunds (id, total, currency) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        id,
        total,
        currency,
      ),
  });

  return {
    handler,
    find: async (id) => (await store.read([], id)).existing,
    /** The organiser takes tickets back, for any reason. */
    release: (id, { id: release_id, reason, tickets = null }) =>
      release(store, { id, release_id, reason, tickets }, { write, now }),
    sweep: () => sweep(store, { write, now }),
  };
}

/** The typed e-mail, which this demo does not verify. A buyer must give one; a preview needs none. */
function identitiesOf(typed, { action }) {
  const wrong = (path, message) => {
    throw new Refused(400, "invalid_request", `identities.${path}`, message);
  };
  const other = Object.keys(typed).find((kind) => kind !== "email");
  if (other !== undefined) wrong(other, "unknown field, expected one of email");
  if (typed.email === undefined && (action === "buy" || action === "exchange"))
    wrong("email", "missing required field");
  return typed;
}

/** The shop's own rows: a row for each ticket that is not released. They are stored together with the plan. */
function ticketRows({ id, state, tickets }) {
  const rows = tickets.flatMap(({ released, ticket_type, price }, position) =>
    released ? [] : [[id, position, ticket_type, price, state]],
  );
  const insert = [
    `
    INSERT INTO shop_tickets (order_id, position, ticket_type, price, state)
    VALUES ${rows.map(() => "(?, ?, ?, ?, ?)").join(", ")}`,
    ...rows.flat(),
  ];
  return [["DELETE FROM shop_tickets WHERE order_id = ?", id], ...(rows.length > 0 ? [insert] : [])];
}
