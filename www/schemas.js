// JSON Schemas of what each route takes and answers. The host checks requests with them, and /api/openapi.json is made
// from them.
import {
  object,
  list,
  maybe,
  ref,
  document,
  UUID,
  string,
  flag,
  count,
  amount,
  year,
  time,
  words,
  reason,
  money,
  paidStatuses,
  applied,
  failures,
} from "./shapes.js";

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
      promos: list(
        document("Promo", "the code, if it is accepted, and those that apply by themselves; limits are what is left"),
      ),
      policy: document("Policy", "the event's policy; its limits are what is left of them"),
      complete: { ...flag, description: "whether the page may decide by itself; if not, ask for a preview" },
      valid_until_ms: { ...maybe(time), description: "ask for another view then: the first of the promotions ends" },
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
