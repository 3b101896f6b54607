// The TypeScript face, written from the contract and pinned by tests/js: a field that the engine knows and this file does not (or the reverse) fails there.
// Amounts are whole minor units of the currency (1 cent, 1 sat); names ending in `_ms` are milliseconds since the Unix epoch; null and absent mean the same.

export type Rounding = "half_up" | "half_even" | "down" | "up";
export type ReleaseReason =
  | "hold_expired" | "payment_failed" | "buyer_released" | "organizer_cancelled" | "refunded" | "forfeited" | "no_show" | "disputed";

/** What one release reason gives back. Left out: `buyer_released`, `organizer_cancelled` and `refunded` restore, `forfeited`, `no_show` and `disputed` keep. */
export interface ReleaseRule {
  /** For uses, pools and spend; `identity` for the counters per identity. */
  uses?: "restore" | "keep" | null;
  identity?: "restore" | "keep" | null;
  /** From this time on the reason gives nothing back. */
  until_ms?: number | null;
}
/** `hold_expired` and `payment_failed` always give back and take no rule. */
export type ReleaseRules = { [reason in Exclude<ReleaseReason, "hold_expired" | "payment_failed">]?: ReleaseRule | null };

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
  id: string;
  max_uses?: number | null;
  /** At most so much off over all orders, per currency. */
  budget?: number | null;
}

/** What the organiser wrote about a code; it never contains counts. */
export type Promo = PromoTerms & (
  | { discount: Discount; discount_percent?: null }
  | { discount?: null; /** 0 to 100, at most 4 decimals. */ discount_percent: number }
);
export interface PromoTerms {
  /** What the buyer types; compared without invisible characters and surrounding white space, in upper case. */
  code: string;
  /** With it, the count survives renaming and spans events. */
  id?: string | null;
  active?: boolean | null;
  /** With it, an order in another currency is refused. */
  currency?: string | null;
  /** Default `ticket`; `order` for the kind `amount_per_order`. */
  count_by?: "ticket" | "order" | null;
  /** Uses over all buyers; null is no limit. */
  max_uses?: number | null;
  /** The same as `max_uses: 1`. */
  single_use?: boolean | null;
  max_uses_per_identity?: number | null;
  /** At most so many tickets of one order get the discount. */
  max_tickets_per_order?: number | null;
  /** Off one order. */
  max_discount?: number | null;
  /** At most so much off over all orders, per currency. */
  budget?: number | null;
  pools?: Pool[] | null;
  /** When fewer uses or less budget remain than needed; default `reject`. */
  when_short?: "reject" | "partial" | null;
  /** Valid from `starts_at_ms` until just before `ends_at_ms`. */
  starts_at_ms?: number | null;
  ends_at_ms?: number | null;
  /** Null is any, an empty list admits none; the same for `ticket_types`. */
  events?: string[] | null;
  ticket_types?: string[] | null;
  min_tickets?: number | null;
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
  release?: ReleaseRules | null;
}

/** What the event says, whatever the code. */
export interface Policy {
  max_free_tickets_per_identity?: number | null;
  max_tickets_per_identity?: number | null;
  /** The kinds of identity that caps hold for; null is every kind. */
  identity_kinds?: string[] | null;
  /** Default `fold`: tags and Gmail's dots make no new person. */
  email_aliases?: "fold" | "exact" | null;
  release?: ReleaseRules | null;
}

/** `quantity` is from 1, with at most 1000 tickets in one order. */
export interface Line {
  ticket_type?: string | null;
  unit_price: number;
  quantity: number;
}

export interface Order {
  /** The idempotency key; null is a preview, answered without a plan. */
  id?: string | null;
  event_id: string;
  currency: string;
  lines: Line[];
  /** By kind (`email`, `npub`, `account` …), who buys. */
  identities?: { [kind: string]: string | null } | null;
  /** When an unpaid hold lapses; required where one would be recorded. */
  hold_until_ms?: number | null;
}

/** What the host read from its two tables. */
export interface Usage {
  /** By counter key; a key that is not there counts 0. */
  counters?: { [key: string]: number | null } | null;
  /** Holds past their expiry, to be released by this plan. */
  lapsed?: Redemption[] | null;
  /** The stored redemption with the order's id. */
  existing?: Redemption | null;
}

/** `codes` are what the buyer typed, 0 to 16. */
export interface ValidateRequest {
  codes: string[];
  promos: Promo[];
  policy?: Policy | null;
  order: Order;
  usage?: Usage | null;
  now_ms: number;
}
/** `usage` and `now_ms` play no part. */
export type UsageKeysRequest = Omit<ValidateRequest, "now_ms"> & { now_ms?: number | null };
export interface ConfirmRequest {
  redemption: Redemption;
  /** What was paid; null skips the check. */
  total?: number | null;
  usage?: Usage | null;
  now_ms: number;
  /** Confirms a late payment although a limit is exceeded; default false. */
  over_limit?: boolean | null;
}
export interface ReleaseRequest {
  redemption: Redemption;
  /** `tickets` by index; null is all that are left. */
  release: { reason: ReleaseReason; tickets?: number[] | null };
  now_ms: number;
}

/** The records of a scope, or a share of them: the sums of shares may be added up. */
export interface AuditRequest {
  redemptions: Redemption[];
}

