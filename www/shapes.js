// The shapes that the schemas of several routes share. The engine's documents are not written out here: openapi.js
// refers to the engine's own schemas, and the engine's words come from there.
import { createRequire } from "node:module";

const { $defs } = createRequire(import.meta.url)("redeemable/schema.json");

export const object = (properties, required = Object.keys(properties), more = {}) => ({
  type: "object",
  additionalProperties: false,
  required,
  properties,
  ...more,
});
export const list = (items, more = {}) => ({ type: "array", items, ...more });
export const ref = (name) => ({ $ref: `${name}#` });
export const maybe = (schema) => ({ ...schema, type: [schema.type, "null"] });
/** A document of the engine; `name` is its name in redeemable/schema.json. */
export const document = (name, what) => ({ type: "object", description: what, "x-document": name });

/** The pattern of crypto.randomUUID: 122 random bits, which nobody can guess. */
export const UUID = "^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$";

export const string = { type: "string" };
export const flag = { type: "boolean" };
export const count = { type: "integer", minimum: 0 };
export const amount = { type: "integer", minimum: 0, description: "in the smallest unit of the currency" };
export const change = { type: "integer" };
export const year = { type: "integer", minimum: 1974, maximum: 9997 };
export const time = { type: "integer", minimum: 100_000_000_000, description: "milliseconds since 1970" };
/** The words that the engine has for something, such as the reasons of a release. */
export const words = (name) => ({ type: "string", enum: $defs[name].oneOf.map((word) => word.const) });
export const reason = words("ReleaseReason");
export const money = words("Money");

/** What becomes of a payment; the last two are the shop's own words. */
export const paidStatuses = [
  ...new Set([...words("ConfirmStatus").enum, ...words("ExchangeStatus").enum, "no_order", "id_taken"]),
];
export const applied = list(object({ code: string, tickets: count, uses: count, discount: amount, partial: flag }));

/** What the kit's report says of orders in one state. */
export const sums = object(
  Object.fromEntries(["orders", "tickets", "uses", "list", "discount", "paid"].map((name) => [name, count])),
);
export const states = { held: sums, confirmed: sums, released: sums };

export const figures = (used) =>
  object({
    used: { ...used, description: "by everybody: what the counter says" },
    held: { ...used, description: "by orders that are not paid yet" },
    confirmed: { ...used, description: "by paid orders, and by released orders that keep their uses" },
    limit: { ...maybe(used), description: "null: no limit" },
    left: { ...maybe(used), description: "null: no limit" },
  });

export const failures = {
  "4xx": { description: "nothing was done", ...ref("Error") },
  "5xx": {
    description:
      "the host or its database failed: whether anything was done is not known, and the same request may be sent again",
    ...ref("Error"),
  },
};

