// JSON Schemas of what each route takes and answers. The host checks requests with them, and /api/openapi.json is made
// from them. The engine's documents are not written out here: openapi.js refers to the engine's own schemas, and the
// engine's words come from there.
import { createRequire } from "node:module";

const { $defs } = createRequire(import.meta.url)("redeemable/schema.json");

const object = (properties, required = Object.keys(properties), more = {}) => ({
  type: "object",
  additionalProperties: false,
  required,
  properties,
  ...more,
});
const list = (items, more = {}) => ({ type: "array", items, ...more });
const ref = (name) => ({ $ref: `${name}#` });
const maybe = (schema) => ({ ...schema, type: [schema.type, "null"] });
/** A document of the engine; `name` is its name in redeemable/schema.json. */
const document = (name, what) => ({ type: "object", description: what, "x-document": name });

/** The pattern of crypto.randomUUID: 122 random bits, which nobody can guess. */
export const UUID = "^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$";

const string = { type: "string" };
const flag = { type: "boolean" };
const count = { type: "integer", minimum: 0 };
const amount = { type: "integer", minimum: 0, description: "in the smallest unit of the currency" };
const change = { type: "integer" };
const year = { type: "integer", minimum: 1974, maximum: 9997 };
const time = { type: "integer", minimum: 100_000_000_000, description: "milliseconds since 1970" };
/** The words that the engine has for something, such as the reasons of a release. */
const words = (name) => ({ type: "string", enum: $defs[name].oneOf.map((word) => word.const) });
const reason = words("ReleaseReason");
const money = words("Money");

/** What becomes of a payment; the last two are the shop's own words. */
const paidStatuses = [
  ...new Set([...words("ConfirmStatus").enum, ...words("ExchangeStatus").enum, "no_order", "id_taken"]),
];
const applied = list(object({ code: string, tickets: count, uses: count, discount: amount, partial: flag }));

/** What the kit's report says of orders in one state. */
const sums = object(
  Object.fromEntries(["orders", "tickets", "uses", "list", "discount", "paid"].map((name) => [name, count])),
);
const states = { held: sums, confirmed: sums, released: sums };

const figures = (used) =>
  object({
    used: { ...used, description: "by everybody: what the counter says" },
    held: { ...used, description: "by orders that are not paid yet" },
    confirmed: { ...used, description: "by paid orders, and by released orders that keep their uses" },
    limit: { ...maybe(used), description: "null: no limit" },
    left: { ...maybe(used), description: "null: no limit" },
  });

