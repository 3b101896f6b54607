// The TypeScript face, written from the contract and pinned by tests/js: a field that the engine knows and this file does not (or the reverse) fails there.
// Amounts are whole minor units of the currency (1 cent, 1 sat); names ending in `_ms` are milliseconds since the Unix epoch; null and absent mean the same.

/** How half a minor unit is rounded: away from 0, to the even one, always down, always up. */
export type Rounding = "half_up" | "half_even" | "down" | "up";
/** Why tickets come back; the first two end holds only, and leave a confirmed redemption as it is. */
export type ReleaseReason =
  | "hold_expired" | "payment_failed" | "buyer_released" | "organizer_cancelled" | "refunded" | "exchanged" | "forfeited" | "no_show" | "disputed";

/** What one release reason gives back. Left out: `buyer_released`, `organizer_cancelled`, `refunded` and `exchanged` restore, `forfeited`, `no_show` and `disputed` keep. */
export interface ReleaseRule {
  /** For uses, pools and spend; `identity` for the counters per identity. */
  uses?: "restore" | "keep" | null;
  /** For the counters per identity. */
  identity?: "restore" | "keep" | null;
  /** From this time on the reason gives nothing back. */
  until_ms?: number | null;
}
/** `hold_expired` and `payment_failed` always give back and take no rule. */
export type ReleaseRules = { [reason in Exclude<ReleaseReason, "hold_expired" | "payment_failed">]?: ReleaseRule | null };

/** What a code takes off, by kind. */
export type Discount =
  /** 0 to 100, at most 4 decimals. */
  | { kind: "percent"; percent: number }
  | { kind: "amount_per_ticket"; amount: number }
  | { kind: "amount_per_order"; amount: number }
  | { kind: "fixed_price"; price: number }
  | { kind: "free" }
  /** Counted, takes nothing off. */
  | { kind: "none" };

/** A limit shared with every other code that names the same pool. */
export interface Pool {
  /** 1 to 256 characters, compared as spelt. */
  id: string;
  /** Uses over all its codes and buyers; null is no limit. */
  max_uses?: number | null;
  /** At most so much off over all orders, per currency. */
  budget?: number | null;
}

/** What the organiser wrote about a code; it never contains counts. */
export type Promo = PromoTerms & (
  | { discount: Discount; discount_percent?: null }
  | { discount?: null; /** 0 to 100, at most 4 decimals. */ discount_percent: number }
);
/** The fields of a promotion beside its discount. Amounts are in minor units, times in milliseconds. */
export interface PromoTerms {
  /** What the buyer types; compared without invisible characters and surrounding white space, in upper case. */
  code: string;
  /** With it, the count survives renaming and spans events. */
  id?: string | null;
  /** Default true. */
  active?: boolean | null;
  /** With it, an order in another currency is refused. */
  currency?: string | null;
  /** Default `ticket`; `order` for the kind `amount_per_order`. */
  count_by?: "ticket" | "order" | null;
  /** Uses over all buyers; null is no limit. */
  max_uses?: number | null;
  /** The same as `max_uses: 1`. */
  single_use?: boolean | null;
  /** Uses per person: each capped identity of the order; null is no limit. */
  max_uses_per_identity?: number | null;
  /** At most so many tickets of one order get the discount. */
  max_tickets_per_order?: number | null;
  /** Off one order. */
  max_discount?: number | null;
  /** At most so much off over all orders, per currency. */
  budget?: number | null;
  /** At most 100, each once. */
  pools?: Pool[] | null;
  /** When fewer uses or less budget remain than needed; default `reject`. */
  when_short?: "reject" | "partial" | null;
  /** Valid from `starts_at_ms` until just before `ends_at_ms`. */
  starts_at_ms?: number | null;
  /** The first moment at which it is no longer valid. */
  ends_at_ms?: number | null;
  /** Null is any, an empty list admits none; the same for `ticket_types`. */
  events?: string[] | null;
  /** Null is any, an empty list admits none; tickets of others are out of its scope. */
  ticket_types?: string[] | null;
  /** Least number of tickets in its scope in the order. */
  min_tickets?: number | null;
  /** Largest number of tickets in its scope in the order. */
  max_tickets?: number | null;
  /** Least subtotal of the whole order before any discount. */
  min_subtotal?: number | null;
  /** By kind of identity, who may use the code; `@example.org` admits a domain. */
  only_for?: { [kind: string]: string[] | null } | null;
  /** May be used together with other codes that combine too; default false. */
  combines?: boolean | null;
  /** Higher is applied first; 0 to 1000, default 0. */
  priority?: number | null;
  /** Of the payable price of one ticket under a percent; default `half_up`. */
  rounding?: Rounding | null;
  /** By reason, what a release gives back; the terms of the moment of the sale hold. */
  release?: ReleaseRules | null;
}

