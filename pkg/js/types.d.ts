// Made by `make generate` from contract/; do not edit.
// Amounts are whole minor units of the currency (1 cent, 1 sat). Names that end in `_ms` are milliseconds
// since the Unix epoch. In a request, null and absent mean the same. An answer has every field; only a record leaves
// out what is null, and an empty list of payments or releases.

/** What a host asks before it reads: which counters may this order charge? */
export interface UsageKeysRequest {
  /** The codes that the buyer typed, in any spelling: at most 16. Blank ones are ignored. */
  codes: string[];
  /** The organiser's promotions. All must be well-formed, also those whose code was not typed. */
  promos: Promo[];
  /** The event's policy, which holds whatever the codes. */
  policy?: Policy | null;
  /** What the buyer wants. */
  order: Order;
  /** It plays no part. */
  usage?: Usage | null;
  /** The time of the decision: the same for `usageKeys` and for `validateRedemption`. */
  now_ms: number;
  /** The record that the order is exchanged for. Null if it is not exchanged. */
  redemption?: StoredRedemption | null;
}

/**
 * A promotion: what the organiser wrote about a code. It never contains counts, and has exactly one of `discount`,
 * `discount_percent` and `discounts`. Each amount is one number for whichever currency the order is in, or one for each
 * of 1 to 32 currencies, such as `{"EUR": 500, "USD": 600}`: orders in other currencies are refused.
 */
export type Promo = PromoFields &
  (
    | {
        /** What the code takes off. Null where `discount_percent` or `discounts` says it. */
        discount: Discount;
        /**
         * Short for a discount of kind `percent`: 0 to 100, at most 4 decimals. Null where `discount` or `discounts`
         * says it.
         */
        discount_percent?: null;
        /**
         * What the code takes off tickets of different types: 1 to 32 entries. The first entry that names a ticket's
         * type is its discount. Tickets that no entry names do not count and get no discount. Null where `discount` or
         * `discount_percent` says it.
         */
        discounts?: null;
      }
    | {
        /** What the code takes off. Null where `discount_percent` or `discounts` says it. */
        discount?: null;
        /**
         * Short for a discount of kind `percent`: 0 to 100, at most 4 decimals. Null where `discount` or `discounts`
         * says it.
         */
        discount_percent: number;
        /**
         * What the code takes off tickets of different types: 1 to 32 entries. The first entry that names a ticket's
         * type is its discount. Tickets that no entry names do not count and get no discount. Null where `discount` or
         * `discount_percent` says it.
         */
        discounts?: null;
      }
    | {
        /** What the code takes off. Null where `discount_percent` or `discounts` says it. */
        discount?: null;
        /**
         * Short for a discount of kind `percent`: 0 to 100, at most 4 decimals. Null where `discount` or `discounts`
         * says it.
         */
        discount_percent?: null;
        /**
         * What the code takes off tickets of different types: 1 to 32 entries. The first entry that names a ticket's
         * type is its discount. Tickets that no entry names do not count and get no discount. Null where `discount` or
         * `discount_percent` says it.
         */
        discounts: DiscountEntry[];
      }
  );
/** What every case of Promo has. */
export interface PromoFields {
  /**
   * What the buyer types. It is compared without invisible characters and surrounding white space, in upper case; in
   * that form it has 1 to 64 characters.
   */
  code: string;
  /**
   * The name under which the code is counted; it must never change. With an id, all events count together, and the
   * count survives a new spelling of the code. Null: each event counts by itself, under the code.
   */
  id?: string | null;
  /** Whether new orders may use the code. Default `true`. */
  active?: boolean | null;
  /**
   * Whether the promotion applies by itself to every order that it fits, without its code being typed. A request has at
   * most 32 such promotions. Default `false`.
   */
  automatic?: boolean | null;
  /** The only currency of orders that may use the code, compared as spelt. Null is any currency. */
  currency?: string | null;
  /**
   * What one use is. Null is `group` for the kind `per_group`; `order` where every discount looks at the order
   * (`amount_per_order`, `order_price` and `percent` of the order, in tiers too); else `ticket`.
   */
  count_by?: CountBy | null;
  /**
   * What one use of a person is, for the limits per person of the code, its periods and its pools. Null is `count_by`.
   */
  count_by_identity?: CountBy | null;
  /** How many uses all buyers have together. Null is no limit; at 0 nobody may use the code. */
  max_uses?: number | null;
  /** Whether the code may be used once: the same as `max_uses` 1. Default `false`. */
  single_use?: boolean | null;
  /**
   * How many uses each person has. Each identity of the order counts as a person, if its kind is in the policy's
   * `identity_kinds`. Null is no limit.
   */
  max_uses_per_identity?: number | null;
  /** Limits on the uses within one day, week or month of the event's local time: each period at most once. */
  per_period?: PeriodLimit[] | null;
  /** How many tickets of one order get the discount; the other tickets cost the full price. Null is no limit. */
  max_tickets_per_order?: number | null;
  /**
   * Which tickets get the discount if not all of them may, because of `max_tickets_per_order` or because `when_short`
   * is `partial`. Default `dearest`.
   */
  pick?: Pick | null;
  /** The most that the code takes off one order, in minor units. Null is no limit. */
  max_discount?: number | { [key: string]: number | null } | null;
  /**
   * The most that the code takes off all orders together, in minor units, counted for each currency. Null is no limit.
   */
  budget?: number | { [key: string]: number | null } | null;
  /** Limits shared with every other code that names the same pool: at most 100, each once. */
  pools?: Pool[] | null;
  /**
   * How many tickets one person may have at the event if the order has this code, where the policy allows fewer. Null:
   * as many as the policy allows.
   */
  lifts?: Lifts | null;
  /** What happens when fewer uses or less budget is left than the order needs. Default `reject`. */
  when_short?: WhenShort | null;
  /** The first moment at which the code may be used. Null: from the beginning. */
  starts_at_ms?: number | null;
  /** The first moment at which the code may no longer be used. Null: it never ends. */
  ends_at_ms?: number | null;
  /** The hours of the week, in the event's local time, in which the code may be used: 1 to 50 spans. Null is always. */
  weekly?: Hours[] | null;
  /** The events that the code is for. Null is any event; an empty list admits none. */
  events?: string[] | null;
  /** Events that the code is not for, also if `events` admits them. Null and an empty list exclude none. */
  exclude_events?: string[] | null;
  /**
   * The ticket types that the code is for. Tickets of other types do not count and get no discount. Null is any type;
   * an empty list admits none.
   */
  ticket_types?: string[] | null;
  /** Ticket types that the code is not for, also if `ticket_types` admits them. Null and an empty list exclude none. */
  exclude_ticket_types?: string[] | null;
  /**
   * Types of the policy's `locked_ticket_types` that may be bought with the code. Each must be one that the code is
   * for. All tickets of these types count, also those that get no discount. Null and an empty list are none.
   */
  unlocks?: string[] | null;
  /** The least number of tickets of the code's types in the order. Null is no limit. */
  min_tickets?: number | null;
  /** The largest number of tickets of the code's types in the order. Null is no limit. */
  max_tickets?: number | null;
  /** The least subtotal before any discount, in minor units; `subtotal_of` says of which tickets. Null is no limit. */
  min_subtotal?: number | { [key: string]: number | null } | null;
  /**
   * The largest subtotal before any discount, in minor units; `subtotal_of` says of which tickets. Null is no limit.
   */
  max_subtotal?: number | { [key: string]: number | null } | null;
  /** Which tickets `min_subtotal` and `max_subtotal` add up. Default `order`. */
  subtotal_of?: SubtotalOf | null;
  /** What else the whole order must hold: 1 to 16 entries, and each must be met. Null is nothing. */
  requires?: Requirement[] | null;
  /**
   * Who may use the code, as lists by kind of identity; the order needs one identity that is listed. `@example.org` of
   * kind `email` admits everybody of that domain. Null is anybody; an empty list admits nobody.
   */
  only_for?: { [key: string]: string[] | null } | null;
  /** Conditions on the order's `facts`, all of which must hold: 1 to 16. Null is none. */
  only_if?: Condition[] | null;
  /** Whether the code may be used together with other codes that combine, too. Default `false`. */
  combines?: boolean | "per_ticket" | null;
  /** The name of a group of promotions of which at most one applies to an order, even if they combine. Null is none. */
  group?: string | null;
  /** Of several codes in an order, the one with the higher number is applied first. Default `0`. */
  priority?: number | null;
  /** How the payable price is rounded under a percent discount. Default `half_up`. */
  rounding?: Rounding | null;
  /** What a release gives back, by reason. An order keeps the rules that held when it was accepted. */
  release?: ReleaseRules | null;
}

/** What a code takes off, by kind. */
export type Discount =
  | PercentDiscount
  | AmountPerTicketDiscount
  | AmountPerOrderDiscount
  | FixedPriceDiscount
  | OrderPriceDiscount
  | FreeDiscount
  | NoneDiscount
  | TiersDiscount
  | PerGroupDiscount;
/** A percent of the price of each ticket, or of all tickets together. */
export interface PercentDiscount {
  kind: "percent";
  /** 0 to 100, with at most 4 decimals. */
  percent: number;
  /** Whether each ticket's price is rounded, or only the sum of the prices. Default `ticket`. */
  of?: PercentOf | null;
  /**
   * Whether it is a percent of the price that earlier codes left, or of the price before any discount. Default `left`.
   */
  at?: PercentAt | null;
}
/** An amount off each ticket. */
export interface AmountPerTicketDiscount {
  kind: "amount_per_ticket";
  /** How much, in minor units. A ticket that costs less is free. */
  amount: number | { [key: string]: number | null };
}
/** An amount off the order, shared among its tickets in proportion to their prices. */
export interface AmountPerOrderDiscount {
  kind: "amount_per_order";
  /** How much, in minor units. An order that costs less is free. */
  amount: number | { [key: string]: number | null };
}
/** Each ticket costs this price, unless it is cheaper. */
export interface FixedPriceDiscount {
  kind: "fixed_price";
  /** The price, in minor units. */
  price: number | { [key: string]: number | null };
}
/**
 * All tickets together cost this price, unless they are cheaper. What they cost more is taken off, shared among the
 * tickets in proportion to their prices.
 */
export interface OrderPriceDiscount {
  kind: "order_price";
  /** The price, in minor units. */
  price: number | { [key: string]: number | null };
}
/** Each ticket costs nothing. */
export interface FreeDiscount {
  kind: "free";
}
/** The code takes nothing off. It is for tracking or for access, and is counted like any other. */
export interface NoneDiscount {
  kind: "none";
}
/** Another discount for larger orders. Below the first tier, nothing is taken off. */
export interface TiersDiscount {
  kind: "tiers";
  /** What decides which tier an order reaches. */
  by: TiersBy;
  /** For which tickets a tier holds. */
  mode: TiersMode;
  /** 1 to 32 tiers, the first one first. */
  tiers: Tier[];
}
/**
 * A discount for each complete group of tickets, such as three for the price of two. A ticket that costs nothing is in
 * no group. What is left over has no discount.
 */
export interface PerGroupDiscount {
  kind: "per_group";
  /**
   * How many of the code's tickets are one group. The cheapest tickets are discounted, and the dearest fill the groups
   * up. Null where `buy` says what a group is.
   */
  size?: number | null;
  /**
   * The tickets that must be bought for each group. The cheapest of the code's tickets are discounted. Null where
   * `size` says what a group is.
   */
  buy?: Buy | null;
  /** How many tickets of each group are discounted, at most its `size`. */
  discounted: number;
  /** What is taken off each of them: a kind that takes something off each ticket by itself. */
  discount?: SimpleDiscount | null;
  /** The most groups in one order. Null is no limit. */
  max_groups?: number | null;
  /** On which tickets of a group its discount lies. Default `group`. */
  spread?: Spread | null;
}

/** Of what a percent is taken and rounded. */
export type PercentOf =
  /** Of each ticket's price. */
  | "ticket"
  /** Of the sum of the prices, shared among the tickets in proportion to their prices. */
  | "order";

/** Which price a percent is taken of. */
export type PercentAt =
  /** Of the price that earlier codes left: after 10 percent, 10 percent more are 19 percent together. */
  | "left"
  /** Of the price before any discount, but never more than is left: twice 10 percent are 20 percent together. */
  | "list";

/** What decides which tier an order reaches. */
export type TiersBy =
  /** The number of tickets of the code's types. */
  | "tickets"
  /** The sum of their prices before any discount. The mode is then `volume`. */
  | "subtotal";