/** The record that the host stores as it is. */
export type Redemption = RedemptionFields & (
  | { state: "held"; expires_at_ms: number; confirmed_at_ms: null }
  | { state: "confirmed"; expires_at_ms: null; confirmed_at_ms: number }
  | { state: "released"; expires_at_ms: null; confirmed_at_ms: number | null }
);
export interface RedemptionFields {
  schema: 1;
  id: string;
  revision: number;
  event_id: string;
  currency: string;
  /** As entered, canonical, each once. */
  codes: string[];
  /** `kind:value`, canonical, by kind. */
  identities: string[];
  tickets: Ticket[];
  applied: Applied[];
  charges: Charge[];
  created_at_ms: number;
}
/** One ticket of a redemption; `price` is what is paid for it. */
export interface Ticket {
  line: number;
  ticket_type: string | null;
  unit_price: number;
  price: number;
  codes: string[];
  released: { reason: ReleaseReason; at_ms: number } | null;
}
/** What one redemption added to a counter; the reasons in `back` give it back, each before its time. */
export interface Charge {
  key: string;
  /** Null for the policy's counters. */
  code: string | null;
  /** At the time. */
  limit: number | null;
  amount: number;
  /** The indexes of the tickets charged for. */
  tickets: number[];
  /** The amount per ticket: a list for money, a number for uses, null when charged once for the order. */
  each: number | number[] | null;
  back: { reason: ReleaseReason; until_ms: number | null }[];
}
/** What a code did to the order. */
export interface Applied {
  code: string;
  tickets: number;
  uses: number;
  discount: number;
  /** Whether `when_short` cut anything. */
  partial: boolean;
  /** The least uses left after the order. */
  remaining: number | null;
}

export interface Quote {
  currency: string;
  subtotal: number;
  discount: number;
  total: number;
  /** `none` exactly when the total is 0. */
  payment: "required" | "none";
  tickets: QuotedTicket[];
}
export interface QuotedTicket {
  line: number;
  ticket_type: string | null;
  unit_price: number;
  discount: number;
  price: number;
  codes: string[];
}

export type PublicReason = "not_accepted" | "used_up" | "order_not_eligible" | "identity_required";
/** Why an order was refused; `message` is plain English for the organiser, `public_reason` is for the buyer. */
export type Violation = OrderViolation | CodeViolation | BoundViolation | IdentityViolation | LimitViolation;
interface NoFigures { counter: null; limit: null; used: null; remaining: null; message: string }
export type OrderViolation = NoFigures & { code: null; reason: "already_confirmed"; public_reason: "order_not_eligible" };
export type CodeViolation = NoFigures & { code: string } & (
  | { reason: "unknown_code" | "inactive" | "not_started" | "ended" | "wrong_event" | "not_eligible"; public_reason: "not_accepted" }
  | { reason: "cannot_combine" | "wrong_currency" | "wrong_ticket_type" | "nothing_to_discount"; public_reason: "order_not_eligible" | "not_accepted" }
);
/** `limit` is the bound, `used` the order's figure. */
export interface BoundViolation {
  code: string;
  reason: "below_min_tickets" | "above_max_tickets" | "below_min_subtotal";
  public_reason: "order_not_eligible" | "not_accepted";
  counter: null; limit: number; used: number; remaining: null; message: string;
}
/** `limit` is the cap; `code` is null for the policy's. */
export interface IdentityViolation {
  code: string | null;
  reason: "identity_required";
  public_reason: "identity_required" | "not_accepted";
  counter: null; limit: number; used: null; remaining: null; message: string;
}
/** `used` is what was used before this code; `remaining` is max(0, limit − used). */
export type LimitViolation = { counter: string; limit: number; used: number; remaining: number; message: string } & (
  | { code: string; reason: "uses_exhausted" | "identity_uses_exhausted" | "pool_exhausted" | "budget_exhausted" | "pool_budget_exhausted"; public_reason: "used_up" | "not_accepted" }
  | { code: null; reason: "free_tickets_exhausted" | "tickets_exhausted"; public_reason: "used_up" }
);
export type Reason = Violation["reason"];

/** One guarded operation of the plan, run in order in one transaction. */
export type Op =
  /** Fails if the id exists. */
  | { op: "insert"; redemption: Redemption }
  /** Replaces the record whose revision is still `revision`; fails if there is none. */
  | { op: "update"; id: string; revision: number; redemption: Redemption }
  /** Above 0: only while the result is at most `at_most` (null: unguarded). Below 0: down to 0 at least, never fails. */
  | { op: "add"; key: string; by: number; at_most: number | null };

export type Decision = AcceptedDecision | RejectedDecision;
export interface AcceptedDecision {
  status: "accepted";
  replayed: boolean;
  quote: Quote;
  applied: Applied[];
  violations: [];
  ops: Op[];
}
export interface RejectedDecision {
  status: "rejected";
  replayed: false;
  /** The order without any code. */
  quote: Quote;
  applied: [];
  violations: Violation[];
  ops: [];
}
export type Confirmation =
  /** With violations only after `over_limit`. */
  | { status: "confirmed"; violations: LimitViolation[]; ops: Op[] }
  | { status: "late_payment_conflict"; violations: LimitViolation[]; ops: [] }
  | { status: "already_confirmed" | "stale_payment" | "released"; violations: []; ops: [] };
export type ReleaseAnswer =
  | { status: "released"; /** By index. */ tickets: number[]; refundable: number; ops: Op[] }
  | { status: "already_released" | "already_confirmed"; tickets: []; refundable: 0; ops: [] };

/** What each counter that the records charge must be; 0 where all was given back. */
export interface Audit {
  counters: { [key: string]: number };
}

/** What the functions throw for a malformed request. */
export interface RedeemableError extends Error {
  code: "invalid_request" | "invalid_promo" | "duplicate_code" | "amount_out_of_range";
  /** Such as `promos[2].max_usse`; empty for the request itself. */
  path: string;
}
