// The types of the organiser's answers; see answers.js.
import { list, map, name, number, optional, optionalNumber, optionalString, step, string, truth } from "./wire.js";

export const view = () => ({ codes: list(string), promos: list(promo), policy: policy() });

export const promosAnswer = () => ({ faults: list(fault), sound: list(number) });

export const findings = () => list(finding);

export const simulation = () => ({ limits: list(limitChange), changes: list(fieldChange) });

export const generated = () => ({ codes: list(string), bits: number() });

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
    case "percent":
      return { kind, percent: number() };
    case "amount_per_ticket":
    case "amount_per_order":
      return { kind, amount: number() };
    case "fixed_price":
      return { kind, price: number() };
    default:
      return { kind };
  }
}

const pool = () => ({ id: string(), max_uses: optionalNumber(), budget: optionalNumber() });

const policy = () => ({
  max_free_tickets_per_identity: optionalNumber(),
  max_tickets_per_identity: optionalNumber(),
  identity_kinds: optional(strings),
  email_aliases: name(),
  release: releaseRules(),
  max_hold_ms: optionalNumber(),
});

const releaseRules = () => ({
  buyer_released: optional(releaseRule),
  organizer_cancelled: optional(releaseRule),
  refunded: optional(releaseRule),
  exchanged: optional(releaseRule),
  forfeited: optional(releaseRule),
  no_show: optional(releaseRule),
  disputed: optional(releaseRule),
});

const releaseRule = () => ({ uses: optional(name), identity: optional(name), until_ms: optionalNumber() });

const fault = () => ({ path: string(), at: list(step), code: name(), message: string() });

const finding = () => ({ path: string(), problem: name(), severity: name(), message: string() });

const limitChange = () => ({ limit: name(), before: optional(standing), after: optional(standing), message: string() });

const standing = () => ({
  counter: optionalString(),
  limit: optionalNumber(),
  used: optionalNumber(),
  left: optionalNumber(),
});

const fieldChange = () => ({ field: string(), message: string() });