/** For which tickets a tier holds. */
export type TiersMode =
  /** The last tier that the order reaches holds for all tickets of the code's types. */
  | "volume"
  /**
   * Each tier holds for the tickets from its own number on: with tiers from 1 and from 4, the fourth ticket is the
   * first of the second tier. The dearest ticket is number 1; of two that cost the same, the first comes first.
   */
  | "graduated";

/** One tier. */
export interface Tier {
  /**
   * Where the tier begins, from 1: a number of tickets, or by subtotal an amount in minor units. It is more than that
   * of the tier before.
   */
  from: number | { [key: string]: number | null };
  /**
   * What is taken off in this tier: any kind but `tiers` and `per_group`; if the mode is `graduated`, a kind that looks
   * at each ticket by itself. Of kind `none`, nothing is taken off, and the tickets are not counted.
   */
  discount: SimpleDiscount;
}

/** What is taken off in a tier or a group, by kind. */
export type SimpleDiscount =
  | PercentDiscount
  | AmountPerTicketDiscount
  | AmountPerOrderDiscount
  | FixedPriceDiscount
  | OrderPriceDiscount
  | FreeDiscount
  | NoneDiscount;

/** The tickets that the buyer must buy for a group. */
export interface Buy {
  /**
   * The types of the tickets that are bought, wherever they stand in the order. They are not among the tickets that the
   * code is for, whatever its `ticket_types` say.
   */
  ticket_types: string[];
  /** How many of these tickets each group needs. */
  tickets: number;
}

/** On which tickets of a group its discount lies. */
export type Spread =
  /**
   * All tickets of the group share it in proportion to their prices, so a ticket that comes back takes its part along:
   * three for the price of two at 45.00 is three tickets of 30.00.
   */
  | "group"
  /** It stays on the discounted tickets. A buyer may then give back the others, and keep what was free. */
  | "discounted";

/** What the code takes off tickets of some types. */
export interface DiscountEntry {
  /**
   * The ticket types that the entry is for, unless an earlier entry names them. Null is any type; an empty list names
   * none.
   */
  ticket_types?: string[] | null;
  /** What the code takes off these tickets: any kind but `per_group`. */
  discount: Discount;
}

/** What one use of a code is. */
export type CountBy =
  /** Each discounted ticket is a use: three tickets are three uses. */
  | "ticket"
  /** Each order is a use: three tickets are one use. */
  | "order"
  /** Each group of the kind `per_group` is a use. */
  | "group";

/** Limits on the uses of a code within one local day, week or month. */
export interface PeriodLimit {
  /** The period. */
  every: Every;
  /** How many uses all buyers have together in one period. Null is no limit. */
  max_uses?: number | null;
  /** How many uses each person has in one period. Null is no limit. */
  max_uses_per_identity?: number | null;
}

/** A period of the local calendar. */
export type Every =
  /** A local day, from midnight to midnight. */
  | "day"
  /** A week from Monday to Sunday, as ISO 8601 counts it. */
  | "week"
  /** A calendar month. */
  | "month";

/** Which tickets of an order get the discount if not all of them may. */
export type Pick =
  /** Those that cost most; of two that cost the same, the first. */
  | "dearest"
  /** Those that cost least; of two that cost the same, the first. */
  | "cheapest";

/** A limit that several codes share. */
export interface Pool {
  /** The pool's name, compared as spelt. */
  id: string;
  /** How many uses all its codes and buyers have together. Null is no limit. */
  max_uses?: number | null;
  /** How many uses of all its codes each person has. Null is no limit. */
  max_uses_per_identity?: number | null;
  /**
   * The most that its codes take off all orders together, in minor units, counted for each currency. Null is no limit.
   */
  budget?: number | { [key: string]: number | null } | null;
}

/** Caps of the policy that a code raises in the orders to which it is applied. */
export interface Lifts {
  /**
   * How many tickets one person may have at the event, if the policy allows fewer. Null: as many as the policy allows.
   */
  max_tickets_per_identity?: number | null;
  /**
   * How many free tickets one person may have at the event, if the policy allows fewer. Null: as many as the policy
   * allows.
   */
  max_free_tickets_per_identity?: number | null;
}

/** What happens when fewer uses or less budget is left than an order needs. */
export type WhenShort =
  /** The order is rejected. */
  | "reject"
  /** The order gets what is left. */
  | "partial";

/** Hours of the week in which a code may be used, in local time. */
export interface Hours {
  /** The days of the week on which the hours begin: 1 is Monday, 7 is Sunday. */
  days: number[];
  /** The first minute, counted from the beginning of that day: 1320 is 22:00. */
  from_minute: number;
  /** The first minute after the hours, counted from the beginning of the same day: 1560 is 02:00 on the next day. */
  to_minute: number;
}

/** Which tickets a subtotal adds up. */
export type SubtotalOf =
  /** All tickets of the order. */
  | "order"
  /** The tickets that the code is for. */
  | "scope";

/**
 * What the whole order must hold of some ticket types, also of types that the code is not for. At least one of the
 * bounds is given.
 */
export interface Requirement {
  /** The ticket types whose tickets count together. Null is any type; an empty list names none. */
  ticket_types?: string[] | null;
  /** The least number of such tickets. Null is no limit. */
  min_tickets?: number | null;
  /** The largest number of such tickets; at 0 the order may have none. Null is no limit. */
  max_tickets?: number | null;
  /** The least that such tickets cost together before any discount, in minor units. Null is no limit. */
  min_subtotal?: number | { [key: string]: number | null } | null;
}

/** A condition on the facts of an order: `fact` with exactly one operator, or `any` alone. */
export interface Condition {
  /**
   * The fact's name in the order's `facts`. Without this fact an order does not meet the condition. Null only beside
   * `any`.
   */
  fact?: string | null;
  /** The fact is this value, or a list that contains it. Null if another operator is given. */
  is?: boolean | number | string | null;
  /** The fact is another value of the same kind, and no list. Null if another operator is given. */
  is_not?: boolean | number | string | null;
  /**
   * The fact, or an element of its list, is one of these 1 to 1000 integers or strings. Null if another operator is
   * given.
   */
  in?: (boolean | number | string)[] | null;
  /**
   * Neither the fact nor an element of its list is one of these 1 to 1000 integers or strings, of which at least one is
   * of the fact's kind. Null if another operator is given.
   */
  not_in?: (boolean | number | string)[] | null;
  /** The fact is a number, at least this one. Null if another operator is given. */
  at_least?: number | null;
  /** The fact is a number, at most this one. Null if another operator is given. */
  at_most?: number | null;
  /** 1 to 16 conditions, of which at least one must hold. Null if a fact is given. */
  any?: FactCondition[] | null;
}

/** A condition on one fact: `fact`, and exactly one operator. */
export interface FactCondition {
  /**
   * The fact's name in the order's `facts`. Without this fact an order does not meet the condition. Null only beside
   * `any`.
   */
  fact?: string | null;
  /** The fact is this value, or a list that contains it. Null if another operator is given. */
  is?: boolean | number | string | null;
  /** The fact is another value of the same kind, and no list. Null if another operator is given. */
  is_not?: boolean | number | string | null;
  /**
   * The fact, or an element of its list, is one of these 1 to 1000 integers or strings. Null if another operator is
   * given.
   */
  in?: (boolean | number | string)[] | null;
  /**
   * Neither the fact nor an element of its list is one of these 1 to 1000 integers or strings, of which at least one is
   * of the fact's kind. Null if another operator is given.
   */
  not_in?: (boolean | number | string)[] | null;
  /** The fact is a number, at least this one. Null if another operator is given. */
  at_least?: number | null;
  /** The fact is a number, at most this one. Null if another operator is given. */
  at_most?: number | null;
}

/** How the payable price is rounded under a percent discount. */
export type Rounding =
  /** To the nearest minor unit, a half up. */
  | "half_up"
  /** To the nearest minor unit, a half down. */
  | "half_down"
  /** To the nearest minor unit, a half to the even neighbour. */
  | "half_even"
  /** Down, in the buyer's favour. */
  | "down"
  /** Up, in the organiser's favour. */
  | "up";

/**
 * What a release gives back, by reason. If the promotion has a rule for a reason, the policy's is not used.
 * `hold_expired` and `payment_failed` always give everything back, so there are no rules for them.
 */
export interface ReleaseRules {
  /** The rule for tickets that the buyer gave back. Null is no rule; the default is `restore`. */
  buyer_released?: ReleaseRule | null;
  /** The rule for tickets that the organiser cancelled. Null is no rule; the default is `restore`. */
  organizer_cancelled?: ReleaseRule | null;
  /** The rule for tickets that were paid back and whose seats are free. Null is no rule; the default is `restore`. */
  refunded?: ReleaseRule | null;
  /** The rule for tickets in place of which the buyer has others. Null is no rule; the default is `restore`. */
  exchanged?: ReleaseRule | null;
  /** The rule for tickets to which the buyer lost the right. Null is no rule; the default is `keep`. */
  forfeited?: ReleaseRule | null;
  /** The rule for tickets with which nobody came. Null is no rule; the default is `keep`. */
  no_show?: ReleaseRule | null;
  /** The rule for tickets whose payment was charged back. Null is no rule; the default is `keep`. */
  disputed?: ReleaseRule | null;
}

/** What one release reason gives back. */
export interface ReleaseRule {
  /** Whether codes and pools get uses and money back. Null: as without a rule for the reason. */
  uses?: Give | null;
  /** Whether the counters of a person get back what they counted. Null: as without a rule for the reason. */
  identity?: Give | null;
  /** From this time on the reason gives nothing back. Null: there is no such time. */
  until_ms?: number | null;
}

/** Whether a counter gets back what a ticket took. */
export type Give =
  /** The counter gets it back. */
  | "restore"
  /** The counter keeps it. */
  | "keep";

/** Rules of the event that hold whatever the codes. */
export interface Policy {
  /**
   * How many tickets with a payable price of 0 one person may have at the event, with or without a code. Null is no
   * limit.
   */
  max_free_tickets_per_identity?: number | null;
  /** How many tickets one person may have at the event. Null is no limit. */
  max_tickets_per_identity?: number | null;
  /**
   * The kinds of identity by which persons are counted. Null is every kind. With an empty list nobody is counted, so an
   * order is rejected wherever something is limited per person.
   */
  identity_kinds?: string[] | null;
  /** Whether aliases of one mailbox are one person. Default `fold`. */
  email_aliases?: EmailAliases | null;
  /**
   * What a release gives back, by reason. These rules hold for the policy's own counters, and for codes whose promotion
   * has no rule for the reason.
   */
  release?: ReleaseRules | null;
  /**
   * How long an unpaid order holds its tickets at most, in milliseconds after it was first accepted: from 60 000 (a
   * minute) to 31 622 400 000 (366 days). Null is 172 800 000 (48 hours).
   */
  max_hold_ms?: number | null;
  /**
   * The local time of the event: its offsets from UTC, ascending, 1 to 400 of them, as `zone("Europe/Berlin", …)` of
   * the kits writes them. Codes with hours or limits per period need it. Null: there is no local time.
   */
  zone?: ZoneOffset[] | null;
  /** Ticket types that nobody may buy without a code that `unlocks` them. Null and an empty list lock none. */
  locked_ticket_types?: string[] | null;
  /** Which of the codes that were typed and of the automatic promotions apply to an order. Default `entered`. */
  choose?: Choose | null;
}

/** Whether aliases of one mailbox are one person. */
export type EmailAliases =
  /** Aliases of one mailbox are one person: a `+` and what follows it are ignored, and at Gmail dots are, too. */
  | "fold"
  /** Each spelling is a person of its own; only upper and lower case make no difference. */
  | "exact";

/** From when on local clocks differ so much from UTC. */
export interface ZoneOffset {
  /** The first moment at which the offset holds. */
  from_ms: number;
  /** How much local clocks are ahead of UTC, in minutes: 60 in Berlin in winter, -300 in New York. */
  offset_minutes: number;
}

/** Which promotions apply to an order. */
export type Choose =
  /** Every code that was typed, or the order is refused; then each automatic promotion that may join them. */
  | "entered"
  /** Those that together cost the buyer least, of all that may stand together. At most 6 are weighed. */
  | "best";

