// What is said to the buyer about a code, in plain words. What the shop hides reads "not accepted".
import type { Promo, ToQualify, Violation } from "redeemable";
import type { Event, Refusal } from "./api";
import { dateTime, language, moneyIn, number } from "./format";
import { plural } from "./ui";

/** Why a code was refused, in numbers that the buyer may know: those of a view. */
export function refusal(violation: Violation, promo: Promo | undefined, event: Event): string {
  const money = moneyIn(event.currency);
  const code = violation.code ?? "";
  switch (violation.reason) {
    case "wrong_currency":
      return `${code} is not for prices in ${event.currency}.`;
    case "wrong_ticket_type":
      return `${code} is only for ${names(promo?.ticket_types ?? [], event)}.`;
    case "nothing_to_discount":
      return `${code} takes nothing off these tickets.`;
    case "below_min_tickets":
      return `${code} needs at least ${number(violation.limit)} tickets; you chose ${number(violation.used)}.`;
    case "above_max_tickets":
      return `${code} is for at most ${number(violation.limit)} tickets; you chose ${number(violation.used)}.`;
    case "below_min_subtotal":
      return `${code} needs an order of at least ${money(violation.limit)}; yours is ${money(violation.used)}.`;
    case "identity_required":
      return violation.code === null
        ? "Please give your e-mail."
        : `${code} needs your e-mail, because each person may use it only so often.`;
    case "uses_exhausted":
      return violation.remaining === 0
        ? `${code} is used up.`
        : `${code} has only ${uses(violation.remaining)} left for you, fewer than you need.`;
    case "budget_exhausted":
      return violation.remaining === 0
        ? `${code} is used up.`
        : `${code} has only ${money(violation.remaining)} left to give, less than you need.`;
    case "free_tickets_exhausted":
      return violation.remaining === 0
        ? "You may have no more free tickets."
        : `You may have at most ${plural(violation.remaining, "free ticket")}; choose fewer.`;
    case "tickets_exhausted":
      return violation.remaining === 0
        ? "You may have no more tickets."
        : `You may have at most ${plural(violation.remaining, "ticket")}; choose fewer.`;
    default:
      return hidden(code);
  }
}

/** The shop's own words, where the browser does not know more. */
export function told({ code, public_reason, to_qualify }: Refusal, event: Event): string {
  const what = code ?? "This order";
  if (to_qualify) return lacks(what, to_qualify, event);
  switch (public_reason) {
    case "used_up":
      return code === null ? "This e-mail has as many tickets as one person may." : `${what} is used up.`;
    case "order_not_eligible":
      return code === null ? "This order is already confirmed." : `${what} does not apply to this order.`;
    case "identity_required":
      return "Please give your e-mail.";
    default:
      return hidden(what);
  }
}

function lacks(code: string, change: ToQualify, event: Event): string {
  if ("add_subtotal" in change)
    return `${code} needs ${moneyIn(event.currency)(change.add_subtotal)} more in this order.`;
  const of = change.of ? ` of ${names(change.of, event)}` : "";
  if ("add_tickets" in change) return `${code} needs ${plural(change.add_tickets, "more ticket")}${of}.`;
  return `This order has ${plural(change.remove_tickets, "ticket")}${of} too many for ${code}.`;
}

const uses = (count: number) => `${number(count)} ${count === 1 ? "use" : "uses"}`;
const hidden = (code: string) => `${code} is not accepted.`;

function names(types: string[], event: Event): string {
  const list = types.map((id) => event.ticket_types.find((type) => type.id === id)?.name ?? id);
  return new Intl.ListFormat("en", { type: "disjunction" }).format(list) || "other tickets";
}

/** What a code takes off, in a few words. */
export function takesOff(promo: Promo, currency: string): string {
  const money = moneyIn(currency);
  const discount = promo.discount ?? { kind: "percent" as const, percent: promo.discount_percent ?? 0 };
  switch (discount.kind) {
    case "percent":
      return `${new Intl.NumberFormat(language, { maximumFractionDigits: 4 }).format(discount.percent)} % off`;
    case "amount_per_ticket":
      return `${money(discount.amount)} off each ticket`;
    case "amount_per_order":
      return `${money(discount.amount)} off the order`;
    case "fixed_price":
      return `each ticket for ${money(discount.price)}`;
    case "free":
      return "free tickets";
    case "none":
      return "nothing off, counted only";
  }
}

/** A promo's limits and conditions, each in a few words, for the organiser. */
export function conditions(promo: Promo, event: Event): string[] {
  const money = moneyIn(promo.currency ?? event.currency);
  const list = [
    promo.active === false && "switched off",
    promo.starts_at_ms != null && `from ${dateTime(promo.starts_at_ms)}`,
    promo.ends_at_ms != null && `until ${dateTime(promo.ends_at_ms)}`,
    promo.ticket_types && `${names(promo.ticket_types, event)} only`,
    promo.max_uses_per_identity != null && `${number(promo.max_uses_per_identity)} per person`,
    promo.max_tickets_per_order != null && `for ${number(promo.max_tickets_per_order)} tickets of an order`,
    promo.min_tickets != null && `from ${number(promo.min_tickets)} tickets`,
    promo.max_tickets != null && `up to ${number(promo.max_tickets)} tickets`,
    promo.min_subtotal != null && `from ${money(promo.min_subtotal)}`,
    promo.max_discount != null && `at most ${money(promo.max_discount)} off an order`,
    promo.budget != null && `${money(promo.budget)} in all`,
    promo.only_for && "for certain guests",
    promo.when_short === "partial" && "gives what is left",
    promo.combines && "with other codes",
  ];
  return list.filter((each) => typeof each === "string");
}
