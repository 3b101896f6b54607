// What the page says to the organiser about a code.
import type { Promo } from "redeemable";
import type { Event, Next } from "../api";
import { dateTime, moneyIn, number } from "../format";
import { amountIn, type Amount } from "../kinds";
import { say } from "../words";
import { currenciesOf, currencyOf } from "./amounts";
import { saidCondition } from "./facts";
import { saidHours } from "./hours";
import type { Kept } from "./findings";

/** Tells the organiser why the next buyer would be refused. */
export function because({ violations: [violation] }: Next, promo: Promo, event: Event): string {
  if (!violation) return "The engine gave no reason.";
  return say.organiser(violation, { currency: event.currency, promo });
}

/** Nobody counts the uses of a promotion that applies by itself, unless there is a limit on them. */
export const isCounted = ({ automatic, max_uses, single_use, pools = [] }: Promo) =>
  !automatic || max_uses != null || single_use === true || (pools ?? []).some((pool) => pool.max_uses != null);

const and = new Intl.ListFormat("en");
const or = new Intl.ListFormat("en", { type: "disjunction" });

/** The fields of a promotion that the list of codes says otherwise: as a title or a gauge, or only in the form. */
const ELSEWHERE = ["max_uses", "count_by", "count_by_identity", "pools", "priority", "pick", "id", "rounding"] as const;

/** A promo's limits and conditions, each in a few words, for the organiser. */
export function conditions(promo: Promo, event: Event): string[] {
  return Object.entries(saidOf(promo, event)).flatMap(([field, said]) =>
    (ELSEWHERE as readonly string[]).includes(field) ? [] : said,
  );
}

/** What each field of the promo says, in a few words: nothing for a field that is not given. */
export function saidOf(promo: Promo, event: Event): Record<string, string[]> {
  const currency = currencyOf(promo, event);
  const money = (amount: Amount) => {
    const own = amountIn(amount, currency);
    return own === null ? "an amount in another currency" : moneyIn(currency)(own);
  };
  const currencies = currenciesOf({ ...promo }, event);
  const types = (list: string[] | null | undefined) =>
    list && (or.format(list.map((id) => event.ticket_types.find((type) => type.id === id)?.name ?? id)) || "no ticket");
  const [own, others] = [types(promo.ticket_types), types(promo.exclude_ticket_types)];
  const given = <T>(value: T | null | undefined, say: (value: T) => string) => value != null && say(value);
  const word = (value: string | null | undefined) => given(value, (each) => WORDS[each] ?? each);
  type Said = string | false | null | undefined | (string | false)[];
  const said: Record<Exclude<keyof Promo, Kept | "code" | "discount" | "discount_percent" | "discounts">, Said> = {
    max_uses_per_identity: given(promo.max_uses_per_identity, (count) => `${number(count)} per person`),
    max_tickets_per_order: given(promo.max_tickets_per_order, (count) => `for ${number(count)} tickets of an order`),
    min_tickets: given(promo.min_tickets, (count) => `from ${number(count)} tickets`),
    max_tickets: given(promo.max_tickets, (count) => `up to ${number(count)} tickets`),
    active: promo.active === false && "switched off",
    starts_at_ms: given(promo.starts_at_ms, (at) => `from ${dateTime(at)}`),
    ends_at_ms: given(promo.ends_at_ms, (at) => `until ${dateTime(at)}`),
    weekly: (promo.weekly ?? []).map(saidHours),
    events: given(promo.events, (list) => `at ${or.format(list) || "no event"}`),
    exclude_events: (promo.exclude_events ?? []).length > 0 && `not at ${or.format(promo.exclude_events ?? [])}`,
    ticket_types: own && `${own} only`,
    exclude_ticket_types: (promo.exclude_ticket_types ?? []).length > 0 && `not ${others}`,
    unlocks: (promo.unlocks ?? []).length > 0 && `unlocks ${types(promo.unlocks)}`,
    min_subtotal: given(promo.min_subtotal, (amount) => `from ${money(amount)}`),
    max_subtotal: given(promo.max_subtotal, (amount) => `up to ${money(amount)}`),
    subtotal_of: promo.subtotal_of === "scope" && "counting its own tickets",
    requires: (promo.requires ?? []).flatMap(({ ticket_types, min_tickets, max_tickets, min_subtotal }) => {
      const of = types(ticket_types) ?? "any";
      return [
        given(min_tickets, (count) => `with ${number(count)} of ${of} or more`),
        max_tickets === 0 ? `without ${of}` : given(max_tickets, (count) => `with at most ${number(count)} of ${of}`),
        given(min_subtotal, (amount) => `with ${of} for ${money(amount)} or more`),
      ];
    }),
    max_discount: given(promo.max_discount, (amount) => `at most ${money(amount)} off an order`),
    budget: given(promo.budget, (amount) => `${money(amount)} in all`),
    per_period: (promo.per_period ?? []).flatMap(({ every, max_uses, max_uses_per_identity: each }) => [
      given(max_uses, (count) => `${number(count)} a ${every}`),
      given(each, (count) => `${number(count)} per person a ${every}`),
    ]),
    only_for: promo.only_for && "for certain guests",
    only_if: (promo.only_if ?? []).map((condition) => `if ${saidCondition({ ...condition })}`),
    when_short: promo.when_short === "partial" && "gives what is left",
    lifts: promo.lifts && "lifts the event’s limits",
    automatic: promo.automatic && "applies by itself",
    combines:
      promo.combines === "per_ticket" ? "with other codes, on other tickets" : promo.combines && "with other codes",
    group: given(promo.group, (group) => `one of the group ${group}`),
    max_uses: given(promo.max_uses, (count) => `${number(count)} uses`),
    single_use: promo.single_use && "used once",
    count_by: promo.count_by && `counts each ${promo.count_by}`,
    count_by_identity: promo.count_by_identity && `counts each ${promo.count_by_identity} of a person`,
    pools: (promo.pools ?? []).map(({ id }) => `shares ${id}`),
    priority: given(promo.priority, (number) => `priority ${number}`),
    pick: promo.pick === "cheapest" && "the cheapest tickets",
    id: promo.id && `counted under ${promo.id}`,
    rounding: word(promo.rounding),
    currency: currencies.join() !== event.currency && `in ${and.format(currencies)}`,
  };
  return Object.fromEntries(
    Object.entries(said).map(([field, words]) => [field, [words].flat().filter((each) => typeof each === "string")]),
  );
}

const WORDS: Record<string, string> = {
  half_up: "rounded half up",
  half_down: "rounded half down",
  half_even: "rounded half to even",
  up: "rounded up",
  down: "rounded down",
};