/** What one buyer wants. */
export interface Order {
  /**
   * The order's id, which the host makes before it asks. The same order asked again under its id is sold once. Null
   * makes it a preview: the answer has no plan.
   */
  id?: string | null;
  /** The event that the tickets are for. */
  event_id: string;
  /** The currency of every amount in the order, compared as spelt. */
  currency: string;
  /**
   * 1 to 100 lines, with at most 1000 tickets in all. If each ticket is counted once for each counter that it is
   * charged to, at most 100 000: for example 1000 tickets with 100 counters.
   */
  lines: Line[];
  /**
   * Who buys, by kind of identity (`email`, `npub`, `account` …): at most 100. An entry that is null counts as absent.
   */
  identities?: { [key: string]: string | null } | null;
  /**
   * What the host knows of the order or the buyer, by name, for the conditions in `only_if`: at most 100. A fact is no
   * identity: no limit counts it, and no record has it. An entry that is null counts as absent.
   */
  facts?: { [key: string]: boolean | number | string | string[] | null } | null;
  /**
   * When the hold lapses if it is not paid; earlier if the policy's `max_hold_ms` says so. It may be null only for a
   * preview, a replay or an order that costs nothing.
   */
  hold_until_ms?: number | null;
  /**
   * The most that the buyer has agreed to pay, in minor units: an order that would cost more is refused. Null is any
   * price.
   */
  max_total?: number | null;
}

/** Tickets of one type at one price. */
export interface Line {
  /** The type of the tickets. Null: no list of ticket types includes them. */
  ticket_type?: string | null;
  /** The price of one ticket before any discount, in minor units. */
  unit_price: number;
  /** How many tickets. */
  quantity: number;
}

/** What the host read from its two tables before it asked. */
export interface Usage {
  /** How much is used of each counter, by key, in uses, tickets or minor units. A counter that is missing is 0. */
  counters?: { [key: string]: number | null } | null;
  /** Lapsed holds, which the plan releases to free what they hold. An empty list is always correct. */
  lapsed?: StoredRedemption[] | null;
  /** The stored record with the order's id. Null if there is none. */
  existing?: StoredRedemption | null;
}

/** A record as the host has stored it: those of an earlier schema are read, too. */
export type StoredRedemption = Redemption | EarlierRedemption;

/** A record of schema 1, which remembers neither payments nor releases. */
export type EarlierRedemption = EarlierRedemptionFields &
  (
    | {
        /** Whether the order is unpaid, paid or over. */
        state: "held";
        /** When the hold lapses. Null unless the state is `held`. */
        expires_at_ms: number;
        /** When the order was confirmed; it stays after a release. Null if the order was never confirmed. */
        confirmed_at_ms?: null;
      }
    | {
        /** Whether the order is unpaid, paid or over. */
        state: "confirmed";
        /** When the hold lapses. Null unless the state is `held`. */
        expires_at_ms?: null;
        /** When the order was confirmed; it stays after a release. Null if the order was never confirmed. */
        confirmed_at_ms: number;
      }
    | {
        /** Whether the order is unpaid, paid or over. */
        state: "released";
        /** When the hold lapses. Null unless the state is `held`. */
        expires_at_ms?: null;
        /** When the order was confirmed; it stays after a release. Null if the order was never confirmed. */
        confirmed_at_ms?: number | null;
      }
  );
/** What every case of EarlierRedemption has. */
export interface EarlierRedemptionFields {
  /** The version of this document. The engine writes 2, and also reads 1, which has no payments and no releases. */
  schema: 1;
  /** The order's id. */
  id: string;
  /** The number of this version of the record: 1 at first, and one more with each update. */
  revision: number;
  /** The event that the tickets are for. */
  event_id: string;
  /** The currency of every amount in the record. */
  currency: string;
  /** The codes that were entered, canonical, each once. */
  codes: string[];
  /** Who bought, as `kind:value` in canonical form, sorted by kind. */
  identities: string[];
  /** Each ticket of the order, released ones too: 1 to 1000. */
  tickets: Ticket[];
  /** What each code did, in the order of application. */
  applied: NotedApplied[];
  /** What the order added to which counter, and which release reasons give that back. */
  charges: Charge[];
  /** When the order was first accepted. An amendment keeps it. */
  created_at_ms: number;
  /** What the tickets are in exchange for. Null if they were bought. */
  exchanged?: Exchanged | null;
}

/**
 * The record of an accepted order, which the host stores as it is. A field that is null, and an empty list of payments,
 * releases or what codes take off, is left out.
 */
export type Redemption = RedemptionFields &
  (
    | {
        /** Whether the order is unpaid, paid or over. */
        state: "held";
        /** When the hold lapses. Null unless the state is `held`. */
        expires_at_ms: number;
        /** When the order was confirmed; it stays after a release. Null if the order was never confirmed. */
        confirmed_at_ms?: null;
      }
    | {
        /** Whether the order is unpaid, paid or over. */
        state: "confirmed";
        /** When the hold lapses. Null unless the state is `held`. */
        expires_at_ms?: null;
        /** When the order was confirmed; it stays after a release. Null if the order was never confirmed. */
        confirmed_at_ms: number;
      }
    | {
        /** Whether the order is unpaid, paid or over. */
        state: "released";
        /** When the hold lapses. Null unless the state is `held`. */
        expires_at_ms?: null;
        /** When the order was confirmed; it stays after a release. Null if the order was never confirmed. */
        confirmed_at_ms?: number | null;
      }
  );
/** What every case of Redemption has. */
export interface RedemptionFields {
  /** The version of this document. The engine writes 2, and also reads 1, which has no payments and no releases. */
  schema: 2;
  /** The order's id. */
  id: string;
  /** The number of this version of the record: 1 at first, and one more with each update. */
  revision: number;
  /** The event that the tickets are for. */
  event_id: string;
  /** The currency of every amount in the record. */
  currency: string;
  /** The codes that were entered, canonical, each once. */
  codes: string[];
  /** Who bought, as `kind:value` in canonical form, sorted by kind. */
  identities: string[];
  /** Each ticket of the order, released ones too: 1 to 1000. */
  tickets: Ticket[];
  /** What each code did, in the order of application. */
  applied: NotedApplied[];
  /** What the order added to which counter, and which release reasons give that back. */
  charges: Charge[];
  /** When the order was first accepted. An amendment keeps it. */
  created_at_ms: number;
  /** Every payment that was reported for the order: at most 100, never forgotten. */
  payments?: NotedPayment[] | null;
  /** The releases that had an id: at most 1000, never forgotten. */
  releases?: NotedRelease[] | null;
  /** What the tickets are in exchange for. Null if they were bought. */
  exchanged?: Exchanged | null;
}

/** Whether an order is unpaid, paid or over. */
export type State =
  /** The order is not paid yet. */
  | "held"
  /** The order is paid, or costs nothing. */
  | "confirmed"
  /** All tickets of the order were released. */
  | "released";

/** One ticket of a record. */
export interface Ticket {
  /** The index of the order's line that the ticket belongs to. */
  line: number;
  /** The ticket's type. Null: no list of ticket types includes the ticket. */
  ticket_type?: string | null;
  /** The ticket's price before any discount, in minor units. */
  unit_price: number;
  /** What is payable for the ticket, in minor units. */
  price: number;
  /** The codes that discount, count or unlock the ticket, in the order of application. */
  codes: string[];
  /**
   * What each of `codes` takes off the ticket, in minor units and in the same order. If it is missing, the first of
   * them takes off everything.
   */
  off?: number[] | null;
  /** Why and when the ticket was released. Null while the buyer has the ticket. */
  released?: Released | null;
}

/** Why and when a ticket was released. */
export interface Released {
  /** Why it was released. */
  reason: ReleaseReason;
  /** When it was released. */
  at_ms: number;
}

/**
 * Why tickets come back. `hold_expired` and `payment_failed` end holds only, and leave a confirmed redemption as it is.
 */
export type ReleaseReason =
  /** The buyer gave the tickets back. */
  | "buyer_released"
  /** The payment was charged back. */
  | "disputed"
  /** The buyer has other tickets in their place. */
  | "exchanged"
  /** The buyer lost the right to the tickets. */
  | "forfeited"
  /** The hold was not paid in time. */
  | "hold_expired"
  /** The buyer did not come. */
  | "no_show"
  /** The organiser cancelled the tickets. */
  | "organizer_cancelled"
  /** The payment failed. */
  | "payment_failed"
  /** The money was paid back, and the seat is free. */
  | "refunded";

/** What one code did to the order. */
export interface Applied {
  /** The canonical code. */
  code: string;
  /** How many tickets the code discounts; if its discount is of kind `none`, how many it counts. */
  tickets: number;
  /** How many uses the code took. */
  uses: number;
  /** What the code took off the order, in minor units. */
  discount: number;
  /** Whether too little was left, and the order got what was left because `when_short` is `partial`. */
  partial: boolean;
  /** How many uses are left after the order; of several limits, the one that leaves least. Null is no limit. */
  remaining: number | null;
}

/** What one redemption added to a counter, and which reasons give it back. */
export interface Charge {
  /** The counter's key. */
  key: string;
  /** The canonical code that was charged. Null for a counter of the policy. */
  code?: string | null;
  /** The counter's limit when the order was accepted, in uses, tickets or minor units. Null is no limit. */
  limit?: number | null;
  /** How much was added, in uses, tickets or minor units. */
  amount: number;
  /** The indexes of the tickets for which it was added, ascending. */
  tickets: number[];
  /**
   * How much of the amount belongs to each ticket, in uses, tickets or minor units: one number that is the same for
   * every ticket, or for money a list with a number for each ticket. Null: it was charged once for the order.
   */
  each?: number | number[] | null;
  /**
   * The groups for which it was added, one use each, as the indexes of their tickets: a group's use is held until each
   * of these tickets is given back. Null: it was not added for groups.
   */
  groups?: number[][] | null;
  /**
   * The release reasons that give the amount back, sorted by name. Null is every reason but `forfeited`, `no_show` and
   * `disputed`, at any time.
   */
  back?: Back[] | null;
  /**
   * How much of the amount is still held, in uses, tickets or minor units, now that some tickets were released. Null:
   * all of it.
   */
  held?: number | null;
}

/** A release reason that gives a charge back, and until when. */
export interface Back {
  /** The reason. */
  reason: ReleaseReason;
  /** From this time on the reason gives nothing back. Null: there is no such time. */
  until_ms?: number | null;
}

/** A payment that was reported, and whose its money is. */
export interface NotedPayment {
  /** The payment's own id. */
  id: string;
  /** What was paid, in minor units. Null: the total was not checked. */
  total?: number | null;
  /** The currency of the total, as it was reported. Null: the currency was not checked. */
  currency?: string | null;
  /** Whose the payment's money is. */
  outcome: Money;
  /** When the payment was first reported. */
  at_ms: number;
}

/** Whose a payment's money is. The answer is final, however often the payment is reported. */
export type Money =
  /** The money is the order's: the host keeps it. */
  | "kept"
  /** The money is the payer's: the host sends it back. */
  | "returned";

/** A release that had an id, and its answer. */
export interface NotedRelease {
  /** The release's own id. */
  id: string;
  /** Why the tickets were released. */
  reason: ReleaseReason;
  /** The tickets that it released, by index. */
  tickets: number[];
  /**
   * What was paid for them, in minor units. Whether it is owed depends on the reason. Of an exchange it is only what
   * was left over and is paid back.
   */
  refundable: number;
  /** When the tickets were released. */
  at_ms: number;
}

/** What the tickets of a record are in exchange for. */
export interface Exchanged {
  /** The id of the record whose tickets went back. */
  from: string;
  /** What the tickets that went back had cost, in minor units. */
  credit: number;
  /** What was paid on top of that, in minor units. */
  due: number;
  /** What was left over and is paid back, in minor units. */
  refundable: number;
}

/** What a host asks: is this order accepted with these codes, and at what price? */
export interface ValidateRequest {
  /** The codes that the buyer typed, in any spelling: at most 16. Blank ones are ignored. */
  codes: string[];
  /** The organiser's promotions. All must be well-formed, also those whose code was not typed. */
  promos: Promo[];
  /** The event's policy, which holds whatever the codes. */
  policy?: Policy | null;
  /** What the buyer wants. */
  order: Order;
  /** The counters that `usageKeys` names, and the record with the order's id. */
  usage?: Usage | null;
  /** The time of the decision: the same for `usageKeys` and for `validateRedemption`. */
  now_ms: number;
}

