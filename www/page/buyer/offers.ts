// What a buyer could change so that a code takes something off: "one more ticket, and 20 % come off". The engine names
// the change, and each offer is tried with the engine before it is shown. Only codes that the shop has told the page
// are offered: the one that was typed, and those that apply by themselves.
import { canonicalCode, type BoundViolation, type Promo, type ToQualify } from "redeemable";
import type { Event, Line, View, Wish } from "../api";
import { takesOff } from "../kinds";
import { say } from "../words";
import { decide } from "./decide";

export interface Offer {
  code: string;
  /** What the code takes off, and what it needs for that; null: the refusal of the typed code says so already. */
  said: string | null;
  /** The tickets to add, and how much the code then takes off the order. */
  add: Line;
  discount: number;
}

/** The offers for this order. A view that is not complete does not know what else applies, so it offers nothing. */
export function offersFor(wish: Wish, event: Event, seen: View): Offer[] {
  const { view } = seen;
  if (!view.complete || wish.lines.length === 0) return [];
  const { applied } = decide(wish, event, seen);
  return view.promos
    .filter(({ code }) => !applied.some((each) => each.code === canonical(code)))
    .flatMap((promo) => offer(promo, wish, event, seen) ?? []);
}

const canonical = (text: string) => canonicalCode({ text }).canonical;

function offer(promo: Promo, wish: Wish, event: Event, seen: View): Offer | null {
  const code = canonical(promo.code);
  const isTyped = seen.view.codes.some((typed) => canonical(typed) === code);
  if (!isTyped && promo.automatic !== true) return null;
  // As if the buyer had typed it: only then the engine says what the order lacks.
  const codes = isTyped ? seen.view.codes : [...seen.view.codes, code];
  const { violations } = decide(wish, event, { ...seen, view: { ...seen.view, codes } });
  const found = violations.find((each) => each.code === code && each.to_qualify !== null) as BoundViolation | undefined;
  if (!found?.to_qualify || found.public_reason !== "order_not_eligible") return null;
  const add = added(found.to_qualify, wish, event, seen);
  if (add === null) return null;
  const discount = decide(plus(wish, add), event, seen).applied.find((each) => each.code === code)?.discount ?? 0;
  const said = `${takesOff(promo, event.currency)}. ${sentence(found, event)}`;
  return discount > 0 ? { code, said: isTyped ? null : said, add, discount } : null;
}

function sentence(violation: BoundViolation, { currency, ticket_types }: Event): string {
  const names = Object.fromEntries(ticket_types.map(({ id, name }) => [id, name]));
  return say.buyer(violation, { currency, ticketTypes: names });
}

/** The tickets that the order lacks, of a type that it has already if that will do. */
function added(change: ToQualify, { lines }: Wish, event: Event, { prices, up_to }: View): Line | null {
  const wanted = change.of ?? event.ticket_types.map(({ id }) => id);
  const types = [...lines.map(({ ticket_type }) => ticket_type), ...wanted];
  const type = types.find((each) => wanted.includes(each) && each in prices);
  if (type === undefined) return null;
  const price = prices[type] ?? 0;
  const quantity =
    "add_tickets" in change
      ? change.add_tickets
      : "add_subtotal" in change && price > 0
        ? Math.ceil(change.add_subtotal / price)
        : 0;
  const tickets = lines.reduce((sum, line) => sum + line.quantity, quantity);
  return quantity > 0 && tickets <= up_to ? { ticket_type: type, quantity } : null;
}

export function plus(wish: Wish, { ticket_type, quantity }: Line): Wish {
  const others = wish.lines.filter((line) => line.ticket_type !== ticket_type);
  const had = wish.lines.find((line) => line.ticket_type === ticket_type)?.quantity ?? 0;
  return { ...wish, lines: [...others, { ticket_type, quantity: had + quantity }] };
}