/** What the event says, whatever the code. */
export interface Policy {
  /** Tickets with a payable price of 0 that one person may have at the event, for whatever reason they are free. */
  max_free_tickets_per_identity?: number | null;
  /** Tickets that one person may have at the event. */
  max_tickets_per_identity?: number | null;
  /** The kinds of identity that caps hold for; null is every kind. */
  identity_kinds?: string[] | null;
  /** Default `fold`: tags and Gmail's dots make no new person. */
  email_aliases?: "fold" | "exact" | null;
  /** For the policy's own counters, and for codes whose promotion has no rule for the reason. */
  release?: ReleaseRules | null;
  /** How long an unpaid order holds at most after it was first accepted, in milliseconds: 60 000 (a minute) to 31 622 400 000 (366 days); default 172 800 000 (48 hours). */
  max_hold_ms?: number | null;
}

/** `quantity` is from 1, with at most 1000 tickets in one order, and 100 000 over all that it is charged to: 1000 tickets with 100 counters. */
export interface Line {
  /** Null is a type in no list. */
  ticket_type?: string | null;
  /** Of one ticket before any discount, in minor units. */
  unit_price: number;
  /** From 1. */
  quantity: number;
}

/** What one buyer wants. */
export interface Order {
  /** The idempotency key; null is a preview, answered without a plan. */
  id?: string | null;
  /** 1 to 256 characters. */
  event_id: string;
  /** 1 to 16 characters, compared as spelt; every amount is in its minor unit. */
  currency: string;
  /** 1 to 100. */
  lines: Line[];
  /** By kind (`email`, `npub`, `account` …), who buys. */
  identities?: { [kind: string]: string | null } | null;
  /** When an unpaid hold lapses, at the latest: the policy's `max_hold_ms` may be earlier. Required where a hold would be recorded. */
  hold_until_ms?: number | null;
}

/** What the host read from its two tables. */
export interface Usage {
  /** By counter key; a key that is not there counts 0. */
  counters?: { [key: string]: number | null } | null;
  /** Holds past their expiry, to be released by this plan. */
  lapsed?: StoredRedemption[] | null;
  /** The stored redemption with the order's id. */
  existing?: StoredRedemption | null;
}