/** What a host asks when a payment arrives. */
export interface ConfirmRequest {
  /** The record, as it is stored. */
  redemption: StoredRedemption;
  /** What was paid. */
  payment: PaymentReport;
  /** The counters of the record's charges. They are needed only if the record was released as `hold_expired`. */
  usage?: Usage | null;
  /** When the payment arrived. */
  now_ms: number;
  /** Whether a late payment is confirmed although a limit is exceeded. Default `false`. */
  over_limit?: boolean | null;
  /** Whether the host only asks what the answer would be: nothing is noted, and the plan is empty. Default `false`. */
  dry?: boolean | null;
}

/** A payment, as the host reports it. */
export type PaymentReport = PaymentReportFields &
  (
    | {
        /** What was paid, in minor units. Null: the total is not checked. */
        total?: null;
        /** The currency of the total, compared without regard to ASCII case. Null only if the total is null. */
        currency?: string | null;
      }
    | {
        /** What was paid, in minor units. Null: the total is not checked. */
        total: number;
        /** The currency of the total, compared without regard to ASCII case. Null only if the total is null. */
        currency: string;
      }
  );
/** What every case of PaymentReport has. */
export interface PaymentReportFields {
  /** The payment's own id (hash, intent, charge), never the order's. */
  id: string;
}

/** What a host asks when tickets come back. */
export interface ReleaseRequest {
  /** The record, as it is stored. */
  redemption: StoredRedemption;
  /** Which tickets come back, and why. */
  release: Release;
  /** When the tickets came back. */
  now_ms: number;
}

/** Which tickets come back, and why. */
export interface Release {
  /** The release's own id. A host that has lost the answer asks again with this id. Null: it cannot ask again. */
  id?: string | null;
  /** Why the tickets come back. */
  reason: ReleaseReason;
  /** The tickets, by their index in the record. Null is all that are left. */
  tickets?: number[] | null;
}

/** What a host asks when a buyer wants other tickets in place of those that are paid. */
export interface ExchangeRequest {
  /** The record of the paid order, as it is stored. */
  redemption: StoredRedemption;
  /** The tickets that go back, by their index in the record. Null is all that are left. */
  tickets?: number[] | null;
  /** The order that takes their place. */
  request: ExchangeOrder;
  /** What was authorised for `due`. Null: nothing. */
  payment?: PaymentReport | null;
  /** Whether what is left over is paid back. Otherwise the buyer forgoes it. Default `false`. */
  refund?: boolean | null;
  /** When the tickets are exchanged. */
  now_ms: number;
}

/** The order in an exchange, with what `validateRedemption` takes. */
export interface ExchangeOrder {
  /** The codes that the buyer typed, in any spelling: at most 16. Blank ones are ignored. */
  codes: string[];
  /** The organiser's promotions. All must be well-formed, also those whose code was not typed. */
  promos: Promo[];
  /** The event's policy, which holds whatever the codes. */
  policy?: Policy | null;
  /** What the buyer wants instead, under an id of its own and in the record's currency. */
  order: Order;
  /** The counters that `usageKeys` names, and the record with the order's id. */
  usage?: Usage | null;
}

/** All records of a store, or a batch of them: the sums of the batches may be added up. */
export interface AuditRequest {
  /** The stored records, in any order and any state, each once. */
  redemptions: StoredRedemption[];
}

/** What somebody typed. */
export interface CodeRequest {
  /** The code as it was typed, or as the organiser wrote it. */
  text: string;
}

/** What a host asks so that a browser can preview: as for `validateRedemption`, with at most one code. */
export interface ViewRequest {
  /** What the buyer typed: at most one code, besides blank ones, which are ignored. */
  codes: string[];
  /** The organiser's promotions. All must be well-formed, also those whose code was not typed. */
  promos: Promo[];
  /** The event's policy, which holds whatever the codes. */
  policy?: Policy | null;
  /** Who buys, and the ticket types and prices to choose from. The quantities play no part, and `id` must be null. */
  order: Order;
  /**
   * The counters that `usageKeys` names, and names if the code of each automatic promotion is typed: an order in view
   * may have more tickets than this one. A counter that is missing is 0.
   */
  usage?: Usage | null;
  /** The time of the view. */
  now_ms: number;
  /** The largest order, in tickets, that the browser can price by itself. Default `10`. */
  reveal_up_to?: number | null;
}

/** Documents as the organiser wrote them. They may be any values. */
export interface PromosRequest {
  /** All promotions that are sold together: they are compared with each other. */
  promos: readonly unknown[];
  /** The event's policy. */
  policy?: unknown;
}

/** All promotions that are sold under one policy: they are compared with each other. */
export interface CheckRequest {
  /** The promotions, as they are stored. */
  promos: Promo[];
  /** The event's policy. */
  policy?: Policy | null;
  /** The present time. Null: codes that have ended are not reported. */
  now_ms?: number | null;
  /** Whether each event has a database of its own, so that nothing is counted over several events. Default `false`. */
  sharded?: boolean | null;
}

/** All records of a store, or a share of them: the numbers of the shares may be added up. */
export interface ReportRequest {
  /** The stored records, in any order and any state, each once. */
  redemptions: StoredRedemption[];
  /**
   * Whether each person gets rows of their own, too. An order with several identities is in the rows of each. Default
   * `false`.
   */
  by_person?: boolean | null;
}

/** A promotion as it is stored, and as it would be. */
export interface SimulateRequest {
  /** The stored document. */
  promo: Promo;
  /** The whole document that would replace it. */
  change: Promo;
  /** How much is used of each counter, by key, in uses, tickets or minor units. A counter that is missing is 0. */
  counters?: { [key: string]: number | null } | null;
  /** The event that is asked about. Null only if both documents have an `id`. */
  event_id?: string | null;
  /**
   * The currency of the budgets, in which each of them has an amount. Null only if each document with a budget names
   * its currency.
   */
  currency?: string | null;
}

/** How many codes are wanted, and how hard they must be to guess. */
export interface GenerateRequest {
  /** How many codes. */
  count: number;
  /**
   * The least number of bits that somebody who guesses a code must get right; 50 bits are 12 characters. Default `50`.
   */
  bits?: number | null;
  /** Random bytes in hexadecimal, never used before: 16 bytes, and 2 more for each random character of each code. */
  entropy: string;
  /** The text with which each code begins. It adds nothing to the bits. Default ``. */
  prefix?: string | null;
  /** Whether each code ends in a check character, which shows that a code was mistyped. Default `false`. */
  check_character?: boolean | null;
  /** Codes that exist already, in any spelling. */
  existing?: string[] | null;
}

/** What prepared rules are made of. */
export type PrepareRequest = PrepareRequestFields &
  /** A promotion that is not sound is an error. */
  (
    | {
        /**
         * The organiser's promotions. If `unsound` is `leave_out`, an entry may be any value: one with faults is left
         * out.
         */
        promos: Promo[];
        /** What happens to promotions with faults. Default `refuse`. */
        unsound?: "refuse" | null;
      }
    /** A promotion that is not sound is left out: to a buyer its code is unknown, and the others are sold. */
    | {
        /**
         * The organiser's promotions. If `unsound` is `leave_out`, an entry may be any value: one with faults is left
         * out.
         */
        promos: readonly unknown[];
        /** What happens to promotions with faults. Default `refuse`. */
        unsound: "leave_out";
      }
  );
/** What every case of PrepareRequest has. */
export interface PrepareRequestFields {
  /** The event's policy. A fault in it is always an error. */
  policy?: Policy | null;
}

/** What happens to promotions in which `validatePromos` finds faults. */
export type Unsound =
  /** A single promotion with faults is an error, and nothing is sold. */
  | "refuse"
  /** Promotions with faults are left out: their codes are unknown to buyers, and the other promotions are sold. */
  | "leave_out";

/** As `UsageKeysRequest`, without what prepared rules hold. */
export interface PreparedKeysRequest {
  /** The codes that the buyer typed, in any spelling: at most 16. Blank ones are ignored. */
  codes: string[];
  /** What the buyer wants. */
  order: Order;
  /** It plays no part. */
  usage?: Usage | null;
  /** The time of the decision: the same for `usageKeys` and for `validateRedemption`. */
  now_ms: number;
  /** The record that the order is exchanged for. Null if it is not exchanged. */
  redemption?: StoredRedemption | null;
}

/** A request to prepared rules. It has no promotions and no policy, because the rules hold them. */
export interface PreparedRequest {
  /** The codes that the buyer typed, in any spelling: at most 16. Blank ones are ignored. */
  codes: string[];
  /** What the buyer wants. */
  order: Order;
  /** The counters that `usageKeys` names, and the record with the order's id. */
  usage?: Usage | null;
  /** The time of the decision: the same for `usageKeys` and for `validateRedemption`. */
  now_ms: number;
}

/** As `ExchangeRequest`, without what prepared rules hold. */
export interface PreparedExchangeRequest {
  /** The record of the paid order, as it is stored. */
  redemption: StoredRedemption;
  /** The tickets that go back, by their index in the record. Null is all that are left. */
  tickets?: number[] | null;
  /** The order that takes their place. */
  request: PreparedExchangeOrder;
  /** What was authorised for `due`. Null: nothing. */
  payment?: PaymentReport | null;
  /** Whether what is left over is paid back. Otherwise the buyer forgoes it. Default `false`. */
  refund?: boolean | null;
  /** When the tickets are exchanged. */
  now_ms: number;
}

/** As `ExchangeOrder`, without what prepared rules hold. */
export interface PreparedExchangeOrder {
  /** The codes that the buyer typed, in any spelling: at most 16. Blank ones are ignored. */
  codes: string[];
  /** What the buyer wants instead, under an id of its own and in the record's currency. */
  order: Order;
  /** The counters that `usageKeys` names, and the record with the order's id. */
  usage?: Usage | null;
}

/** Whether the order is accepted, at what price, and what the host commits. */
export type Decision = AcceptedDecision | RejectedDecision;
/** The order is accepted: commit `ops` with your own rows. */
export interface AcceptedDecision {
  /** Whether the order is accepted. */
  status: "accepted";
  /** Whether the order was accepted before, and is answered from its record. */
  replayed: boolean;
  /** The price with every code applied. If the order is rejected: the price without any code. */
  quote: Quote;
  /** What each code did, in the order of application. Empty if the order is rejected. */
  applied: Applied[];
  /**
   * The codes that were typed and the automatic promotions that take no part in the accepted order, each with the first
   * reason. It is for the host, and never for a buyer. Empty if the order is rejected or was accepted before.
   */
  passed_over: PassedOver[];
  /** Everything that speaks against the order. Empty if it is accepted. */
  violations: [];
  /**
   * The plan: what the host commits with its own rows. Empty if the order is rejected, for a preview, and for a replay
   * unless the hold is extended.
   */
  ops: Op[];
}
/** The order is refused: commit nothing. */
export interface RejectedDecision {
  /** Whether the order is accepted. */
  status: "rejected";
  /** Whether the order was accepted before, and is answered from its record. */
  replayed: false;
  /** The price with every code applied. If the order is rejected: the price without any code. */
  quote: Quote;
  /** What each code did, in the order of application. Empty if the order is rejected. */
  applied: [];
  /**
   * The codes that were typed and the automatic promotions that take no part in the accepted order, each with the first
   * reason. It is for the host, and never for a buyer. Empty if the order is rejected or was accepted before.
   */
  passed_over: [];
  /** Everything that speaks against the order. Empty if it is accepted. */
  violations: Violation[];
  /**
   * The plan: what the host commits with its own rows. Empty if the order is rejected, for a preview, and for a replay
   * unless the hold is extended.
   */
  ops: [];
}

/** Whether an order is accepted. */
export type Status =
  /** The order is accepted. */
  | "accepted"
  /** The order is rejected, and the host commits nothing. */
  | "rejected";

/** The price of an order. The amounts of its tickets add up to those of the order. */
export interface Quote {
  /** The order's currency, in whose minor units every amount is. */
  currency: string;
  /** The sum before any discount, in minor units. */
  subtotal: number;
  /** What all codes take off together, in minor units. */
  discount: number;
  /** What is to be paid, in minor units: `subtotal` less `discount`. */
  total: number;
  /** Whether there is anything to pay. */
  payment: Payment;
  /** Each ticket, in the order of the lines. */
  tickets: QuotedTicket[];
  /**
   * The codes that were typed and take no part, because there was nothing left for them or a better offer made them
   * unnecessary. The buyer may be told. Empty if the order is rejected or was accepted before.
   */
  not_needed: string[];
}

