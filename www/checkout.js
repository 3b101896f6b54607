// How the shop sells: the kit decides and commits, the shop adds its prices, its ticket rows and the buyer's consent.
import { usageKeys, validateRedemption } from "redeemable";
import { confirm, redeem, release, sweep } from "redeemable/host";

export function openCheckout({ database: { store, writing }, codes, event, now }) {
  const priceOf = new Map(event.ticket_types.map(({ id, price }) => [id, price]));
  const issueTickets = writing((redemptions) => redemptions.flatMap(ticketRows));

  /** The order as the engine wants it: the prices are the event's, whatever the buyer sent. */
  const orderOf = ({ id = null, lines, identities }) => ({
    id, event_id: event.id, currency: event.currency, identities,
    lines: lines.map(({ ticket_type, quantity }) => ({ ticket_type, quantity, unit_price: priceOf.get(ticket_type) })),
    hold_until_ms: id === null ? null : now() + event.hold_ms,
  });

  /** The engine's decision, or `price_changed` with nothing stored: the buyer has agreed to one total only. */
  async function buy({ id, codes: typed, lines, identities, expected_total }) {
    const promos = (await codes.list()).map(({ promo }) => promo);
    const request = { codes: typed, promos, policy: event.policy, order: orderOf({ id, lines, identities }) };
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

  /**
   * What the browser needs to preview: the promos that were typed, the policy and the counters that the order would touch.
   * A code that is not accepted is left out, so that it reads like one that does not exist; and nobody is handed the list of its guests.
   */
  async function previewData({ codes: typed, lines, identities }) {
    const order = orderOf({ lines, identities });
    // A code that was typed is one that adds a counter.
    const known = (await codes.list()).filter(({ promo }) => usageKeys({ codes: typed, promos: [promo], order }).length > 0);
    const now_ms = now();
    const isSecret = ({ promo, announced }) => {
      // Of an announced code everybody may know when it starts and ends, and nothing else.
      const judged = announced ? { ...promo, starts_at_ms: null, ends_at_ms: null } : promo;
      const { violations } = validateRedemption({ codes: [promo.code], promos: [judged], policy: event.policy, order, now_ms });
      return violations.some(({ public_reason }) => public_reason === "not_accepted");
    };
    const promos = known.filter((code) => !isSecret(code)).map(({ promo }) => ({ ...promo, only_for: null }));
    const { counters } = await store.read(usageKeys({ codes: typed, promos, policy: event.policy, order }), null);
    return { promos, policy: event.policy, usage: { counters }, now_ms };
  }

  return {
    buy,
    previewData,
    find: async (id) => (await store.read([], id)).existing,
    pay: (id, total) => confirm(store, { id, total }, { write: issueTickets, now }),
    release: (id, { reason, tickets = null }) => release(store, { id, reason, tickets }, { write: issueTickets, now }),
    sweep: () => sweep(store, { write: issueTickets, now }),
  };
}

class PriceChanged extends Error {
  constructor(decision) {
    super("the total is another than the buyer agreed to");
    this.decision = decision;
  }
}

/** The shop's own rows, to show that they live and die with the plan. A ticket that was released has no row. */
function ticketRows({ id, state, tickets }) {
  const rows = tickets.flatMap(({ released, ticket_type, price }, position) => (released === null ? [[id, position, ticket_type, price, state]] : []));
  const insert = [`
    INSERT INTO shop_tickets (order_id, position, ticket_type, price, state) VALUES ${rows.map(() => "(?, ?, ?, ?, ?)").join(", ")}`, ...rows.flat()];
  return [["DELETE FROM shop_tickets WHERE order_id = ?", id], ...(rows.length > 0 ? [insert] : [])];
}