/** `codes` are what the buyer typed, 0 to 16. */
export interface ValidateRequest {
  /** As typed: at most 16, in any case, blank ones ignored. */
  codes: string[];
  /** The organiser's; those that no code names are ignored, once they are well-formed. */
  promos: Promo[];
  /** The event's. */
  policy?: Policy | null;
  /** Without an id it is a preview. */
  order: Order;
  /** The counters that `usageKeys` names, and the record with the order's id. */
  usage?: Usage | null;
  /** The time of the decision. */
  now_ms: number;
}
/** What `PreparedRules` are made of. */
export type PrepareRequest = {
  /** What the event says, whatever the code; its faults are never left out. */
  policy?: Policy | null;
} & (
  /** The organiser's documents; one that is not sound is an error. */
  | { promos: Promo[]; unsound?: "refuse" | null }
  /** Those that are not sound, as `validatePromos` says, are left out: to a buyer their codes are unknown, and the others are sold. */
  | { promos: readonly unknown[]; unsound: "leave_out" }
);
/** What is asked of `PreparedRules`: a request without what they hold. */
export type PreparedRequest = Omit<ValidateRequest, "promos" | "policy">;
/** The same for `PreparedRules.usageKeys`; `usage` and `now_ms` play no part. */
export type PreparedKeysRequest = Omit<PreparedRequest, "now_ms"> & { now_ms?: number | null };
/** As for `validateRedemption`; `usage` and `now_ms` play no part. */
export type UsageKeysRequest = Omit<ValidateRequest, "now_ms"> & { now_ms?: number | null };
/** At most one code, and an order without an id, of which the quantities play no part. */
export interface ViewRequest extends ValidateRequest {
  /** The largest order, in tickets, that the view can price: 1 to 1000, default 10. */
  reveal_up_to?: number | null;
}
/** How many codes, and how hard to guess. */
export interface GenerateRequest {
  /** 1 to 10000. */
  count: number;
  /** The least number of bits that a guess has to hit: 40 to 128, default 50, which are 12 characters. */
  bits?: number | null;
  /** Random bytes in hexadecimal, never used before: 16, and 2 for each random character of each code. */
  entropy: string;
  /** What each code begins with. */
  prefix?: string | null;
  /** Whether each code ends in a character that shows a mistyped one; default false. */
  check_character?: boolean | null;
  /** Codes that exist already, in any spelling. */
  existing?: string[] | null;
}
/** Payment arrived for a stored redemption. */
export interface ConfirmRequest {
  /** As it is stored. */
  redemption: StoredRedemption;
  /** What was paid. */
  payment: PaymentReport;
  /** The counters of its charges; needed only where it was released as `hold_expired`. */
  usage?: Usage | null;
  /** When the payment arrived. */
  now_ms: number;
  /** Confirms a late payment although a limit is exceeded; default false. */
  over_limit?: boolean | null;
  /** Only asks: the answer as usual, with nothing to commit and nothing noted; default false. */
  dry?: boolean | null;
}
/** A payment, as the host reports it. */
export interface PaymentReport {
  /** Its own (hash, intent, charge), never the order's: 1 to 256 characters. */
  id: string;
  /** What was paid, in minor units; null skips the check. */
  total?: number | null;
  /** Required unless the total is null; compared without regard to ASCII case. */
  currency?: string | null;
}
/** Whose a payment's money is: the order's, or it goes back. Final, however often the payment is reported. */
export type Money = "kept" | "returned";
/** Tickets of a stored redemption come back. */
export interface ReleaseRequest {
  /** As it is stored. */
  redemption: StoredRedemption;
  /** `tickets` by index; null is all that are left. */
  release: { /** Its own, by which an answer that was lost can be asked for again. */ id?: string | null; reason: ReleaseReason; tickets?: number[] | null };
  /** When they came back. */
  now_ms: number;
}

/** The records of a scope, or a share of them: the sums of shares may be added up. */
export interface AuditRequest {
  /** Each id once. */
  redemptions: StoredRedemption[];
}

/** What somebody typed. */
export interface CodeRequest {
  /** The code as it was typed, or as the organiser wrote it. */
  text: string;
}

/** Documents as they were written, whatever they are. */
export interface PromosRequest {
  /** All that are sold together: they are compared with each other. */
  promos: readonly unknown[];
  /** What the event says. */
  policy?: unknown;
}

/** All promotions that are sold under one policy: they are compared with each other. */
export interface CheckRequest {
  /** As they are stored. */
  promos: Promo[];
  /** What the event says. */
  policy?: Policy | null;
  /** The present instant; without it nothing is said of what has passed. */
  now_ms?: number | null;
  /** Whether each event has a database of its own, so that nothing is counted over several events. By default false. */
  sharded?: boolean | null;
}