/** Whether there is anything to pay. */
export type Payment =
  /** The total is above 0. */
  | "required"
  /** The total is 0. */
  | "none";

/** The price of one ticket of the order. */
export interface QuotedTicket {
  /** The index of the order's line that the ticket belongs to. */
  line: number;
  /** The ticket's type. Null: no list of ticket types includes the ticket. */
  ticket_type: string | null;
  /** The ticket's price before any discount, in minor units. */
  unit_price: number;
  /** What the codes take off the ticket, in minor units. */
  discount: number;
  /** What is payable for the ticket, in minor units. */
  price: number;
  /** The codes that discount, count or unlock the ticket, in the order of application. */
  codes: string[];
  /** What each of `codes` takes off the ticket, in minor units and in the same order. */
  off: number[];
}

/** A promotion that takes no part in an accepted order: it uses nothing and takes nothing off. */
export interface PassedOver {
  /** The canonical code. */
  code: string;
  /** The first reason. */
  reason: PassedOverReason;
  /** The key of the counter that leaves too little. Null if no counter is involved. */
  counter: string | null;
}

/** Why a promotion takes no part in an accepted order. */
export type PassedOverReason =
  /** The order's id was confirmed before, with other contents. */
  | "already_confirmed"
  /** No promotion has the code. */
  | "unknown_code"
  /** The code cannot be used together with the other codes. */
  | "cannot_combine"
  /** The organiser switched the code off. */
  | "inactive"
  /** The code may not be used yet. */
  | "not_started"
  /** The code may no longer be used. */
  | "ended"
  /** It is none of the code's hours, or the policy has no zone. */
  | "outside_hours"
  /** The code is for other events. */
  | "wrong_event"
  /** The code is for orders in another currency. */
  | "wrong_currency"
  /** The code is for listed buyers, and the order names none of them. */
  | "not_eligible"
  /** The order has fewer tickets of the code's types than it asks for. */
  | "below_min_tickets"
  /** The order has more tickets of the code's types than it allows. */
  | "above_max_tickets"
  /** The order costs less before any discount than the code asks for. */
  | "below_min_subtotal"
  /** The order costs more before any discount than the code allows. */
  | "above_max_subtotal"
  /** The order has too few tickets of types that the code requires. */
  | "missing_tickets"
  /** The order has too many tickets of types that the code bounds. */
  | "surplus_tickets"
  /** The order's tickets of types that the code requires cost too little before any discount. */
  | "missing_subtotal"
  /** None of the order's tickets is of a type that the code is for. */
  | "wrong_ticket_type"
  /** The code would take nothing off. */
  | "nothing_to_discount"
  /** There is a limit per person, and the order names nobody. */
  | "identity_required"
  /** Too few uses of the code are left. */
  | "uses_exhausted"
  /** Too few uses of the code are left for this person. */
  | "identity_uses_exhausted"
  /** Too few uses of the code are left in this day, week or month. */
  | "period_uses_exhausted"
  /** Too few uses of the code are left in this day, week or month for this person. */
  | "period_identity_uses_exhausted"
  /** Too few uses of one of the code's pools are left. */
  | "pool_exhausted"
  /** Too few uses of one of the code's pools are left for this person. */
  | "pool_identity_uses_exhausted"
  /** Too little of the code's budget is left. */
  | "budget_exhausted"
  /** Too little of the budget of one of the code's pools is left. */
  | "pool_budget_exhausted"
  /** The order has tickets of types that need a code, and no code that is applied unlocks them. */
  | "locked_ticket_type"
  /** Too few free tickets are left for this person at the event. */
  | "free_tickets_exhausted"
  /** Too few tickets are left for this person at the event. */
  | "tickets_exhausted"
  /** The order would cost more than the buyer has agreed to pay. */
  | "price_changed"
  /** The codes before it have left nothing for it to take off. */
  | "nothing_left"
  /** The order costs less without it. */
  | "better_offer"
  /** There were too many promotions to try them all. */
  | "not_weighed";

/** One thing that speaks against an order, for one code or for the policy. */
export type Violation =
  | OrderViolation
  | CodeViolation
  | TypeViolation
  | LockViolation
  | PriceViolation
  | BoundViolation
  | IdentityViolation
  | LimitViolation;
/** What speaks against the order itself, without figures. */
export interface OrderViolation {
  /** The canonical code that the violation is about. Null if it is about the whole order, whatever the codes. */
  code: null;
  /** What speaks against the order, for the organiser. */
  reason: "already_confirmed";
  /** What an anonymous buyer may be told. */
  public_reason: "order_not_eligible";
  /**
   * The key of the counter that leaves too little; of several, the one that leaves least. Null if no counter is
   * involved.
   */
  counter: null;
  /**
   * The counter's limit, or the bound that the order breaks (such as `min_tickets`), in uses, tickets or minor units.
   * Null if there is neither.
   */
  limit: null;
  /**
   * What was used of the counter before this code, or what the order has (such as its number of tickets), in uses,
   * tickets or minor units. Null if there is neither.
   */
  used: null;
  /**
   * What is left of the counter, in uses, tickets or minor units: `limit` less `used`, at least 0. Null if no counter
   * is involved.
   */
  remaining: null;
  /** A sentence in plain English for the organiser. */
  message: string;
  /**
   * The least change of the order that mends all that speaks against the code. Null if no single change does, or if a
   * buyer may not know it.
   */
  to_qualify: null;
}
/** A code that does not fit, without figures. */
export type CodeViolation =
  | {
      /** The canonical code that the violation is about. Null if it is about the whole order, whatever the codes. */
      code: string;
      /** What speaks against the order, for the organiser. */
      reason: "unknown_code" | "inactive" | "not_started" | "ended" | "outside_hours" | "wrong_event" | "not_eligible";
      /** What an anonymous buyer may be told. */
      public_reason: "not_accepted";
      /**
       * The key of the counter that leaves too little; of several, the one that leaves least. Null if no counter is
       * involved.
       */
      counter: null;
      /**
       * The counter's limit, or the bound that the order breaks (such as `min_tickets`), in uses, tickets or minor
       * units. Null if there is neither.
       */
      limit: null;
      /**
       * What was used of the counter before this code, or what the order has (such as its number of tickets), in uses,
       * tickets or minor units. Null if there is neither.
       */
      used: null;
      /**
       * What is left of the counter, in uses, tickets or minor units: `limit` less `used`, at least 0. Null if no
       * counter is involved.
       */
      remaining: null;
      /** A sentence in plain English for the organiser. */
      message: string;
      /**
       * The least change of the order that mends all that speaks against the code. Null if no single change does, or if
       * a buyer may not know it.
       */
      to_qualify: null;
    }
  | {
      /** The canonical code that the violation is about. Null if it is about the whole order, whatever the codes. */
      code: string;
      /** What speaks against the order, for the organiser. */
      reason: "cannot_combine" | "wrong_currency" | "nothing_to_discount";
      /** What an anonymous buyer may be told. */
      public_reason: "order_not_eligible" | "not_accepted";
      /**
       * The key of the counter that leaves too little; of several, the one that leaves least. Null if no counter is
       * involved.
       */
      counter: null;
      /**
       * The counter's limit, or the bound that the order breaks (such as `min_tickets`), in uses, tickets or minor
       * units. Null if there is neither.
       */
      limit: null;
      /**
       * What was used of the counter before this code, or what the order has (such as its number of tickets), in uses,
       * tickets or minor units. Null if there is neither.
       */
      used: null;
      /**
       * What is left of the counter, in uses, tickets or minor units: `limit` less `used`, at least 0. Null if no
       * counter is involved.
       */
      remaining: null;
      /** A sentence in plain English for the organiser. */
      message: string;
      /**
       * The least change of the order that mends all that speaks against the code. Null if no single change does, or if
       * a buyer may not know it.
       */
      to_qualify: null;
    };
/** None of the order's tickets is of a type that the code is for; `to_qualify` is a ticket of one of these types. */
export interface TypeViolation {
  /** The canonical code that the violation is about. Null if it is about the whole order, whatever the codes. */
  code: string;
  /** What speaks against the order, for the organiser. */
  reason: "wrong_ticket_type";
  /** What an anonymous buyer may be told. */
  public_reason: "order_not_eligible" | "not_accepted";
  /**
   * The key of the counter that leaves too little; of several, the one that leaves least. Null if no counter is
   * involved.
   */
  counter: null;
  /**
   * The counter's limit, or the bound that the order breaks (such as `min_tickets`), in uses, tickets or minor units.
   * Null if there is neither.
   */
  limit: null;
  /**
   * What was used of the counter before this code, or what the order has (such as its number of tickets), in uses,
   * tickets or minor units. Null if there is neither.
   */
  used: null;
  /**
   * What is left of the counter, in uses, tickets or minor units: `limit` less `used`, at least 0. Null if no counter
   * is involved.
   */
  remaining: null;
  /** A sentence in plain English for the organiser. */
  message: string;
  /**
   * The least change of the order that mends all that speaks against the code. Null if no single change does, or if a
   * buyer may not know it.
   */
  to_qualify: ToQualify | null;
}
/** Tickets of types that need a code; `used` is how many of them no code unlocks. */
export interface LockViolation {
  /** The canonical code that the violation is about. Null if it is about the whole order, whatever the codes. */
  code: null;
  /** What speaks against the order, for the organiser. */
  reason: "locked_ticket_type";
  /** What an anonymous buyer may be told. */
  public_reason: "not_accepted";
  /**
   * The key of the counter that leaves too little; of several, the one that leaves least. Null if no counter is
   * involved.
   */
  counter: null;
  /**
   * The counter's limit, or the bound that the order breaks (such as `min_tickets`), in uses, tickets or minor units.
   * Null if there is neither.
   */
  limit: null;
  /**
   * What was used of the counter before this code, or what the order has (such as its number of tickets), in uses,
   * tickets or minor units. Null if there is neither.
   */
  used: number;
  /**
   * What is left of the counter, in uses, tickets or minor units: `limit` less `used`, at least 0. Null if no counter
   * is involved.
   */
  remaining: null;
  /** A sentence in plain English for the organiser. */
  message: string;
  /**
   * The least change of the order that mends all that speaks against the code. Null if no single change does, or if a
   * buyer may not know it.
   */
  to_qualify: null;
}
/** The order would cost `used`, and the buyer has agreed to pay `limit`. */
export interface PriceViolation {
  /** The canonical code that the violation is about. Null if it is about the whole order, whatever the codes. */
  code: null;
  /** What speaks against the order, for the organiser. */
  reason: "price_changed";
  /** What an anonymous buyer may be told. */
  public_reason: "price_changed";
  /**
   * The key of the counter that leaves too little; of several, the one that leaves least. Null if no counter is
   * involved.
   */
  counter: null;
  /**
   * The counter's limit, or the bound that the order breaks (such as `min_tickets`), in uses, tickets or minor units.
   * Null if there is neither.
   */
  limit: number;
  /**
   * What was used of the counter before this code, or what the order has (such as its number of tickets), in uses,
   * tickets or minor units. Null if there is neither.
   */
  used: number;
  /**
   * What is left of the counter, in uses, tickets or minor units: `limit` less `used`, at least 0. Null if no counter
   * is involved.
   */
  remaining: null;
  /** A sentence in plain English for the organiser. */
  message: string;
  /**
   * The least change of the order that mends all that speaks against the code. Null if no single change does, or if a
   * buyer may not know it.
   */
  to_qualify: null;
}
/** A bound on the order: `limit` is the bound, `used` the order's figure (tickets or minor units). */
export interface BoundViolation {
  /** The canonical code that the violation is about. Null if it is about the whole order, whatever the codes. */
  code: string;
  /** What speaks against the order, for the organiser. */
  reason:
    | "below_min_tickets"
    | "above_max_tickets"
    | "below_min_subtotal"
    | "above_max_subtotal"
    | "missing_tickets"
    | "surplus_tickets"
    | "missing_subtotal";
  /** What an anonymous buyer may be told. */
  public_reason: "order_not_eligible" | "not_accepted";
  /**
   * The key of the counter that leaves too little; of several, the one that leaves least. Null if no counter is
   * involved.
   */
  counter: null;
  /**
   * The counter's limit, or the bound that the order breaks (such as `min_tickets`), in uses, tickets or minor units.
   * Null if there is neither.
   */
  limit: number;
  /**
   * What was used of the counter before this code, or what the order has (such as its number of tickets), in uses,
   * tickets or minor units. Null if there is neither.
   */
  used: number;
  /**
   * What is left of the counter, in uses, tickets or minor units: `limit` less `used`, at least 0. Null if no counter
   * is involved.
   */
  remaining: null;
  /** A sentence in plain English for the organiser. */
  message: string;
  /**
   * The least change of the order that mends all that speaks against the code. Null if no single change does, or if a
   * buyer may not know it.
   */
  to_qualify: ToQualify | null;
}
/** A limit per person, and the order names nobody; `limit` is the limit. */
export interface IdentityViolation {
  /** The canonical code that the violation is about. Null if it is about the whole order, whatever the codes. */
  code: string | null;
  /** What speaks against the order, for the organiser. */
  reason: "identity_required";
  /** What an anonymous buyer may be told. */
  public_reason: "identity_required" | "not_accepted";
  /**
   * The key of the counter that leaves too little; of several, the one that leaves least. Null if no counter is
   * involved.
   */
  counter: null;
  /**
   * The counter's limit, or the bound that the order breaks (such as `min_tickets`), in uses, tickets or minor units.
   * Null if there is neither.
   */
  limit: number;
  /**
   * What was used of the counter before this code, or what the order has (such as its number of tickets), in uses,
   * tickets or minor units. Null if there is neither.
   */
  used: null;
  /**
   * What is left of the counter, in uses, tickets or minor units: `limit` less `used`, at least 0. Null if no counter
   * is involved.
   */
  remaining: null;
  /** A sentence in plain English for the organiser. */
  message: string;
  /**
   * The least change of the order that mends all that speaks against the code. Null if no single change does, or if a
   * buyer may not know it.
   */
  to_qualify: null;
}
/** A counter of the code that leaves too little, with its figures. */
export type LimitViolation =
  | {
      /** The canonical code that the violation is about. Null if it is about the whole order, whatever the codes. */
      code: string;
      /** What speaks against the order, for the organiser. */
      reason:
        | "uses_exhausted"
        | "identity_uses_exhausted"
        | "period_uses_exhausted"
        | "period_identity_uses_exhausted"
        | "pool_exhausted"
        | "pool_identity_uses_exhausted"
        | "budget_exhausted"
        | "pool_budget_exhausted";
      /** What an anonymous buyer may be told. */
      public_reason: "used_up" | "not_accepted";
      /**
       * The key of the counter that leaves too little; of several, the one that leaves least. Null if no counter is
       * involved.
       */
      counter: string;
      /**
       * The counter's limit, or the bound that the order breaks (such as `min_tickets`), in uses, tickets or minor
       * units. Null if there is neither.
       */
      limit: number;
      /**
       * What was used of the counter before this code, or what the order has (such as its number of tickets), in uses,
       * tickets or minor units. Null if there is neither.
       */
      used: number;
      /**
       * What is left of the counter, in uses, tickets or minor units: `limit` less `used`, at least 0. Null if no
       * counter is involved.
       */
      remaining: number;
      /** A sentence in plain English for the organiser. */
      message: string;
      /**
       * The least change of the order that mends all that speaks against the code. Null if no single change does, or if
       * a buyer may not know it.
       */
      to_qualify: null;
    }
  | {
      /** The canonical code that the violation is about. Null if it is about the whole order, whatever the codes. */
      code: null;
      /** What speaks against the order, for the organiser. */
      reason: "free_tickets_exhausted" | "tickets_exhausted";
      /** What an anonymous buyer may be told. */
      public_reason: "used_up";
      /**
       * The key of the counter that leaves too little; of several, the one that leaves least. Null if no counter is
       * involved.
       */
      counter: string;
      /**
       * The counter's limit, or the bound that the order breaks (such as `min_tickets`), in uses, tickets or minor
       * units. Null if there is neither.
       */
      limit: number;
      /**
       * What was used of the counter before this code, or what the order has (such as its number of tickets), in uses,
       * tickets or minor units. Null if there is neither.
       */
      used: number;
      /**
       * What is left of the counter, in uses, tickets or minor units: `limit` less `used`, at least 0. Null if no
       * counter is involved.
       */
      remaining: number;
      /** A sentence in plain English for the organiser. */
      message: string;
      /**
       * The least change of the order that mends all that speaks against the code. Null if no single change does, or if
       * a buyer may not know it.
       */
      to_qualify: null;
    };