const failures = {
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

/** The routes' schemas. The event is needed for its ticket types. */
export function routes(event) {
  const order = {
    codes: list({ type: "string", maxLength: 200 }, { maxItems: 16, description: "as the buyer typed them" }),
    lines: list(
      object({
        ticket_type: { type: "string", enum: event.ticket_types.map(({ id }) => id) },
        quantity: { type: "integer", minimum: 1, maximum: 20 },
      }),
      { minItems: 1, maxItems: event.ticket_types.length },
    ),
  };
  const email = { type: "string", maxLength: 320 };
  const released = {
    id: {
      type: "string",
      pattern: UUID,
      description:
        "a random UUID that the client makes before the first try; the same request with the same id gets the same " +
        "answer: the tickets, and what is to be refunded for them",
    },
    tickets: {
      type: ["array", "null"],
      items: { type: "integer" },
      description: "the tickets' indexes; null or absent: all that are not released yet",
    },
  };
  const releasing = object({
    status: words("ReleaseStatus"),
    tickets: list(count),
    refundable: amount,
    order: ref("Order"),
  });
  const wanted = {
    tickets: {
      ...released.tickets,
      description: "the indexes of those that go back; null or absent: all that are left",
    },
    ...order,
    identities: object({ email }),
  };
  const priced = {
    quote: { ...ref("Quote"), description: "of a rejected order: without any code" },
    refusals: list(ref("Refusal"), { description: "each once" }),
    due: { ...amount, description: "what the new order costs more than the tickets that go back" },
    refundable: { ...amount, description: "what is left over and is paid back" },
    forgone: { ...amount, description: "what is left over and stays with the shop" },
  };
  const payment = object({ id: string, order_id: string, total: amount, currency: string });
  const id = object({ id: string });
  const at = object({ event: { ...string, description: "the event's id" } });
  const view = object({
    view: object({
      codes: list(string),
      promos: list(document("Promo", "the code, if it is accepted; its limits are what is left of them")),
      policy: document("Policy", "the event's policy; its limits are what is left of them"),
      complete: { ...flag, description: "whether the page may decide by itself; if not, ask for a preview" },
    }),
    order: object({ event_id: string, currency: string, identities: object({ email }, []) }, undefined, {
      description: "what the page adds lines to",
    }),
    prices: {
      type: "object",
      additionalProperties: amount,
      description: "of each ticket type that the page may show: those that the code unlocks are among them",
    },
    up_to: { ...count, description: "larger orders are priced by the shop" },
    now_ms: time,
  });
  const period = {
    from_ms: { ...time, description: "only orders that were first accepted at this time or later" },
    to_ms: { ...time, description: "only orders that were first accepted before this time" },
  };
  const code = object({ id: { ...string, pattern: "^[0-9]{1,9}$" } });
  const promo = document("Promo", "the engine checks it and names what is wrong");
  const route = (operationId, summary, { ok, status = 200, ...parts }) => ({
    operationId,
    summary,
    ...parts,
    response: {
      [status]: { description: "done, or a refusal that says so", ...ok },
      ...failures,
    },
  });

  return {
    event: route("getEvent", "The event and what it sells", { ok: ref("Event") }),
    view: route("getView", "What the engine in the browser needs to price orders with one code while they are typed", {
      description:
        "Good for every choice of up to `up_to` tickets, for this e-mail. A code that is not accepted, for any " +
        "reason, looks like a code that does not exist. 429 `too_many_codes` if an address tries very many codes.",
      params: at,
      body: object({ codes: { ...order.codes, maxItems: 1 }, identities: object({ email }, []) }, ["codes"]),
      ok: view,
    }),
    seeView: route("seeView", "The same for a buyer who has not said who they are", {
      params: at,
      querystring: object({ code: { type: "string", maxLength: 200 } }, []),
      ok: view,
    }),
    preview: route(
      "previewOrder",
      "The price of an order with several codes, or with many tickets; nothing is stored",
      {
        params: at,
        body: object({ ...order, identities: object({ email }, []) }, ["codes", "lines"]),
        ok: object({
          status: words("Status"),
          quote: { ...ref("Quote"), description: "of a rejected order: without any code" },
          applied,
          refusals: list(ref("Refusal"), { description: "each once" }),
        }),
      },
    ),
    buy: route("placeOrder", "Places an order at the price that the buyer saw", {
      description:
        "The same order with the same id gets the same answer, and is sold once. If the total is above `max_total`, " +
        "because uses ran short or a code changed, the answer is `price_changed` with the new quote. Nothing is " +
        "stored until the buyer agrees to that quote by sending its total.",
      params: at,
      body: object(
        {
          id: {
            type: "string",
            pattern: UUID,
            description:
              "a random UUID (version 4) that the client makes before the first try. The header Idempotency-Key may " +
              "hold it instead. Whoever guesses the id may act on the order",
          },
          ...order,
          identities: object({ email }),
          max_total: { ...amount, description: "the total that the buyer saw and agrees to: the order costs no more" },
        },
        ["codes", "lines", "identities", "max_total"],
      ),
      ok: object({
        status: { type: "string", enum: [...words("Status").enum, "price_changed"] },
        replayed: { ...flag, description: "the order had been placed before" },
        quote: { ...ref("Quote"), description: "of a rejected order: without any code" },
        refusals: list(ref("Refusal"), { description: "each once" }),
        order: { anyOf: [ref("Order"), { type: "null" }], description: "null unless accepted" },
      }),
    }),
    order: route("getOrder", "An order", { params: id, ok: ref("Order") }),
    askPayment: route("askPayment", "Asks for a payment of an order", {
      description:
        "The host chooses the payment's id, which the client takes to the payment provider, and the amount. " +
        "409 `nothing_to_pay` if the order does not wait for a payment: a lapsed order, for example, must be placed " +
        "again first. 409 `price_changed` if the order costs more than the buyer agreed to.",
      params: id,
      body: object({ max_total: { ...amount, description: "the total that the buyer saw and agrees to" } }),
      ok: payment,
      status: 201,
    }),
    previewExchange: route("previewExchange", "What it would cost to exchange tickets of a paid order", {
      params: id,
      body: object(wanted, ["codes", "lines", "identities"]),
      ok: object({ status: words("ExchangeStatus"), applied, ...priced }),
    }),
    exchange: route("exchangeTickets", "The buyer exchanges tickets of a paid order for others", {
      description:
        "The same exchange with the same id gets the same answer. `accepted`: the tickets are exchanged. " +
        "`payment_due`: `payment` is to be paid, and the tickets are exchanged when it arrives. `price_changed`: " +
        "more is due than `max_due`, and nothing was asked for. 409 `id_taken` if another order has the id.",
      params: id,
      body: object(
        {
          id: { type: "string", pattern: UUID, description: "the new order's id, as in `placeOrder`" },
          ...wanted,
          max_due: { ...amount, description: "what the buyer agrees to pay more, at most" },
        },
        ["codes", "lines", "identities", "max_due"],
      ),
      ok: object({
        status: { type: "string", enum: [...words("ExchangeStatus").enum, "price_changed"] },
        replayed: { ...flag, description: "the exchange had been made before" },
        ...priced,
        payment: { anyOf: [payment, { type: "null" }], description: "null unless `payment_due`" },
        order: {
          anyOf: [ref("Order"), { type: "null" }],
          description: "the new order, once the tickets are exchanged",
        },
        from: { ...ref("Order"), description: "the order whose tickets go back, as it is now" },
      }),
    }),
    paid: route("paymentArrived", "A payment arrived", {
      description:
        "The payment provider reports it; in this demo, the page does. It may be reported any number of times: " +
        "`money` is always the same, and what is returned is noted once.",
      body: object({ id: { ...string, description: "the payment's id" } }),
      ok: object({
        order_id: string,
        status: { type: "string", enum: paidStatuses },
        money: { ...money, description: "whether the money is kept for the order or goes back; this never changes" },
      }),
    }),
    release: route("releaseTickets", "The buyer gives tickets of an order back", {
      params: id,
      body: object(released, ["id"]),
      ok: releasing,
    }),
    takeBack: route("takeBackTickets", "The organiser takes tickets of an order back", {
      params: id,
      body: object({ ...released, reason }, ["id", "reason"]),
      ok: releasing,
    }),
    codes: route("listCodes", "The organiser's codes with what was used of them, and the event's policy", {
      ok: object({
        codes: list(ref("Code")),
        policy: document("Policy", "what holds for all codes of the event"),
        clock: ref("Clock"),
      }),
    }),
    setClock: route("setClock", "Sets the event's clock, by which codes with hours and limits per day are judged", {
      description: "The policy then has the zone's offsets from UTC in these years.",
      body: object({ name: string, from_year: year, to_year: year }),
      ok: object({ policy: document("Policy", "what holds for all codes of the event"), clock: ref("Clock") }),
    }),
    setChoose: route("setChoose", "Sets which codes count if several fit an order", {
      description: "`entered`: what the buyer typed counts. `best`: those count that together cost the buyer least.",
      body: object({ choose: words("Choose") }),
      ok: object({ policy: document("Policy", "what holds for all codes of the event") }),
    }),
    addCode: route("addCode", "Adds a code", { body: object({ promo }), ok: ref("Code"), status: 201 }),
    editCode: route("editCode", "Replaces what the organiser wrote about a code", {
      description:
        "409 `stale_revision` if somebody else has edited the code since. The field by which uses are counted (its " +
        "`id` if it has one, otherwise its `code`) cannot be edited: the count would start again at 0.",
      params: code,
      body: object({ promo, revision: count }),
      ok: ref("Code"),
    }),
    ledger: route("getLedger", "What happened to a code over time, newest first, according to the orders' records", {
      params: code,
      querystring: object(
        {
          before: { type: "integer", minimum: 1, description: "only entries with a lower `n`" },
          limit: { type: "integer", minimum: 1, maximum: 1000, default: 100 },
        },
        [],
      ),
      ok: object({ total: { ...count, description: "how many entries there are" }, entries: list(ref("Entry")) }),
    }),
    report: route("getReport", "What came in with a code, what was given away, who used it and when", {
      description: "The kit's report: `list` is the price before any discount, `paid` what is payable for the tickets.",
      params: code,
      querystring: object({ ...period, persons: { type: "integer", minimum: 0, maximum: 1000, default: 10 } }, []),
      ok: ref("Report"),
    }),
    reportCsv: {
      operationId: "getReportCsv",
      summary: "The report of a code as a table, with rows for each person",
      params: code,
      querystring: object(period, []),
      response: { 200: { description: "the table", content: { "text/csv": { schema: string } } }, ...failures },
    },
    whatIf: route("whatIf", "What this edit of a code would change, and what the next buyer would get", {
      description:
        "Nothing is stored. An edit changes later orders only: tickets that are sold keep their price. The next " +
        "buyer is a person whom the code is for and who has no ticket yet, and asks for 1, 2, 3 … tickets of one type.",
      params: code,
      body: object(
        {
          promo,
          ticket_type: {
            type: "string",
            enum: event.ticket_types.map(({ id }) => id),
            description: "default: the first type that the code is for",
          },
          up_to: { type: "integer", minimum: 1, maximum: 20, description: "how many tickets at most; default 10" },
        },
        ["promo"],
      ),
      ok: object({
        simulation: document("Simulation", "what changes, limit by limit and field by field"),
        ticket_type: string,
        next: list(ref("Next")),
      }),
    }),
    stampede: {
      operationId: "stampede",
      summary:
        "Many buyers at the same time, at a host that checks first and counts later, or at one that commits the plan",
      description:
        "Answers one JSON object per line while it runs; the last line has `done: true` and what the database says. " +
        "409 `stampede_running` while another stampede runs.",
      body: object({
        host: { type: "string", enum: ["naive", "redeemable"] },
        buyers: { type: "integer", minimum: 1, maximum: 1000 },
        uses: { type: "integer", minimum: 0, maximum: 1000 },
      }),
      response: {
        200: { description: "one object per line", content: { "application/x-ndjson": { schema: ref("Progress") } } },
        ...failures,
      },
    },
  };
}
