// How the shop sells: the kit decides and commits, the shop adds its prices, its ticket rows and the buyer's consent.
import { usageKeys } from "redeemable";
import { publicView } from "redeemable/organiser";
import { confirm, preview, redeem, release, sweep } from "redeemable/host";

/** Larger orders are priced here: a view of them would show limits that a small order has nothing to do with. */
const VIEW_UP_TO = 10;

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
    const request = { codes: typed, promos: codes.promosOf, policy: event.policy, order: orderOf({ id, lines, identities }) };
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

  /** What the browser may know of one code, for all ticket types, so that it asks again only for another code or person. */
  async function view({ codes: typed, identities }) {
    const lines = event.ticket_types.map(({ id }) => ({ ticket_type: id, quantity: 1 }));
    const promos = (await codes.list()).map(({ promo }) => promo);
    const request = { codes: typed, promos, policy: event.policy, order: orderOf({ lines, identities }) };
    const keysWith = (codes) => usageKeys({ ...request, codes });
    let keys = keysWith(typed);
    // For a code that nobody wrote another one's counters are read, so that the answer takes as long.
    if (keys.length === keysWith([]).length) keys = keysWith(request.promos.slice(0, 1).map(({ code }) => code));
    const { counters } = await store.read(keys, null);
    const now_ms = now();
    return { view: publicView({ ...request, usage: { counters }, now_ms, reveal_up_to: VIEW_UP_TO }), up_to: VIEW_UP_TO, now_ms };
  }

  return {
    buy,
    view,
    /** The decision on an order that the browser cannot price by itself; nothing is stored. */
    preview: async ({ codes: typed, lines, identities }) =>
      preview(store, { codes: typed, promos: codes.promosOf, policy: event.policy, order: orderOf({ lines, identities }) }, { now }),
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