/** A promotion as it is stored, and as it would be. */
export interface SimulateRequest {
  /** The stored document. */
  promo: Promo;
  /** The whole document that would replace it. */
  change: Promo;
  /** By counter key, what is used; a key that is not there counts 0. */
  counters?: { [key: string]: number | null } | null;
  /** The event that is asked about; required where one of the documents has no `id`. */
  event_id?: string | null;
  /** The currency of the budgets; required where a document with a budget names none. */
  currency?: string | null;
}

/** The record that the host stores as it is. */
export type Redemption = RedemptionFields & RedemptionState;
type RedemptionState =
  | { state: "held"; expires_at_ms: number; confirmed_at_ms: null }
  | { state: "confirmed"; expires_at_ms: null; confirmed_at_ms: number }
  | { state: "released"; expires_at_ms: null; confirmed_at_ms: number | null };
/** A record as the host has stored it: those of schema 1, which remembers neither payments nor releases, are read, too. */
export type StoredRedemption = Omit<RedemptionFields, "schema" | "payments" | "releases"> & RedemptionState & {
  schema: 1 | 2;
  /** None in a record of schema 1. */
  payments?: NotedPayment[] | null;
  /** None in a record of schema 1. */
  releases?: NotedRelease[] | null;
};
/** The fields of a redemption in every state. */
export interface RedemptionFields {
  /** The version of this document. */
  schema: 2;
  /** The order's. */
  id: string;
  /** 1 at first, one more with each update. */
  revision: number;
  /** The order's. */
  event_id: string;
  /** Of every amount in it. */
  currency: string;
  /** As entered, canonical, each once. */
  codes: string[];
  /** `kind:value`, canonical, by kind. */
  identities: string[];
  /** Each ticket of the order, released ones too. */
  tickets: Ticket[];
  /** What each code did, in the order of application. */
  applied: Applied[];
  /** What it added to which counter, and when that is given back. */
  charges: Charge[];
  /** When the order was accepted; an amendment keeps it. */
  created_at_ms: number;
  /** Every payment that was reported for it; at most 100. */
  payments: NotedPayment[];
  /** The releases that had an id; at most 1000. */
  releases: NotedRelease[];
}
/** A payment that was reported, and whose its money is. */
export interface NotedPayment {
  /** Its own. */
  id: string;
  /** In minor units; null was not checked. */
  total: number | null;
  /** As it was reported. */
  currency: string | null;
  /** Whose its money is. */
  outcome: Money;
  /** When it was reported first. */
  at_ms: number;
}
/** A release that had an id, and its answer. */
export interface NotedRelease {
  /** Its own. */
  id: string;
  /** Why. */
  reason: ReleaseReason;
  /** That it released, by index. */
  tickets: number[];
  /** What was paid for them, in minor units. Whether it is owed, the reason says. */
  refundable: number;
  /** When. */
  at_ms: number;
}
/** One ticket of a redemption; `price` is what is paid for it. */
export interface Ticket {
  /** The index of its line in the order. */
  line: number;
  /** The line's. */
  ticket_type: string | null;
  /** Before any discount, in minor units. */
  unit_price: number;
  /** Payable, in minor units. */
  price: number;
  /** Those that discount it, in the order of application. */
  codes: string[];
  /** Null while the buyer has it. */
  released: { reason: ReleaseReason; at_ms: number } | null;
}
/** What one redemption added to a counter; the reasons in `back` give it back, each before its time. */
export interface Charge {
  /** The counter's. */
  key: string;
  /** Null for the policy's counters. */
  code: string | null;
  /** At the time. */
  limit: number | null;
  /** How much was added: uses, tickets, or money in minor units. */
  amount: number;
  /** The indexes of the tickets charged for. */
  tickets: number[];
  /** The amount per ticket: a list for money, a number for uses, null when charged once for the order. */
  each: number | number[] | null;
  /** The reasons that give it back, each before its time (null: always); null is the table: all but `forfeited`, `no_show` and `disputed`, always. */
  back: { reason: ReleaseReason; until_ms: number | null }[] | null;
}
/** What a code did to the order. */
export interface Applied {
  /** Canonical. */
  code: string;
  /** How many tickets it discounts; of kind `none`, marks. */
  tickets: number;
  /** How many uses it took. */
  uses: number;
  /** What it took off the order, in minor units. */
  discount: number;
  /** Whether `when_short` cut anything. */
  partial: boolean;
  /** The least uses left after the order. */
  remaining: number | null;
}

