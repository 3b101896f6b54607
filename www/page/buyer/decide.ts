// The engine in this browser decides with what the shop has told it.
import { validateRedemption, type Applied, type Quote, type Violation } from "redeemable";
import type { Event, View, Wish } from "../api";

interface Decided {
  status: "accepted" | "rejected";
  quote: Quote;
  applied: Applied[];
  violations: Violation[];
}

/** Decides as the shop would, as far as a buyer may know: the engine is the same, and so is the request. */
export function decide({ lines, identities }: Wish, event: Event, { view, now_ms }: View): Decided {
  const price = new Map(event.ticket_types.map((type) => [type.id, type.price]));
  const priced = lines.map((line) => ({ ...line, unit_price: price.get(line.ticket_type) ?? 0 }));
  const { codes, promos, policy } = view;
  return validateRedemption({
    ...{ codes, promos, policy },
    order: { event_id: event.id, currency: event.currency, lines: priced, identities: { ...identities } },
    now_ms,
  });
}