/** What speaks against an order. A code's violations are in this order. */
export type Reason =
  /** The order's id was confirmed before, with other contents. */
  | "already_confirmed"
  /** No promotion has the code. */
  | "unknown_code"
  /** The code cannot be used together with the other codes. */
  | "cannot_combine"
  /** The organiser switched the code off. */
  | "inactive"
  /** The code may not be used yet. */
  | "not_started"
  /** The code may no longer be used. */
  | "ended"
  /** It is none of the code's hours, or the policy has no zone. */
  | "outside_hours"
  /** The code is for other events. */
  | "wrong_event"
  /** The code is for orders in another currency. */
  | "wrong_currency"
  /** The code is for listed buyers, and the order names none of them. */
  | "not_eligible"
  /** The order has fewer tickets of the code's types than it asks for. */
  | "below_min_tickets"
  /** The order has more tickets of the code's types than it allows. */
  | "above_max_tickets"
  /** The order costs less before any discount than the code asks for. */
  | "below_min_subtotal"
  /** The order costs more before any discount than the code allows. */
  | "above_max_subtotal"
  /** The order has too few tickets of types that the code requires. */
  | "missing_tickets"
  /** The order has too many tickets of types that the code bounds. */
  | "surplus_tickets"
  /** The order's tickets of types that the code requires cost too little before any discount. */
  | "missing_subtotal"
  /** None of the order's tickets is of a type that the code is for. */
  | "wrong_ticket_type"
  /** The code would take nothing off. */
  | "nothing_to_discount"
  /** There is a limit per person, and the order names nobody. */
  | "identity_required"
  /** Too few uses of the code are left. */
  | "uses_exhausted"
  /** Too few uses of the code are left for this person. */
  | "identity_uses_exhausted"
  /** Too few uses of the code are left in this day, week or month. */
  | "period_uses_exhausted"
  /** Too few uses of the code are left in this day, week or month for this person. */
  | "period_identity_uses_exhausted"
  /** Too few uses of one of the code's pools are left. */
  | "pool_exhausted"
  /** Too few uses of one of the code's pools are left for this person. */
  | "pool_identity_uses_exhausted"
  /** Too little of the code's budget is left. */
  | "budget_exhausted"
  /** Too little of the budget of one of the code's pools is left. */
  | "pool_budget_exhausted"
  /** The order has tickets of types that need a code, and no code that is applied unlocks them. */
  | "locked_ticket_type"
  /** Too few free tickets are left for this person at the event. */
  | "free_tickets_exhausted"
  /** Too few tickets are left for this person at the event. */
  | "tickets_exhausted"
  /** The order would cost more than the buyer has agreed to pay. */
  | "price_changed";

/** What an anonymous buyer may be told, so that guessing codes teaches nothing. */
export type PublicReason =
  /**
   * The code is not accepted: it does not exist, or it is not for this buyer, event or time. Without a code: the order
   * has tickets that are sold only with one.
   */
  | "not_accepted"
  /** Too little is left, of the code or for this person. */
  | "used_up"
  /** The code does not apply to this order, or this order can no longer be changed. */
  | "order_not_eligible"
  /** There is a limit per person, and the buyer has to say who buys. */
  | "identity_required"
  /** The order would cost more than the buyer has agreed to pay. */
  | "price_changed";

/**
 * The least change of the order that mends everything that speaks against the code. What is left of a limit plays no
 * part.
 */
export type ToQualify = AddTickets | RemoveTickets | AddSubtotal | RemoveSubtotal;
/** The order needs more tickets. */
export interface AddTickets {
  /** The ticket types that count. Absent where every type counts. */
  of?: string[];
  /** How many tickets more, at least. */
  add_tickets: number;
}
/** The order needs fewer tickets, whichever of them the buyer removes. */
export interface RemoveTickets {
  /** The ticket types that count and that the order holds. Absent where every type counts. */
  of?: string[];
  /** How many tickets fewer, at least. */
  remove_tickets: number;
}
/** The order needs a larger subtotal. */
export interface AddSubtotal {
  /** The ticket types that count. Absent where every type counts. */
  of?: string[];
  /** How much more before any discount, at least, in minor units. */
  add_subtotal: number;
}
/** The order needs a smaller subtotal, whichever tickets the buyer removes for it. */
export interface RemoveSubtotal {
  /** The ticket types that count and that the order holds. Absent where every type counts. */
  of?: string[];
  /** How much less before any discount, at least, in minor units. */
  remove_subtotal: number;
}

/** One guarded operation of the plan. If one fails, the host rolls all of them back, reads again and asks again. */
export type Op = InsertOp | UpdateOp | AddOp;
/** Stores a new record. It fails if there is a record with this id. */
export interface InsertOp {
  op: "insert";
  /** The record. */
  redemption: Redemption;
}
/** Replaces a record. It fails unless the stored revision is still `revision`. */
export interface UpdateOp {
  op: "update";
  /** The record's id. */
  id: string;
  /** The revision that was read. */
  revision: number;
  /** The record that replaces it. */
  redemption: Redemption;
}
/**
 * Adds `by` to a counter; a counter that does not exist is 0. If `by` is positive, the operation fails unless the sum
 * is at most `at_most`. If `by` is negative, the counter stops at 0, and the operation never fails.
 */
export interface AddOp {
  op: "add";
  /** The counter's key. */
  key: string;
  /** How much is added, in uses, tickets or minor units: never 0. */
  by: number;
  /** The limit that guards a positive `by`, in uses, tickets or minor units. Null: the operation never fails. */
  at_most: number | null;
}

/** What the payment means for its order, whose the money is, and what the host commits. */
export type Confirmation =
  /** With violations only if the request was `over_limit`. */
  | {
      /** What the payment means for its order. */
      status: "confirmed";
      /** Whose the money is. This is final, unless the request was `dry`. */
      money: "kept";
      /** The limits that a late payment exceeds. */
      violations: LimitViolation[];
      /** The plan: what the host commits. Empty if the request was `dry`. */
      ops: Op[];
    }
  | {
      /** What the payment means for its order. */
      status: "late_payment_conflict";
      /** Whose the money is. This is final, unless the request was `dry`. */
      money: "returned";
      /** The limits that a late payment exceeds. */
      violations: LimitViolation[];
      /** The plan: what the host commits. Empty if the request was `dry`. */
      ops: Op[];
    }
  /** With operations only for the first payment that is reported for a record of schema 1. */
  | {
      /** What the payment means for its order. */
      status: "already_confirmed";
      /** Whose the money is. This is final, unless the request was `dry`. */
      money: "kept";
      /** The limits that a late payment exceeds. */
      violations: [];
      /** The plan: what the host commits. Empty if the request was `dry`. */
      ops: Op[];
    }
  | {
      /** What the payment means for its order. */
      status: "paid_twice" | "stale_payment" | "released";
      /** Whose the money is. This is final, unless the request was `dry`. */
      money: "returned";
      /** The limits that a late payment exceeds. */
      violations: [];
      /** The plan: what the host commits. Empty if the request was `dry`. */
      ops: Op[];
    }
  | {
      /** What the payment means for its order. */
      status: "already_returned" | "too_many_payments";
      /** Whose the money is. This is final, unless the request was `dry`. */
      money: "returned";
      /** The limits that a late payment exceeds. */
      violations: [];
      /** The plan: what the host commits. Empty if the request was `dry`. */
      ops: [];
    };

/** What a payment means for its order. */
export type ConfirmStatus =
  /** The payment pays for the order, which is now confirmed. */
  | "confirmed"
  /** The payment was reported before, and its money was kept. */
  | "already_confirmed"
  /** The payment was reported before, and its money went back. */
  | "already_returned"
  /** The order was paid by another payment, or is free. */
  | "paid_twice"
  /** The payment's total or currency is not the order's, for example because the order was amended since. */
  | "stale_payment"
  /** The hold had lapsed, and others have taken what it held: with this order, a limit would be exceeded. */
  | "late_payment_conflict"
  /** The tickets were released for another reason than a lapsed hold, or after they were paid. */
  | "released"
  /** The record remembers 100 payments already, and takes no more. */
  | "too_many_payments";

