// The types of what the shop is asked and answers.
import type {
  Applied,
  Figures as Sums,
  Policy,
  Promo,
  PublicReason,
  PublicView,
  Quote,
  Redemption,
  ReleaseReason,
  Simulation,
  Ticket,
  ToQualify,
  Violation,
} from "redeemable";

export interface TicketType {
  id: string;
  name: string;
  price: number;
}
export interface Event {
  id: string;
  name: string;
  currency: string;
  hold_ms: number;
  /** The names of what the shop tells the engine about each order. */
  facts: string[];
  ticket_types: TicketType[];
}
export interface Line {
  ticket_type: string;
  quantity: number;
}
export interface Wish {
  codes: string[];
  lines: Line[];
  identities: { email?: string };
}

/** What the engine in the browser needs to price orders with one code and at most `up_to` tickets. */
export interface View {
  view: PublicView;
  /** The price of each ticket type that the page may show now. */
  prices: { [ticket_type: string]: number };
  up_to: number;
  now_ms: number;
}

export interface Refusal {
  code: string | null;
  public_reason: PublicReason;
  to_qualify?: ToQualify;
}
/** The shop's price of an order that the browser cannot price itself. */
export interface Previewed {
  status: "accepted" | "rejected";
  quote: Quote;
  applied: Omit<Applied, "remaining">[];
  refusals: Refusal[];
}
/** What a buyer sees of an order. */
export interface OrderView {
  id: string;
  state: Redemption["state"];
  currency: string;
  codes: string[];
  identities: string[];
  tickets: Ticket[];
  total: number;
  expires_at_ms: number | null;
  confirmed_at_ms: number | null;
  /** What the order was exchanged for; null: it was bought. */
  exchanged: { credit: number; due: number; refundable: number } | null;
}
export interface Bought {
  status: "accepted" | "price_changed" | "rejected";
  replayed: boolean;
  quote: Quote;
  refusals: Refusal[];
  order: OrderView | null;
}
/** A payment that the shop has asked for. */
export interface Payment {
  id: string;
  order_id: string;
  total: number;
  currency: string;
}
export interface Paid {
  status: string;
  money: "kept" | "returned";
  /** Null: there is none, because the payment was for an exchange that was not made. */
  order: OrderView | null;
}
/** Which tickets of an order go back, and what the buyer wants instead. */
export interface WantedExchange extends Wish {
  tickets: number[];
}
export interface ExchangePrice {
  status: "accepted" | "payment_due" | "rejected" | "already_released" | "not_confirmed";
  quote: Quote;
  refusals: Refusal[];
  due: number;
  refundable: number;
  forgone: number;
}
export interface Exchanged extends Omit<ExchangePrice, "status"> {
  status: ExchangePrice["status"] | "price_changed" | "already_confirmed";
  payment: Payment | null;
  order: OrderView | null;
  from: OrderView;
}
export interface Released {
  status: string;
  tickets: number[];
  refundable: number;
  order: OrderView;
}

/** How much of a limit is used. `limit` and `left` are null if there is no limit. */
export interface Counted {
  used: number;
  held: number;
  confirmed: number;
  limit: number | null;
  left: number | null;
}
export interface Figures {
  uses: Counted;
  spend: Counted;
  pools: { id: string; uses: Counted; spend: Counted }[];
}
export interface CodeView {
  id: number;
  revision: number;
  promo: Promo;
  figures: Figures;
}
/** The zone of the event's clock, and the years for which the policy has its offsets. */
export interface Clock {
  name: string;
  from_year: number;
  to_year: number;
}
export interface Codes {
  codes: CodeView[];
  policy: Policy;
  clock: Clock | null;
}
/** How one order changed a code's counters, at one moment. `used` is the number of uses after it. */
export interface Entry {
  n: number;
  at_ms: number;
  order: string;
  event: Redemption["state"];
  reason: ReleaseReason | null;
  tickets: number;
  uses: number;
  amount: number;
  used: number;
}
/** What was sold with a code: not paid yet, paid, and given back. */
export interface Reported {
  held: Sums;
  confirmed: Sums;
  released: Sums;
}
export interface CodeReport extends Reported {
  code: string;
  currency: string;
  persons_total: number;
  persons: (Reported & { person: string })[];
  every: "hour" | "day" | "month";
  /** `starts` is a local time, such as 2026-12-01T14, 2026-12-01 or 2026-12. */
  periods: (Reported & { starts: string })[];
}
export interface Next {
  tickets: number;
  accepted: boolean;
  partial: boolean;
  discount: number;
  total: number;
  violations: Pick<Violation, "code" | "reason" | "limit" | "used" | "remaining">[];
}
export interface WhatIf {
  simulation: Simulation;
  ticket_type: string;
  next: Next[];
}

export type Host = "naive" | "redeemable";
export interface Progress {
  at_ms: number;
  sold: number;
  refused: number;
  limit: number;
  done: boolean;
  oversold: number;
}
