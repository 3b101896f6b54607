// Made by `make generate` from contract/; do not edit.
import {
  isList,
  list,
  map,
  name,
  number,
  optional,
  optionalNumber,
  optionalString,
  string,
  truth,
} from "./wire-answers.js";

export const keys = () => list(string);

const quotedTicket = () => ({
  line: number(),
  ticket_type: optionalString(),
  unit_price: number(),
  discount: number(),
  price: number(),
  codes: list(string),
});

const quote = () => ({
  currency: string(),
  subtotal: number(),
  discount: number(),
  total: number(),
  payment: name(),
  tickets: list(quotedTicket),
});

const applied = () => ({
  code: string(),
  tickets: number(),
  uses: number(),
  discount: number(),
  partial: truth(),
  remaining: optionalNumber(),
});

const toQualify = () => map(() => (isList() ? list(string) : number()));

const violation = () => ({
  code: optionalString(),
  reason: name(),
  public_reason: name(),
  counter: optionalString(),
  limit: optionalNumber(),
  used: optionalNumber(),
  remaining: optionalNumber(),
  message: string(),
  to_qualify: optional(toQualify),
});

const released = () => ({
  reason: name(),
  at_ms: number(),
});

const ticket = () => ({
  line: number(),
  ticket_type: optionalString(),
  unit_price: number(),
  price: number(),
  codes: list(string),
  released: optional(released),
});

const charge_groups_item = () => list(number);

const charge_groups = () => list(charge_groups_item);

const back = () => ({
  reason: name(),
  until_ms: optionalNumber(),
});

const charge_back = () => list(back);

const charge = () => ({
  key: string(),
  code: optionalString(),
  limit: optionalNumber(),
  amount: number(),
  tickets: list(number),
  each: isList() ? list(number) : optionalNumber(),
  groups: optional(charge_groups),
  back: optional(charge_back),
});

const notedPayment = () => ({
  id: string(),
  total: optionalNumber(),
  currency: optionalString(),
  outcome: name(),
  at_ms: number(),
});

const notedRelease = () => ({
  id: string(),
  reason: name(),
  tickets: list(number),
  refundable: number(),
  at_ms: number(),
});

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
  payments: list(notedPayment),
  releases: list(notedRelease),
});

function op() {
  switch (string()) {
    case "insert":
      return { op: "insert", redemption: redemption() };
    case "update":
      return { op: "update", id: string(), revision: number(), redemption: redemption() };
    default:
      return { op: "add", key: string(), by: number(), at_most: optionalNumber() };
  }
}

export const decision = () => ({
  status: name(),
  replayed: truth(),
  quote: quote(),
  applied: list(applied),
  violations: list(violation),
  ops: list(op),
});

export const confirmation = () => ({
  status: name(),
  money: name(),
  violations: list(violation),
  ops: list(op),
});

export const releaseAnswer = () => ({
  status: name(),
  tickets: list(number),
  refundable: number(),
  ops: list(op),
});

export const codeForms = () => ({
  canonical: string(),
  loose: string(),
});