/** Schemas that several routes share. */
export const shared = {
  Error: object({
    error: object({
      code: string,
      path: { ...string, description: "the field that is wrong, such as `lines[0].quantity`; empty when it is none" },
      message: string,
    }),
  }),
  Event: object({
    id: string,
    name: string,
    currency: string,
    ticket_types: list(object({ id: string, name: string, price: amount })),
    hold_ms: { ...count, description: "how long an unpaid order is kept" },
    facts: list(string, { description: "what the shop tells the engine about every order: the names of the facts" }),
  }),
  Quote: object({
    currency: string,
    subtotal: amount,
    discount: amount,
    total: amount,
    payment: words("Payment"),
    tickets: list(
      object({
        line: count,
        ticket_type: string,
        unit_price: amount,
        discount: amount,
        price: amount,
        codes: list(string),
        off: list(amount, { description: "what each of the codes takes off the ticket" }),
      }),
    ),
    not_needed: list(string, { description: "codes that were typed and are not needed, because others take off more" }),
  }),
  Refusal: object(
    {
      code: { ...maybe(string), description: "null: the event's policy refuses the order" },
      public_reason: words("PublicReason"),
      to_qualify: {
        ...document("ToQualify", "where there is one, the change of the order that makes the code apply"),
        additionalProperties: true,
      },
    },
    ["code", "public_reason"],
  ),
  Order: object({
    id: string,
    state: words("State"),
    currency: string,
    codes: list(string),
    identities: list(string),
    tickets: list(
      object(
        {
          line: count,
          ticket_type: string,
          unit_price: amount,
          price: amount,
          codes: list(string),
          off: list(amount, { description: "what each of the codes takes off; left out where there is no code" }),
          released: { ...object({ reason, at_ms: time }), type: ["object", "null"] },
        },
        ["line", "ticket_type", "unit_price", "price", "codes", "released"],
      ),
    ),
    total: { ...amount, description: "of the tickets that are not released" },
    expires_at_ms: maybe(time),
    confirmed_at_ms: maybe(time),
    payments: list(object({ id: string, total: maybe(amount), currency: maybe(string), outcome: money, at_ms: time }), {
      description: "each payment that was reported, and whether its money is kept or returned",
    }),
    exchanged: {
      ...object({
        credit: { ...amount, description: "what the tickets that went back had cost" },
        due: { ...amount, description: "what was paid more" },
        refundable: { ...amount, description: "what was left over and is paid back" },
      }),
      type: ["object", "null"],
      description: "what the order was exchanged for; null: it was bought",
    },
  }),
  Figures: object({
    uses: figures(count),
    spend: {
      ...figures(amount),
      description: "how much was taken off prices, in the event's currency; the limit is the budget",
    },
    pools: list(object({ id: string, uses: figures(count), spend: figures(amount) }), {
      description: "the limits that the code shares with others",
    }),
  }),
  Clock: object(
    {
      name: { ...string, description: "the zone, such as Europe/Berlin" },
      from_year: year,
      to_year: { ...year, description: "the last year" },
    },
    undefined,
    { type: ["object", "null"], description: "null: the organiser has set none" },
  ),
  Code: object({
    id: { ...count, description: "the host's own number of the code" },
    revision: { ...count, description: "an edit must send it" },
    promo: document("Promo", "what the organiser wrote"),
    figures: ref("Figures"),
  }),
  Entry: object({
    n: { ...count, description: "the entry's number, from 1, oldest first" },
    at_ms: time,
    order: string,
    event: words("State"),
    reason: { ...reason, type: ["string", "null"], enum: [...reason.enum, null], description: "of a release" },
    tickets: {
      ...count,
      description: "the tickets of this order that the entry is about and that the code was charged for",
    },
    uses: { ...change, description: "how the entry changed the uses: above 0 charged, below 0 given back" },
    amount: { ...change, description: "how the entry changed the amount taken off" },
    used: { ...change, description: "the uses after this entry" },
  }),
  Report: object({
    code: string,
    currency: string,
    ...states,
    persons_total: { ...count, description: "how many persons there are" },
    persons: list(object({ person: string, ...states }), {
      description: "those for whom most was taken off come first; an order with several identities is with each",
    }),
    every: { type: "string", enum: ["hour", "day", "month"], description: "what a period is: so many fit on a chart" },
    periods: list(object({ starts: string, ...states }), {
      description:
        "by when the order was first accepted; `starts` is by the event's clock, or by UTC if it has none: " +
        "2026-12-01T14, 2026-12-01 or 2026-12",
    }),
  }),
  Next: object({
    tickets: { type: "integer", minimum: 1 },
    accepted: flag,
    partial: { ...flag, description: "only some of the tickets are discounted, or by less" },
    discount: amount,
    total: amount,
    violations: list(
      object({
        code: maybe(string),
        reason: string,
        limit: maybe(count),
        used: maybe(count),
        remaining: maybe(count),
      }),
    ),
  }),
  Progress: object({
    at_ms: { ...count, description: "milliseconds since the run began" },
    sold: count,
    refused: count,
    limit: count,
    done: flag,
    oversold: { ...count, description: "how many more were sold than the limit allows" },
  }),
};