/** The price of the order; amounts in minor units of `currency`. */
export interface Quote {
  /** The order's. */
  currency: string;
  /** Before any discount. */
  subtotal: number;
  /** What all codes take off together. */
  discount: number;
  /** What is to be paid: `subtotal` less `discount`. */
  total: number;
  /** `none` exactly when the total is 0. */
  payment: "required" | "none";
  /** Each ticket, in the order of the lines. */
  tickets: QuotedTicket[];
}
/** One ticket of the order, priced in minor units. */
export interface QuotedTicket {
  /** The index of its line in the order. */
  line: number;
  /** The line's. */
  ticket_type: string | null;
  /** Before any discount. */
  unit_price: number;
  /** What the codes take off it. */
  discount: number;
  /** What is payable for it. */
  price: number;
  /** Those that discount it, in the order of application. */
  codes: string[];
}

/** What an anonymous buyer may be told of a code: guessing learns nothing from `not_accepted`. */
export type PublicReason = "not_accepted" | "used_up" | "order_not_eligible" | "identity_required";
/** Why an order was refused; `message` is plain English for the organiser, `public_reason` is for the buyer. */
export type Violation = OrderViolation | CodeViolation | TypeViolation | BoundViolation | IdentityViolation | LimitViolation;
interface NoFigures { counter: null; limit: null; used: null; remaining: null; message: string; to_qualify: null }
/** The order's own: its id was confirmed before, with other contents. */
export type OrderViolation = NoFigures & { code: null; reason: "already_confirmed"; public_reason: "order_not_eligible" };
/** A code that does not fit, without figures; `code` is canonical. */
export type CodeViolation = NoFigures & { code: string } & (
  | { reason: "unknown_code" | "inactive" | "not_started" | "ended" | "wrong_event" | "not_eligible"; public_reason: "not_accepted" }
  | { reason: "cannot_combine" | "wrong_currency" | "nothing_to_discount"; public_reason: "order_not_eligible" | "not_accepted" }
);
/** None of the order's tickets is of the types that the code is for; `code` is canonical, `to_qualify` a ticket of one of them. */
export type TypeViolation = Omit<NoFigures, "to_qualify"> & { code: string; reason: "wrong_ticket_type"; public_reason: "order_not_eligible" | "not_accepted"; to_qualify: ToQualify | null };
/** `limit` is the bound, `used` the order's figure (tickets, or minor units), `to_qualify` what is missing or too much; `message` is plain English for the organiser. */
export interface BoundViolation {
  /** Canonical. */
  code: string;
  /** Which bound the order does not keep. */
  reason: "below_min_tickets" | "above_max_tickets" | "below_min_subtotal";
  public_reason: "order_not_eligible" | "not_accepted";
  counter: null; limit: number; used: number; remaining: null; message: string; to_qualify: ToQualify | null;
}
/**
 * The least change of the order that mends all that speaks against the code, where one does and a buyer may know it. `of` are the ticket types that count,
 * absent where all do; of `remove_tickets` those that the order holds. A subtotal is in minor units, before any discount. What is left of a limit plays no part.
 */
export type ToQualify = { of?: string[]; add_tickets: number } | { of?: string[]; remove_tickets: number } | { add_subtotal: number };
/** `limit` is the cap; `code` is null for the policy's; `message` is plain English for the organiser. */
export interface IdentityViolation {
  code: string | null;
  /** A limit per person, and nobody is named. */
  reason: "identity_required";
  public_reason: "identity_required" | "not_accepted";
  counter: null; limit: number; used: null; remaining: null; message: string; to_qualify: null;
}
/** `counter` is the key of the one that leaves least, `limit` its limit, `used` what was used before this code, `remaining` max(0, limit − used), in uses, tickets or minor units; `message` is plain English for the organiser. */
export type LimitViolation = { counter: string; limit: number; used: number; remaining: number; message: string; to_qualify: null } & (
  | { code: string; reason: "uses_exhausted" | "identity_uses_exhausted" | "pool_exhausted" | "budget_exhausted" | "pool_budget_exhausted"; public_reason: "used_up" | "not_accepted" }
  | { code: null; reason: "free_tickets_exhausted" | "tickets_exhausted"; public_reason: "used_up" }
);
/** Every reason for which an order is refused. */
export type Reason = Violation["reason"];