/** Which tickets were released, what was paid for them, and what the host commits. */
export type ReleaseAnswer =
  | {
      /** Whether anything was released. */
      status: "released";
      /** The tickets that this release released, by index. */
      tickets: number[];
      /**
       * What was paid for these tickets, in minor units. Whether the shop owes it depends on the reason: after a
       * dispute, the bank has paid it back already.
       */
      refundable: number;
      /** The plan: what the host commits. */
      ops: Op[];
    }
  | {
      /** Whether anything was released. */
      status: "already_released";
      /** The tickets that this release released, by index. */
      tickets: number[];
      /**
       * What was paid for these tickets, in minor units. Whether the shop owes it depends on the reason: after a
       * dispute, the bank has paid it back already.
       */
      refundable: number;
      /** The plan: what the host commits. */
      ops: [];
    }
  | {
      /** Whether anything was released. */
      status: "already_confirmed";
      /** The tickets that this release released, by index. */
      tickets: [];
      /**
       * What was paid for these tickets, in minor units. Whether the shop owes it depends on the reason: after a
       * dispute, the bank has paid it back already.
       */
      refundable: 0;
      /** The plan: what the host commits. */
      ops: [];
    };

/** Whether anything was released. */
export type ReleaseStatus =
  /** At least one ticket was released. */
  | "released"
  /**
   * Nothing is released now: none of the named tickets was left, or a release with this id was answered before, and has
   * the same tickets and the same `refundable` as then.
   */
  | "already_released"
  /** The reason (`hold_expired` or `payment_failed`) ends holds only, and this order is confirmed. */
  | "already_confirmed";

/** Whether the tickets are exchanged, what is due or left over, and what the host commits. */
export interface ExchangeAnswer {
  /** Whether the tickets are exchanged. */
  status: ExchangeStatus;
  /** Whether the exchange was made before, and is answered from the new order's record. */
  replayed: boolean;
  /**
   * The price of the new order with every code applied. Unless the order is judged and accepted: the price without any
   * code.
   */
  quote: Quote;
  /** What each code does in the new order, in the order of application. */
  applied: Applied[];
  /**
   * The codes that were typed and the automatic promotions that take no part in the new order, each with the first
   * reason. It is for the host, and never for a buyer.
   */
  passed_over: PassedOver[];
  /** Everything that speaks against the new order. */
  violations: Violation[];
  /** The plan: what the host commits with its own rows. */
  ops: Op[];
  /** What is left over and paid back to the buyer, in minor units. */
  refundable: number;
  /** What the new order costs more than the tickets that go back, in minor units. */
  due: number;
  /** What is left over and not paid back, in minor units. */
  forgone: number;
  /** Whose the payment's money is. This is final. Null without a payment. */
  money: Money | null;
}

/** Whether tickets are exchanged. */
export type ExchangeStatus =
  /** The tickets are exchanged, now or when it was asked before. */
  | "accepted"
  /**
   * The new order would be accepted, and costs more than what goes back. The host has `due` authorised, and asks again
   * with the payment.
   */
  | "payment_due"
  /** The new order is rejected. */
  | "rejected"
  /** The new order is rejected, and the payment goes back. */
  | "exchange_refused"
  /** The payment is not of what is due, and goes back. */
  | "stale_payment"
  /** The tickets were exchanged before, and were paid: this further payment goes back. */
  | "paid_twice"
  /** The new order's id belongs to another order that is confirmed; or the payment pays for an order already. */
  | "already_confirmed"
  /** The payment was reported before, and its money went back. */
  | "already_returned"
  /** None of the tickets is left, or a release with the new order's id was made before. */
  | "already_released"
  /** The order whose tickets should go back was never confirmed. */
  | "not_confirmed"
  /** One of the two records remembers 100 payments already, and takes no more. */
  | "too_many_payments";

/** What the records say of the counters. */
export interface Audit {
  /**
   * By key, what each counter that the records charge must be, in uses, tickets or minor units; 0 where all was given
   * back. A counter that no record charges is missing here, and must be 0.
   */
  counters: { [key: string]: number };
}

/** The forms of a code. */
export interface CodeForms {
  /** What is looked up, counted and recorded. Empty if nothing was typed. */
  canonical: string;
  /**
   * The canonical form without white space, dashes, dots, underscores, apostrophes and quotation marks. It may be
   * empty.
   */
  loose: string;
}

/**
 * What a browser may know. With an order and the time, `codes`, `promos` and `policy` are a request of
 * `validateRedemption`, without `usage`.
 */
export interface PublicView {
  /**
   * The code in canonical form, if one was typed: that of the promotion, or of the text if the code is not accepted.
   */
  codes: string[];
  /**
   * The code's promotion, and those automatic promotions that may apply to an order in view, as far as a browser may
   * know them: their limits are what is left of the real limits. Empty if the code is not accepted, for whatever
   * reason.
   */
  promos: Promo[];
  /** The event's policy, whose limits are what is left for these identities. */
  policy: Policy;
  /** Whether the view decides an order exactly as the server does. If not, the page asks the server for the price. */
  complete: boolean;
  /**
   * When the first promotion of the view, its hours or a period of its limits end: then the page asks for another view.
   * Null if nothing ends. Other promotions may begin earlier; a view never tells when.
   */
  valid_until_ms: number | null;
}

/** What is wrong with the documents, and which promotions are sound. */
export interface PromosAnswer {
  /** Every fault, promotion by promotion, then the policy's; of one document at most 100. */
  faults: Fault[];
  /** The positions of the promotions without a fault: these can be sold together. */
  sound: number[];
}

/** Something wrong with a document. */
export interface Fault {
  /** The field, such as `promos[3].max_uses`. It may be a field that the document does not have. */
  path: string;
  /** The path as data: the fields and positions that lead to the field, such as `["promos", 3, "max_uses"]`. */
  at: (string | number)[];
  /** The kind of mistake. */
  code: ErrorCode;
  /** What was expected there: lower-case, no full stop. */
  message: string;
}

/** The kind of a mistake. */
export type ErrorCode =
  /** Anything malformed that has no code of its own. */
  | "invalid_request"
  /** A fault inside one of the promotions. */
  | "invalid_promo"
  /** Two promotions share a canonical code or an id. */
  | "duplicate_code"
  /** A sum leaves the range of an integer: it would be above 9 007 199 254 740 991. */
  | "amount_out_of_range";

/** Something that the organiser should look at. */
export interface Finding {
  /** The field to look at, such as `promos[0].max_uses`. It may be a field that the document does not have. */
  path: string;
  /** What is suspicious there. */
  problem: Problem;
  /** How bad the problem is. */
  severity: Severity;
  /** A sentence in plain English for the organiser. */
  message: string;
}

/** What is suspicious in a promotion or the policy. */
export type Problem =
  /** Tickets are free, and nothing limits how many, neither in all nor for each person. */
  | "free_without_limit"
  /**
   * Tickets are free, each order is one use, the uses are limited, and nothing bounds the tickets or the money of one
   * order.
   */
  | "free_whole_orders"
  /**
   * All tickets of an order together have one price (`order_price`), and neither `max_tickets` nor
   * `max_tickets_per_order` bounds how many.
   */
  | "order_price_without_bound"
  /**
   * Tickets are free beside those that `requires` asks for or that must be bought (`buy`), and nothing bounds how many
   * of them one order may have.
   */
  | "free_beside_required"
  /**
   * Tickets are free, and the only limit is one for each person; or they are free for listed buyers, without a limit
   * for each.
   */
  | "free_without_total"
  /** The code takes 90 percent or more off, and nothing limits how many tickets, neither in all nor for each person. */
  | "nearly_free_without_limit"
  /**
   * The code unlocks a locked ticket type for anybody, and nothing limits how many tickets, neither in all nor for each
   * person.
   */
  | "unlocks_without_limit"
  /**
   * The code makes tickets free, takes 50 percent or more off, or unlocks a locked ticket type, for anybody, and has at
   * most 3 characters or 4 digits: fewer than 100 000 such codes exist.
   */
  | "guessable_code"
  /** `email_aliases` is `exact`, and e-mail addresses are limited per person. */
  | "aliases_count_apart"
  /** `identity_kinds` is an empty list, and something is limited per person. */
  | "caps_count_nobody"
  /**
   * The code is limited per person, and `identity_kinds` leaves out a kind in `only_for` that tells persons apart, such
   * as `npub`.
   */
  | "caps_miss_listed"
  /**
   * The code is limited per person, and all buyers who share a value in `only_for`, such as a role, are counted as one
   * person: `identity_kinds` is null, or names this kind although `max_uses` is more than the listed persons can have.
   */
  | "shared_kind_counted"
  /** The promotion names several events and has no `id`: its own limits hold for each event, not for all together. */
  | "limit_per_event"
  /**
   * Each event has a database of its own (`sharded`), but an `id` is for several events or for any, or a pool is for
   * other events than in the promotion that names it first.
   */
  | "spans_databases"
  /** An earlier promotion, active or not, gives the pool another limit. */
  | "pool_limits_differ"
  /** No promotion gives the pool a limit. */
  | "pool_without_limit"
  /**
   * A limit that is never reached because another one is lower: uses per person above all uses, uses or money above
   * those of the pool, an order's money above the budget, a period's uses above all uses or those of a longer period, a
   * person's free tickets above all of the person's tickets.
   */
  | "limit_never_reached"
  /** A ticket type is in `locked_ticket_types`, and no promotion unlocks it. */
  | "locked_without_code"
  /** `unlocks` has a ticket type that is not in the policy's `locked_ticket_types`. */
  | "unlocks_nothing"
  /** `lifts` raises a limit that the policy does not have, or that is as high already. */
  | "lifts_nothing"
  /**
   * The document has an amount and no `currency`, and it has an `id`, names several events, or has other amounts by
   * currency.
   */
  | "amounts_without_currency"
  /**
   * An amount has no number for a currency that another amount of the promotion, or its `currency`, names. Orders in
   * this currency are refused.
   */
  | "currency_missing"
  /**
   * A currency, of the promotion or of an amount, has three letters that are not all capitals (`sat` may be small), is
   * a sign (`€`, `US$`), or has blanks around it; or an earlier one spells the same currency in another way (`SAT`,
   * `sats`).
   */
  | "currency_spelling"
  /**
   * An amount is above 0 and below one unit of its currency, such as 15 for 15 EUR. One unit is 100 minor units unless
   * ISO 4217 says otherwise. Amounts in `BTC` and `sat` are not looked at.
   */
  | "amount_below_one_unit"
  /** A percent is above 0 and below 1, such as 0.2, which may have been meant as a fifth. */
  | "percent_below_one"
  /** The amount that the code takes off is more than `max_discount` or a budget. */
  | "discount_above_limit"
  /**
   * An entry of `discounts` is for no ticket: it names no ticket type, or only types that an earlier entry names or
   * that `ticket_types` leaves out.
   */
  | "discount_never_applies"
  /** No order reaches the tier, or every order that `min_tickets` allows reaches the next one. */
  | "tier_never_applies"
  /**
   * A group has more tickets than an order, the code or a person may have, more of its tickets are discounted than
   * `max_tickets_per_order`, or `buy` names no ticket type.
   */
  | "group_never_forms"
  /**
   * The discount of a group stays on its discounted tickets (`spread`), so a buyer can give back the others and keep
   * what was free.
   */
  | "free_part_can_be_kept"
  /**
   * `events`, `ticket_types` or `only_for` is empty, everything that `events` or `ticket_types` lists is excluded, or
   * an entry of `requires` asks for tickets of no type.
   */
  | "admits_nobody"
  /** A limit or the largest subtotal is 0, or the amount that the code takes off is 0. */
  | "zero_refuses"
  /** The time window ends when it starts, or before. */
  | "empty_window"
  /** The code has `weekly` or `per_period`, and the policy has no `zone`. */
  | "without_zone"
  /**
   * A code has `weekly` or `per_period`, and the list of the policy's `zone` ends within a year after `now_ms`. A list
   * of one offset is not reported.
   */
  | "zone_ends_soon"
  /** None of the hours in `weekly` is between `starts_at_ms` and `ends_at_ms`, or no hours have a day. */
  | "hours_never_come"
  /** `min_tickets` is more than the code, a person or an order may have, or `min_subtotal` is above `max_subtotal`. */
  | "min_above_max"
  /**
   * An order that has what one part of the promotion asks for has too much for another: two entries of `requires`
   * exclude each other, or an entry excludes all tickets that the code is for.
   */
  | "requirements_contradict"
  /**
   * No facts meet all conditions of `only_if`: they ask for different values, or for different kinds of value, of one
   * fact.
   */
  | "facts_contradict"
  /**
   * A condition on the fact `orders_before` is for first orders only, and the promotion has no limit per person, or no
   * `id`: two orders at once are both the first.
   */
  | "first_order_without_limit"
  /** Each ticket is a use, `when_short` is `reject`, and `min_tickets` needs more uses at once than a limit allows. */
  | "min_above_limit"
  /** An e-mail address in `only_for` has no `@`. */
  | "email_without_at"
  /**
   * An e-mail address in `only_for` has a `*`, a blank, brackets or another sign that no address has, or a domain that
   * is none.
   */
  | "email_malformed"
  /**
   * The code differs from an earlier code only by white space, dashes, dots, underscores, apostrophes or quotation
   * marks.
   */
  | "same_loose_form"
  /**
   * The code differs from an earlier code only by characters that look alike: 0 and O; 1, I and L; 5 and S; 8 and B; or
   * letters of another script.
   */
  | "look_alike_codes"
  /** The code has a Cyrillic or Greek letter among Latin ones, or all its letters look like Latin ones. */
  | "look_alike_characters"
  /** The code makes tickets free and combines, and another code that combines may be applied after it. */
  | "combines_with_free"
  /** The code combines, and every other code that combines is in its `group`. */
  | "group_excludes_all"
  /**
   * An automatic promotion takes nothing off, and `choose` is `best`: of orders that cost the same, the one with fewer
   * promotions is best.
   */
  | "never_best"
  /**
   * The promotion is automatic and takes something off, and nothing limits how many tickets, neither in all nor for
   * each person. Free tickets are `free_without_limit`.
   */
  | "automatic_without_limit"
  /** The code has a `priority`, is not automatic, and does not combine. */
  | "priority_without_combines"
  /**
   * The code takes an amount off, and nothing limits how many tickets, neither in all nor for each person. An amount
   * off the order is reported only if no `min_subtotal` of the discounted tickets is above it.
   */
  | "amount_can_be_whole_price"
  /** The percent is below 100, but its rounding makes tickets for 10 minor units or more free. */
  | "rounds_to_free"
  /**
   * The code takes something off, and has `min_tickets` of 2 or more, a `min_subtotal`, an entry of `requires` with
   * such a bound, or tiers by volume. These are looked at only when the order is placed. An `amount_per_order` alone is
   * not reported: each ticket that comes back takes its share along.
   */
  | "keeps_group_price"
  /** A release rule says `restore` for `forfeited`, `no_show` or `disputed`. */
  | "gives_lost_uses_back"
  /** The code, in canonical form, has a character outside printable ASCII. */
  | "code_not_ascii"
  /** The time window has passed at `now_ms`. */
  | "ended";

