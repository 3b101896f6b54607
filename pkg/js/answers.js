// Made by `make generate` from contract/; do not edit.
import {
  given,
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

const { create, prototype: plain, setPrototypeOf } = Object;

// An object with a field that may be missing is made by assignments, five times as fast as by spreading. Where the
// prototype of all objects has a field of that name, perhaps with a setter, the object gets the prototype at the end.
let isSpoilt;
function begin() {
  isSpoilt =
    "schema" in plain ||
    "id" in plain ||
    "revision" in plain ||
    "state" in plain ||
    "event_id" in plain ||
    "currency" in plain ||
    "codes" in plain ||
    "identities" in plain ||
    "tickets" in plain ||
    "line" in plain ||
    "ticket_type" in plain ||
    "unit_price" in plain ||
    "price" in plain ||
    "off" in plain ||
    "released" in plain ||
    "applied" in plain ||
    "code" in plain ||
    "uses" in plain ||
    "discount" in plain ||
    "partial" in plain ||
    "remaining" in plain ||
    "charges" in plain ||
    "key" in plain ||
    "limit" in plain ||
    "amount" in plain ||
    "each" in plain ||
    "groups" in plain ||
    "back" in plain ||
    "reason" in plain ||
    "until_ms" in plain ||
    "held" in plain ||
    "created_at_ms" in plain ||
    "expires_at_ms" in plain ||
    "confirmed_at_ms" in plain ||
    "payments" in plain ||
    "total" in plain ||
    "outcome" in plain ||
    "at_ms" in plain ||
    "releases" in plain ||
    "exchanged" in plain;
  return isSpoilt ? create(null) : {};
}
const ended = (one) => (isSpoilt ? setPrototypeOf(one, plain) : one);

export const keys = () => list(string);

const quotedTicket = () => ({
  line: number(),
  ticket_type: optionalString(),
  unit_price: number(),
  discount: number(),
  price: number(),
  codes: list(string),
  off: list(number),
});

const quote = () => ({
  currency: string(),
  subtotal: number(),
  discount: number(),
  total: number(),
  payment: name(),
  tickets: list(quotedTicket),
  not_needed: list(string),
});

const applied = () => ({
  code: string(),
  tickets: number(),
  uses: number(),
  discount: number(),
  partial: truth(),
  remaining: optionalNumber(),
});

const passedOver = () => ({
  code: string(),
  reason: name(),
  counter: optionalString(),
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

const ticket = () => {
  const one = begin();
  one.line = number();
  if (given()) one.ticket_type = string();
  one.unit_price = number();
  one.price = number();
  one.codes = list(string);
  if (given()) one.off = list(number);
  if (given()) one.released = released();
  return ended(one);
};

const notedApplied = () => {
  const one = begin();
  one.code = string();
  one.tickets = number();
  one.uses = number();
  one.discount = number();
  one.partial = truth();
  if (given()) one.remaining = number();
  return ended(one);
};

const charge_groups_item = () => list(number);

const back = () => {
  const one = begin();
  one.reason = name();
  if (given()) one.until_ms = number();
  return ended(one);
};

const charge = () => {
  const one = begin();
  one.key = string();
  if (given()) one.code = string();
  if (given()) one.limit = number();
  one.amount = number();
  one.tickets = list(number);
  if (given()) one.each = isList() ? list(number) : number();
  if (given()) one.groups = list(charge_groups_item);
  if (given()) one.back = list(back);
  if (given()) one.held = number();
  return ended(one);
};

const notedPayment = () => {
  const one = begin();
  one.id = string();
  if (given()) one.total = number();
  if (given()) one.currency = string();
  one.outcome = name();
  one.at_ms = number();
  return ended(one);
};

const notedRelease = () => ({
  id: string(),
  reason: name(),
  tickets: list(number),
  refundable: number(),
  at_ms: number(),
});

const exchanged = () => ({
  from: string(),
  credit: number(),
  due: number(),
  refundable: number(),
});

const redemption = () => {
  const one = begin();
  one.schema = number();
  one.id = string();
  one.revision = number();
  one.state = name();
  one.event_id = string();
  one.currency = string();
  one.codes = list(string);
  one.identities = list(string);
  one.tickets = list(ticket);
  one.applied = list(notedApplied);
  one.charges = list(charge);
  one.created_at_ms = number();
  if (given()) one.expires_at_ms = number();
  if (given()) one.confirmed_at_ms = number();
  if (given()) one.payments = list(notedPayment);
  if (given()) one.releases = list(notedRelease);
  if (given()) one.exchanged = exchanged();
  return ended(one);
};

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
  passed_over: list(passedOver),
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

export const exchangeAnswer = () => ({
  status: name(),
  replayed: truth(),
  quote: quote(),
  applied: list(applied),
  passed_over: list(passedOver),
  violations: list(violation),
  ops: list(op),
  refundable: number(),
  due: number(),
  forgone: number(),
  money: optional(name),
});

export const codeForms = () => ({
  canonical: string(),
  loose: string(),
});
