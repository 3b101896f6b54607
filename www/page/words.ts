// What the page says about codes. The sentences that say why an order is rejected come from redeemable/messages.
import type { Promo } from "redeemable";
import { messages, type BuyerViolation } from "redeemable/messages";
import type { Event, Next } from "./api";
import { dateTime, language, moneyIn, number } from "./format";
import { amountIn, type Amount } from "./kinds";
import { COUNTS, type Count } from "./organiser/counts";
import type { Implied, Kept } from "./organiser/findings";

const { region } = new Intl.Locale(language).maximize();
const { timeZone } = new Intl.DateTimeFormat().resolvedOptions();
/** Sentences in English, like this page, with numbers and dates as the reader's country writes them. */
const say = messages(new Intl.Locale("en", { region }).toString(), { timeZone });

const codeAndSentence = (code: string | null, sentence: string) => (code === null ? sentence : `${code}: ${sentence}`);

/** Why the buyer's order is refused: one sentence for each code. */
export function refusals(violations: readonly BuyerViolation[], event: Event): string[] {
  const ticketTypes = Object.fromEntries(event.ticket_types.map(({ id, name }) => [id, name]));
  const refused = say.refusal(violations, { currency: event.currency, ticketTypes });
  return refused.map(({ code, message }) => codeAndSentence(code, message));
}

/** Tells the organiser why the next buyer would be refused. */
export function because({ violations: [violation] }: Next, promo: Promo, event: Event): string {
  if (!violation) return "The engine gave no reason.";
  return say.organiser(violation, { currency: event.currency, promo });
}

function names(types: string[], event: Event): string {
  const list = types.map((id) => event.ticket_types.find((type) => type.id === id)?.name ?? id);
  return new Intl.ListFormat("en", { type: "disjunction" }).format(list) || "other tickets";
}

/** The fields of a promotion that are said elsewhere on the page, or in its document only. */
type Elsewhere =
  | Kept
  | Implied
  | "code"
  | "discount"
  | "discount_percent"
  | "max_uses"
  | "count_by"
  | "pools"
  | "priority";

/** A promo's limits and conditions, each in a few words, for the organiser. */
export function conditions(promo: Promo, event: Event): string[] {
  const currency = promo.currency ?? event.currency;
  const money = (amount: Amount) => {
    const own = amountIn(amount, currency);
    return own === null ? "an amount in another currency" : moneyIn(currency)(own);
  };
  const counts = COUNTS.map(({ field, says }) => promo[field] != null && says(number(promo[field])));
  const said: Record<Exclude<keyof Promo, Elsewhere | Count>, string | false | null | undefined> = {
    active: promo.active === false && "switched off",
    starts_at_ms: promo.starts_at_ms != null && `from ${dateTime(promo.starts_at_ms)}`,
    ends_at_ms: promo.ends_at_ms != null && `until ${dateTime(promo.ends_at_ms)}`,
    ticket_types: promo.ticket_types && `${names(promo.ticket_types, event)} only`,
    min_subtotal: promo.min_subtotal != null && `from ${money(promo.min_subtotal)}`,
    max_discount: promo.max_discount != null && `at most ${money(promo.max_discount)} off an order`,
    budget: promo.budget != null && `${money(promo.budget)} in all`,
    only_for: promo.only_for && "for certain guests",
    when_short: promo.when_short === "partial" && "gives what is left",
    combines: promo.combines && "with other codes",
  };
  return [...counts, ...Object.values(said)].filter((each) => typeof each === "string");
}