/** How bad a problem is. */
export type Severity =
  /** Anybody can take seats for nothing, without end. */
  | "danger"
  /** The document does something else than it seems to say. */
  | "warning"
  /** The organiser may well mean it. */
  | "notice";

/**
 * What each rule says of an order, and what would get it accepted. It names promotions, limits and counters, so it is
 * for whoever runs the shop, and never for a buyer.
 */
export interface Explanation {
  /** Whether the order is accepted. */
  status: Status;
  /** Whether the order's record answers, so that no rule is asked. Then `promos` and `policy` are empty. */
  replayed: boolean;
  /** What the order costs, in minor units. Null if it is rejected. */
  total: number | null;
  /** Each code that was entered, in the order of entry, and then each automatic promotion for the event. */
  promos: ExplainedPromo[];
  /** What the policy says of the whole order. */
  policy: ExplainedRule[];
  /** Single changes, each of which gets the order accepted as it is otherwise. Empty if it is accepted. */
  fixes: Fix[];
  /** What speaks against the order and is mended by no fix, except by one that leaves its code out. */
  unfixed: Unfixed[];
  /** How many orders were decided for this answer: at most 32. */
  decisions: number;
  /** Whether every change that the rules' numbers suggest was tried. If not, there may be more fixes. */
  complete: boolean;
}

/** What each rule of one promotion says of the order. */
export interface ExplainedPromo {
  /** The promotion's canonical code; of an unknown code, what was typed, in canonical form. */
  code: string;
  /**
   * Whether the promotion is automatic, and its code was not entered. Its rules are then judged as if it were the only
   * one, at full prices.
   */
  automatic: boolean;
  /**
   * Why the promotion takes no part in the accepted order, though its rules may be met. Null if it takes part, or if
   * the order is rejected.
   */
  passed_over: PassedOverReason | null;
  /** Every rule, in the order in which violations are listed, and every counter that the code may charge. */
  rules: ExplainedRule[];
}

/** What one rule says of the order. */
export interface ExplainedRule {
  /** The reason of the violation, if the rule is broken. */
  reason: Reason;
  /** What the rule says. */
  outcome: Outcome;
  /** The key of the counter that the rule looks at. Null if it looks at none. */
  counter: string | null;
  /** The counter's limit, or the rule's bound, in uses, tickets, minor units or milliseconds. Null if there is none. */
  limit: number | null;
  /**
   * What is used of the counter before this order, or what the order has, in uses, tickets, minor units or
   * milliseconds. Null if there is neither.
   */
  used: number | null;
  /**
   * What is left of the counter, in uses, tickets or minor units: `limit` less `used`, at least 0. Null if there is no
   * limit or no counter.
   */
  remaining: number | null;
  /**
   * What the order needs of the counter, in uses, tickets or minor units. Null if enough is left, or no counter is
   * involved.
   */
  needed: number | null;
  /** A sentence in plain English. Null unless the rule is broken. */
  message: string | null;
}

/** What a rule says of an order. */
export type Outcome =
  /** The order meets the rule. */
  | "met"
  /** The order breaks the rule. */
  | "broken"
  /** The document does not have this rule: the condition or limit is not set. */
  | "not_asked"
  /** Another rule is broken, so this one was not looked at. */
  | "not_judged";

/** A single change of the order that was decided and accepted. One ticket or one millisecond less was rejected. */
export interface Fix {
  /** The change. */
  change: OrderChange;
  /** What the changed order costs, in minor units. */
  total: number;
}

/** A single change of the order. */
export type OrderChange =
  | LeaveOutCodeOrderChange
  | WaitUntilOrderChange
  | NameIdentityOrderChange
  | AddTicketsOrderChange
  | RemoveTicketsOrderChange;
/** A code is left out. */
export interface LeaveOutCodeOrderChange {
  kind: "leave_out_code";
  /** The code, as `promos` of the answer names it. */
  code: string;
}
/** The order is placed later. */
export interface WaitUntilOrderChange {
  kind: "wait_until";
  /** The first moment at which it is accepted, if nothing else is sold until then. */
  at_ms: number;
}
/** The buyer says who buys. It was tried with a listed person or one who has used nothing yet. */
export interface NameIdentityOrderChange {
  kind: "name_identity";
  /** The kind of identity, such as `email`. */
  identity: string;
}
/** Tickets are added to a line. */
export interface AddTicketsOrderChange {
  kind: "add_tickets";
  /** The index of the order's line. */
  line: number;
  /** How many tickets, at least. */
  tickets: number;
}
/** Tickets are taken out of a line. */
export interface RemoveTicketsOrderChange {
  kind: "remove_tickets";
  /** The index of the order's line. */
  line: number;
  /** How many tickets, at least. */
  tickets: number;
}

/** What no fix mends. */
export interface Unfixed {
  /** The code, as `promos` of the answer names it. Null for what speaks against the whole order. */
  code: string | null;
  /** What speaks against it. */
  reason: Reason;
}

/** What the records say of the codes. */
export interface Report {
  /**
   * A row for each code and currency and, if asked, each person; before them the rows of all orders, with or without
   * codes. They are sorted by code, currency and person, and null comes first.
   */
  rows: ReportRow[];
}

/** What one code was used for, or all orders together. */
export interface ReportRow {
  /**
   * The canonical code. Null: all orders, in which each ticket counts once, whatever its codes. A ticket with two codes
   * is in the rows of both, so the rows of the codes do not add up to this one.
   */
  code: string | null;
  /** The currency of the amounts. */
  currency: string;
  /** Who bought, as `kind:value` in canonical form. Null is everybody together. */
  person: string | null;
  /** What is held: orders that are not paid yet. */
  held: Figures;
  /** What is confirmed: orders that are paid, or cost nothing. */
  confirmed: Figures;
  /** What was released: tickets that came back, and orders of which no ticket is left. */
  released: Figures;
}

/** Orders, tickets, uses and money in one state. */
export interface Figures {
  /** How many orders are in this state. An order of which some tickets came back is still held or confirmed. */
  orders: number;
  /** How many tickets are in this state. */
  tickets: number;
  /**
   * How many uses: `held` and `confirmed` are still taken, `released` were given back. A use that a release kept is
   * still taken.
   */
  uses: number;
  /** What the tickets cost before any discount, in minor units. */
  list: number;
  /** What was taken off: by the code; in a row of all orders by all codes. In minor units. */
  discount: number;
  /** What is payable for the tickets, in minor units: `list` less what all of their codes took off. */
  paid: number;
}

/** What changes for the next buyers. Whoever holds a ticket keeps it, its price and its terms. */
export interface Simulation {
  /** Each limit that changes, or that another counter then counts. */
  limits: LimitChange[];
  /** Each other field that changes, in the order of the document. */
  changes: FieldChange[];
}

/** A limit that changes, or that another counter then counts. */
export interface LimitChange {
  /** Which limit it is. For a pool, the counter's key says which pool; for a limit per person, the message does. */
  limit: LimitName;
  /** How the limit stands now. Null for a pool that the stored document does not name. */
  before: Standing | null;
  /** How the limit would stand. Null for a pool that the new document does not name. */
  after: Standing | null;
  /** A sentence in plain English for the organiser. */
  message: string;
}

/** A limit of a promotion. */
export type LimitName =
  /** The uses of all buyers. */
  | "max_uses"
  /** The uses of each person. */
  | "max_uses_per_identity"
  /** The uses of all buyers in one day. */
  | "max_uses_per_day"
  /** The uses of each person in one day. */
  | "max_uses_per_identity_per_day"
  /** The uses of all buyers in one week. */
  | "max_uses_per_week"
  /** The uses of each person in one week. */
  | "max_uses_per_identity_per_week"
  /** The uses of all buyers in one month. */
  | "max_uses_per_month"
  /** The uses of each person in one month. */
  | "max_uses_per_identity_per_month"
  /** The money that the code takes off. */
  | "budget"
  /** The uses of a pool. */
  | "pool_max_uses"
  /** The uses of a pool by each person. */
  | "pool_max_uses_per_identity"
  /** The money that the codes of a pool take off. */
  | "pool_budget";

/** How a limit stands. Each person and each period has a counter, so of a limit for each only `limit` is given. */
export interface Standing {
  /** The counter's key. Null for a limit per person or per period. */
  counter: string | null;
  /** How much may be used, in uses or minor units. Null is no limit. */
  limit: number | null;
  /** How much is used, in uses or minor units. Null for a limit per person or per period. */
  used: number | null;
  /** How much is left, in uses or minor units. Null is no limit, or a limit per person or per period. */
  left: number | null;
}

/** A field of the document that changes. */
export interface FieldChange {
  /** The field's name. */
  field: string;
  /** A sentence in plain English for the organiser. */
  message: string;
}

/** New codes. */
export interface GeneratedCodes {
  /** The codes in canonical form, all different. */
  codes: string[];
  /** How many bits somebody who guesses a code must get right: those of the random characters, rounded down. */
  bits: number;
}

/** The error of a malformed request. What speaks against a well-formed request is a violation in the answer instead. */
export interface RedeemableError extends Error {
  /** Which kind of mistake it is. */
  code: ErrorCode;
  /** The caller's field, such as `order.lines[0].quantity`. Empty for the request itself. */
  path: string;
  /** The path as data: the fields and positions that lead to the field, such as `["order", "lines", 0]`. */
  at: (string | number)[];
}

/** What one code did to the order, as the record has it. */
export interface NotedApplied {
  /** The canonical code. */
  code: string;
  /** How many tickets the code discounts; if its discount is of kind `none`, how many it counts. */
  tickets: number;
  /** How many uses the code took. */
  uses: number;
  /** What the code took off the order, in minor units. */
  discount: number;
  /** Whether too little was left, and the order got what was left because `when_short` is `partial`. */
  partial: boolean;
  /** How many uses are left after the order; of several limits, the one that leaves least. Null is no limit. */
  remaining?: number | null;
}