/** One guarded operation of the plan, run in order in one transaction. */
export type Op =
  /** Fails if the id exists. */
  | { op: "insert"; redemption: Redemption }
  /** Replaces the record whose revision is still `revision`; fails if there is none. */
  | { op: "update"; id: string; revision: number; redemption: Redemption }
  /** Above 0: only while the result is at most `at_most` (null: unguarded). Below 0: down to 0 at least, never fails. */
  | { op: "add"; key: string; by: number; at_most: number | null };

/** The answer of `validateRedemption`. */
export type Decision = AcceptedDecision | RejectedDecision;
/** The order may be had: commit `ops` with your own rows. */
export interface AcceptedDecision {
  status: "accepted";
  /** True: the order was accepted before, and is answered from its record. */
  replayed: boolean;
  /** With every code applied. */
  quote: Quote;
  /** What each code did, in the order of application. */
  applied: Applied[];
  violations: [];
  /** The plan; empty for a preview and mostly for a replay. */
  ops: Op[];
}
/** The order may not be had; nothing is to be committed. */
export interface RejectedDecision {
  status: "rejected";
  replayed: false;
  /** The order without any code. */
  quote: Quote;
  applied: [];
  /** Everything that speaks against it, at least one. */
  violations: Violation[];
  ops: [];
}
/** The answer of `confirmRedemption`: whose the money is, and what to commit. Its violations say what a late payment exceeds. With `dry` the plan is empty. */
export type Confirmation =
  /** With violations only after `over_limit`. */
  | { status: "confirmed"; money: "kept"; violations: LimitViolation[]; ops: Op[] }
  | { status: "late_payment_conflict"; money: "returned"; violations: LimitViolation[]; ops: Op[] }
  /** Kept before; with operations only for the first payment that is reported for a record of schema 1. */
  | { status: "already_confirmed"; money: "kept"; violations: []; ops: Op[] }
  /** By another payment, or free; for an order that was amended since; for one that is over. */
  | { status: "paid_twice" | "stale_payment" | "released"; money: "returned"; violations: []; ops: Op[] }
  | { status: "already_returned" | "too_many_payments"; money: "returned"; violations: []; ops: [] };
/** The answer of `applyRelease`: which tickets this call released, by index, and what was paid for them, in minor units. Whether it is owed, the reason says: of a dispute, the bank has paid it back. */
export type ReleaseAnswer =
  | { status: "released"; /** By index. */ tickets: number[]; refundable: number; ops: Op[] }
  /** Nothing was left; or this release's id is known, and it is answered as it was. */
  | { status: "already_released"; tickets: number[]; refundable: number; ops: [] }
  | { status: "already_confirmed"; tickets: []; refundable: 0; ops: [] };

/** What each counter that the records charge must be; 0 where all was given back. */
export interface Audit {
  /** By key, 0 where all was given back; a counter that no record charges is not in it, and must be 0. */
  counters: { [key: string]: number };
}

/** The forms of a code. */
export interface CodeForms {
  /** What is looked up, counted and recorded; empty if nothing was typed. */
  canonical: string;
  /** The same without white space, dashes, dots, underscores, apostrophes and quotation marks; may be empty. */
  loose: string;
}

/** What `validateRedemption` takes in a browser, with an order and with nothing read; `promos` is empty where the code is not accepted. */
export interface PublicView {
  /** The code, canonical, if one was typed. */
  codes: string[];
  /** What it takes off and asks for, with what is left as its limits. */
  promos: Promo[];
  /** What the event's caps leave to these identities. */
  policy: Policy;
}

