// How a host sells: read, decide, commit, and ask again when somebody else was faster.
import { setTimeout as pause } from "node:timers/promises";
import { applyRelease, confirmRedemption, usageKeys, validateRedemption } from "redeemable";
import { Conflict } from "./store.js";

const ATTEMPTS = 8;

/** Every attempt met somebody else's write: nothing was stored, the caller may try again. */
export class Busy extends Error {}

export function openCheckout({ store, event, now = Date.now }) {
  // The host's own rows, to show that they live and die with the plan. A ticket that was released has no row.
  store.db.exec("CREATE TABLE IF NOT EXISTS tickets (order_id TEXT, position INTEGER, ticket_type TEXT, price INTEGER, state TEXT, PRIMARY KEY (order_id, position)) STRICT");
  const dropTickets = store.db.prepare("DELETE FROM tickets WHERE order_id = ?");
  const addTicket = store.db.prepare("INSERT INTO tickets VALUES (?, ?, ?, ?, ?)");

  function issueTickets({ id, state, tickets }) {
    dropTickets.run(id);
    for (const [position, ticket] of tickets.entries()) {
      if (!ticket.released) addTicket.run(id, position, ticket.ticket_type, ticket.price, state);
    }
  }

  const write = (ops) => store.write(() => {
    store.commit(ops);
    for (const op of ops) if (op.redemption) issueTickets(op.redemption);
  });

  /** Decides anew on what is stored until the plan commits, or there is nothing to commit. */
  async function settle(decide) {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      if (attempt > 0) await pause(Math.random() * 20);
      const answer = decide();
      if (answer === null || answer.ops.length === 0) return answer;
      try {
        write(answer.ops);
        return answer;
      } catch (error) {
        // A file that stays locked for long counts as somebody else's write, too.
        if (!(error instanceof Conflict) && error.code !== "SQLITE_BUSY") throw error;
      }
    }
    throw new Busy("too many orders at once");
  }

  /** The order as the engine wants it: the prices are the event's, whatever the buyer sent. */
  function orderOf({ id = null, lines, identities }) {
    const price = new Map(event.ticket_types.map((type) => [type.id, type.price]));
    return {
      id, event_id: event.id, currency: event.currency, identities,
      lines: lines.map(({ ticket_type, quantity }) => ({ ticket_type, quantity, unit_price: price.get(ticket_type) })),
      hold_until_ms: id === null ? null : now() + event.hold_ms,
    };
  }

  /** The same id asked again is answered again, and sold once. */
  function buy({ id, codes, lines, identities }) {
    // Without an id the engine answers a preview: accepted, and nothing counted.
    if (typeof id !== "string") throw new TypeError("an order needs an id to be sold");
    return settle(() => {
      const request = { codes, promos: event.promos, policy: event.policy, order: orderOf({ id, lines, identities }) };
      const keys = usageKeys(request);
      const ask = (lapsedBy) => validateRedemption({ ...request, usage: store.read(keys, id, lapsedBy), now_ms: now() });
      const decision = ask(null);
      // Unpaid holds may be all that is in the way: those that have lapsed are offered to the engine, which releases them in the same plan.
      const short = decision.violations.some((violation) => violation.counter !== null);
      return short ? ask(now()) : decision;
    });
  }

  /** Payment arrived. Unless it confirms the order, the money goes back. */
  function pay(id, total) {
    return settle(() => {
      const redemption = store.redemption(id);
      const keys = redemption?.charges.map((charge) => charge.key);
      return redemption && confirmRedemption({ redemption, total, usage: store.read(keys), now_ms: now() });
    });
  }

  function release(id, { reason, tickets = null }) {
    return settle(() => {
      const redemption = store.redemption(id);
      return redemption && applyRelease({ redemption, release: { reason, tickets }, now_ms: now() });
    });
  }

  /** Gives back what unpaid orders held. A hold that somebody else paid or released meanwhile is left to them. */
  function sweep() {
    for (let found = store.lapsed(now()); found.length > 0; found = store.lapsed(now())) {
      for (const redemption of found) {
        const { ops } = applyRelease({ redemption, release: { reason: "hold_expired" }, now_ms: now() });
        try {
          write(ops);
        } catch (error) {
          if (!(error instanceof Conflict)) throw error;
        }
      }
    }
  }

  /**
   * What the browser needs to preview: the promos that were typed, the policy and the counters that the order would touch.
   * A code that is not accepted is left out, so that it reads like one that does not exist; and nobody is handed the list of its guests.
   */
  function previewData({ codes, lines, identities }) {
    const order = orderOf({ lines, identities });
    // A code that was typed is one that adds a counter.
    const typed = event.promos.filter((promo) => usageKeys({ codes, promos: [promo], order }).length > 0);
    const isSecret = (promo) => validateRedemption({ codes: [promo.code], promos: [promo], policy: event.policy, order, now_ms: now() })
      .violations.some(({ public_reason }) => public_reason === "not_accepted");
    const promos = typed.filter((promo) => !isSecret(promo)).map((promo) => ({ ...promo, only_for: null }));
    const keys = usageKeys({ codes, promos, policy: event.policy, order });
    return { promos, policy: event.policy, usage: { counters: store.counters(keys) }, now_ms: now() };
  }

  /** Each code with its counters, for the organiser. */
  function codes() {
    const order = orderOf({ lines: [{ ticket_type: event.ticket_types[0].id, quantity: 1 }], identities: {} });
    return event.promos.map((promo) => ({ promo, counters: store.counters(usageKeys({ codes: [promo.code], promos: [promo], order })) }));
  }

  return { buy, pay, release, sweep, previewData, codes };
}
