// What the handler's routes share: the event and the order that a request asks for, and the records it may act on.
import { Refused, missing } from "./handler-answers.js";
import { noting } from "./handler-faults.js";
import { eventOf } from "./handler-options.js";
import { UUID, fieldsOf, listOf, textOf, wrong } from "./handler-requests.js";
import { clientOf } from "./handler-throttle.js";
import { invalid } from "./options.js";

const MOST_CODES = 16;

/** The record under this id, if this request may do that with it. Otherwise there is no such order. */
export async function ownOrder({ store, mayAct }, { id, ...context }, action) {
  if (!UUID.test(id)) missing();
  const { existing } = await store.read([], id);
  if (existing === null || !(await mayAct(existing, { ...context, action }))) missing();
  return existing;
}

/** The event, and the order for the engine: its prices come from the event, never from the request. */
export async function wished(shop, { request, info, event_id: asked, body, codes }, action) {
  const context = { request, action };
  const event = noting(eventOf((await shop.eventOf(asked, context)) ?? missing("event")));
  // A database may find one event under several spellings, and limits and throttle count for each id.
  const event_id = event.id ?? asked;
  const wait = await throttled(shop, { request, info, event_id, codes });
  if (wait > 0) {
    const headers = { "retry-after": String(Math.ceil(wait)) };
    throw new Refused(429, "too_many_codes", "codes", "expected fewer codes in a minute", headers);
  }
  const typed = fieldsOf(body.identities ?? {}, null, ["identities"]);
  const identities = (await shop.identitiesOf(typed, context)) ?? {};
  const { currency, facts } = event;
  const order = { event_id, currency, identities, facts };
  if (action === "view") return { event, order };
  const lines = listOf(body.lines, 100, ["lines"]).map((line, i) => {
    const { ticket_type, quantity } = fieldsOf(line, ["ticket_type", "quantity"], ["lines", i]);
    const at = ["lines", i, "ticket_type"];
    // The types are not listed here, because some may be locked.
    if (!Object.hasOwn(event.prices, textOf(ticket_type, 256, at))) wrong(at, "expected a ticket type of this event");
    if (quantity === undefined) wrong(["lines", i, "quantity"], "missing required field");
    return { ticket_type, quantity, unit_price: event.prices[ticket_type] };
  });
  return { event, order: { ...order, lines } };
}

async function throttled({ throttle, addressOf }, { request, info, event_id, codes }) {
  const count = codes.filter((code) => code.trim() !== "").length;
  if (count === 0) return 0;
  const address = addressOf(request, info);
  if (typeof address !== "string" || address === "") {
    const wanted = "expected the client's address: pass it to the handler as { address }, or set the option addressOf";
    throw invalid(["address"], wanted);
  }
  return throttle(JSON.stringify([event_id, clientOf(address)]), count);
}

/**
 * Whether a code is not accepted: its promotion may have a fault. The public reason is the same for codes that are
 * unknown and for those that are hidden, so that the answer takes equally long for both.
 */
export const isHidden = ({ violations }) => violations.some(({ public_reason }) => public_reason === "not_accepted");

/** A promotion with faults is left out: to a buyer its code is unknown, and all other codes work. */
export const requestOf = ({ promos, policy }, codes, order) => ({ codes, promos, policy, order, unsound: "leave_out" });

export const codesOf = (body, most = MOST_CODES) =>
  listOf(body.codes, most, ["codes"]).map((code, i) => textOf(code, 200, ["codes", i]));