/** What is wrong with the documents, and which promotions are sound. */
export interface PromosAnswer {
  /** Promotion by promotion, then the policy's; of one document at most 100. */
  faults: Fault[];
  /** The positions of the promotions without a fault: these can be sold together. */
  sound: number[];
}
/** Something wrong with a document. */
export interface Fault {
  /** Such as `promos[3].max_uses`; a field that is missing names itself. */
  path: string;
  /** The same as data: `["promos", 3, "max_uses"]`. */
  at: (string | number)[];
  /** What kind of mistake it is. */
  code: "invalid_request" | "invalid_promo" | "duplicate_code";
  /** What was expected there. */
  message: string;
}

/** Something that the organiser should look at. */
export interface Finding {
  /** Such as `promos[0].max_uses`; a field that is missing names itself. */
  path: string;
  /** What is suspicious there. */
  problem: Problem;
  /** Danger: seats can be had for nothing without end. Warning: it does something else than it seems to say. Notice: it may well be meant. */
  severity: "danger" | "warning" | "notice";
  /** English for the organiser. */
  message: string;
}
/** What is suspicious; DESIGN.md says when. */
export type Problem =
  | "free_without_limit" | "free_whole_orders" | "free_without_total" | "nearly_free_without_limit" | "guessable_code"
  | "aliases_count_apart" | "caps_count_nobody" | "caps_miss_listed" | "shared_kind_counted" | "limit_per_event"
  | "spans_databases" | "pool_limits_differ"
  | "pool_without_limit" | "limit_never_reached" | "amounts_without_currency" | "currency_spelling" | "amount_below_one_unit"
  | "percent_below_one" | "discount_above_limit" | "admits_nobody"
  | "zero_refuses" | "empty_window" | "min_above_max" | "min_above_limit" | "email_without_at" | "email_malformed" | "same_loose_form"
  | "look_alike_codes" | "look_alike_characters" | "combines_with_free" | "priority_without_combines" | "amount_can_be_whole_price"
  | "rounds_to_free" | "keeps_group_price" | "gives_lost_uses_back" | "code_not_ascii" | "ended";

/** What changes for the next buyers; who holds a ticket keeps it, its price and its terms. */
export interface Simulation {
  /** Each limit that changes, or is counted elsewhere. */
  limits: LimitChange[];
  /** Each other field that changes, in the order of the document. */
  changes: FieldChange[];
}
/** A limit that changes, or is counted elsewhere. */
export interface LimitChange {
  /** Which; a pool is told by its counter. */
  limit: "max_uses" | "max_uses_per_identity" | "budget" | "pool_max_uses" | "pool_budget";
  /** Null for a pool that was not named. */
  before: Standing | null;
  /** Null for a pool that is named no longer. */
  after: Standing | null;
  /** English for the organiser. */
  message: string;
}
/** How a limit stands. A limit per person has no one counter: only `limit` is given. */
export interface Standing {
  /** The counter's key. */
  counter: string | null;
  /** How much may be used; null is no limit. */
  limit: number | null;
  /** How much is. */
  used: number | null;
  /** How much is left; null is no limit. */
  left: number | null;
}
/** A field of the document that changes. */
export interface FieldChange {
  /** Its name. */
  field: string;
  /** English for the organiser. */
  message: string;
}

/** New codes. */
export interface GeneratedCodes {
  /** In canonical form, all different. */
  codes: string[];
  /** How many bits a guess has to hit. */
  bits: number;
}

/** What the functions throw for a malformed request. */
export interface RedeemableError extends Error {
  /** What kind of mistake it is. */
  code: "invalid_request" | "invalid_promo" | "duplicate_code" | "amount_out_of_range";
  /** Such as `promos[2].max_usse`; empty for the request itself. */
  path: string;
  /** The same as data: `["promos", 2, "max_usse"]`. */
  at: (string | number)[];
}
