// The types of the answers, field by field in the order in which the engine writes them: tests/wasm.rs compares each with what serde says.
import { isList, list, map, name, number, optional, optionalNumber, optionalString, string, truth } from "./wire.js";

export const keys = () => list(string);

export const decision = () => ({
  status: name(),
  replayed: truth(),
  quote: quote(),
  applied: list(applied),
  violations: list(violation),
  ops: list(op),
});

export const confirmation = () => ({ status: name(), violations: list(violation), ops: list(op) });

export const releaseAnswer = () => ({ status: name(), tickets: list(number), refundable: number(), ops: list(op) });

export const view = () => ({ codes: list(string), promos: list(promo), policy: policy() });

export const findings = () => list(finding);

export const simulation = () => ({ limits: list(limitChange), changes: list(fieldChange) });

export const generated = () => ({ codes: list(string), bits: number() });

export const audit = () => ({ counters: map(number) });

const quote = () => ({
  currency: string(),
  subtotal: number(),
  discount: number(),
  total: number(),
  payment: name(),
  tickets: list(quotedTicket),
});

const quotedTicket = () => ({
  line: number(),
  ticket_type: optionalString(),
  unit_price: number(),
  discount: number(),
  price: number(),
  codes: list(string),
});

const applied = () => ({
  code: string(),
  tickets: number(),
  uses: number(),
  discount: number(),
  partial: truth(),
  remaining: optionalNumber(),
});

const violation = () => ({
  code: optionalString(),
  reason: name(),
  public_reason: name(),
  counter: optionalString(),
  limit: optionalNumber(),
  used: optionalNumber(),
  remaining: optionalNumber(),
  message: string(),
});

function op() {
  switch (string()) {
    case "insert": return { op: "insert", redemption: redemption() };
    case "update": return { op: "update", id: string(), revision: number(), redemption: redemption() };
    default: return { op: "add", key: string(), by: number(), at_most: optionalNumber() };
  }
}

const redemption = () => ({
  schema: number(),
  id: string(),
  revision: number(),
  state: name(),
  event_id: string(),
  currency: string(),
  codes: list(string),
  identities: list(string),
  tickets: list(ticket),
  applied: list(applied),
  charges: list(charge),
  created_at_ms: number(),
  expires_at_ms: optionalNumber(),
  confirmed_at_ms: optionalNumber(),
});

const ticket = () => ({
  line: number(),
  ticket_type: optionalString(),
  unit_price: number(),
  price: number(),
  codes: list(string),
  released: optional(released),
});

const released = () => ({ reason: name(), at_ms: number() });

const charge = () => ({
  key: string(),
  code: optionalString(),
  limit: optionalNumber(),
  amount: number(),
  tickets: list(number),
  each: isList() ? list(number) : optionalNumber(),
  back: list(back),
});

const back = () => ({ reason: name(), until_ms: optionalNumber() });

const promo = () => ({
  code: string(),
  id: optionalString(),
  active: truth(),
  discount: optional(discount),
  discount_percent: optionalNumber(),
  currency: optionalString(),
  count_by: optional(name),
  max_uses: optionalNumber(),
  single_use: truth(),
  max_uses_per_identity: optionalNumber(),
  max_tickets_per_order: optionalNumber(),
  max_discount: optionalNumber(),
  budget: optionalNumber(),
  pools: list(pool),
  when_short: name(),
  starts_at_ms: optionalNumber(),
  ends_at_ms: optionalNumber(),
  events: optional(strings),
  ticket_types: optional(strings),
  min_tickets: optionalNumber(),
  max_tickets: optionalNumber(),
  min_subtotal: optionalNumber(),
  only_for: optional(recipients),
  combines: truth(),
  priority: number(),
  rounding: name(),
  release: releaseRules(),
});

const strings = () => list(string);
const recipients = () => map(strings);

function discount() {
  const kind = string();
  switch (kind) {
    case "percent": return { kind, percent: number() };
    case "amount_per_ticket":
    case "amount_per_order": return { kind, amount: number() };
    case "fixed_price": return { kind, price: number() };
    default: return { kind };
  }
}

const pool = () => ({ id: string(), max_uses: optionalNumber(), budget: optionalNumber() });

const policy = () => ({
  max_free_tickets_per_identity: optionalNumber(),
  max_tickets_per_identity: optionalNumber(),
  identity_kinds: optional(strings),
  email_aliases: name(),
  release: releaseRules(),
});

const releaseRules = () => ({
  buyer_released: optional(releaseRule),
  organizer_cancelled: optional(releaseRule),
  refunded: optional(releaseRule),
  forfeited: optional(releaseRule),
  no_show: optional(releaseRule),
  disputed: optional(releaseRule),
});

const releaseRule = () => ({ uses: optional(name), identity: optional(name), until_ms: optionalNumber() });

const finding = () => ({ path: string(), problem: name(), severity: name(), message: string() });

const limitChange = () => ({ limit: name(), before: optional(standing), after: optional(standing), message: string() });

const standing = () => ({ counter: optionalString(), limit: optionalNumber(), used: optionalNumber(), left: optionalNumber() });

const fieldChange = () => ({ field: string(), message: string() });
