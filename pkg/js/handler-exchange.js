// The buyers' exchanges: what other tickets would cost, and the exchange itself, with what is due asked for and paid.
import {
  PriceChanged,
  changed,
  json,
  missing,
  refuse,
  refusalsOf,
  shownOrder,
  shownPreview,
} from "./handler-answers.js";
import { eventOf } from "./handler-options.js";
import { bodyOf, idOf, integerOf, listOf, wrong } from "./handler-requests.js";
import { codesOf, isHidden, ownOrder, requestOf, wished } from "./handler-wishes.js";
import { exchange } from "./host.js";
import { invalid, known } from "./options.js";

/** What the exchange would cost; nothing is stored and nothing is asked for. */
export async function previewExchange(shop, asked) {
  const body = await bodyOf(asked.request, ["tickets", "codes", "lines", ...shop.person]);
  const { old, event, wanted } = await wantedOf(shop, asked, body);
  const answer = (await exchange(shop.store, wanted, { now: shop.now })) ?? missing();
  shop.tellFaults(old.event_id, event, isHidden(answer));
  const { due, refundable, forgone } = answer;
  return json({ ...shownPreview(answer), due, refundable, forgone });
}

/** Exchanges tickets of the order on the terms that the buyer has agreed to: what is paid more, and what comes back. */
export async function exchangeOrder(shop, asked) {
  const { request, id: from } = asked;
  // Where nothing is paid back, nobody agrees to a sum that comes back.
  const terms = shop.exchanges === "refund" ? ["max_due", "min_refundable"] : ["max_due"];
  const body = await bodyOf(request, ["id", "tickets", "codes", "lines", ...terms, ...shop.person]);
  const id = idOf(request, body);
  if (id === from) wrong(["id"], "expected another id than that of the order whose tickets go back");
  const [max_due, min_refundable = 0] = terms.map((field) => integerOf(body[field], [field]));
  const made = await payBack(shop, { request, id, from });
  const { old, wanted, event, note } = await wantedOf(shop, asked, body, id);
  await isFree(shop, { request, id, from });
  const isDearer = ({ due, refundable }) => due > max_due || refundable < min_refundable;
  const agreed = (answer) => {
    approve(answer, id);
    if (!answer.replayed && isDearer(answer)) throw new PriceChanged(answer);
  };
  const answer =
    (await exchange(shop.store, wanted, { write: shop.write, now: shop.now, approve: agreed }).catch(changed)) ??
    missing();
  shop.tellFaults(old.event_id, event, isHidden(answer));
  const { due, refundable, forgone, replayed, quote, violations } = answer;
  const status = answer.status === "payment_due" && isDearer(answer) ? "price_changed" : answer.status;
  let payment = null;
  if (status === "payment_due") {
    const expires_at_ms = shop.now() + event.hold_ms;
    const bill = { order_id: id, revision: old.revision, total: due, currency: old.currency, expires_at_ms };
    payment = await askFor(shop, { ...bill, exchange: { ...note, from, max_due } }, { request });
  }
  const order = made ?? (await payBack(shop, { request, id, from }));
  const { existing: left } = await shop.store.read([], from);
  return json({
    status,
    replayed,
    quote,
    refusals: refusalsOf(violations),
    due,
    refundable,
    forgone,
    payment,
    order: order && shownOrder(order),
    from: shownOrder(left ?? old),
  });
}

/**
 * Pays back what is left over of an exchange that was made, and returns its order; null if there is none. It asks the
 * record: when prices have changed, or a type is not sold any more, the exchange that is asked for is another one.
 */
async function payBack(shop, { request, id, from }) {
  const { existing: order } = await shop.store.read([], id);
  if (order?.exchanged?.from !== from) return null;
  const { refundable } = order.exchanged;
  if (refundable > 0) {
    await ownOrder(shop, { request, id }, "exchange");
    await shop.refund({ id: `${from} ${id}`, order_id: from, total: refundable, currency: order.currency });
  }
  return order;
}

/** Asks the shop's payment provider, and returns what the page gets. */
export async function askFor(shop, due, context) {
  const asked = await shop.ask(due, context);
  if (typeof asked !== "object" || asked === null) throw invalid(["ask"], "expected it to return an object");
  return asked;
}

const NOTED = ["from", "tickets", "codes", "lines", "identities", "facts", "max_due"];

/**
 * What was due for an exchange was paid: the order `id` takes the place of what the shop has noted. Nobody is asked
 * again who the buyer is, because this request is the payment provider's.
 */
export async function payExchange(shop, { request, id, payment, noted }) {
  const at = ["reported", "exchange"];
  const { from, tickets, codes, lines, identities, facts, max_due } = known(noted, NOTED, at);
  if (typeof from !== "string") throw invalid([...at, "from"], "expected the id of the order whose tickets go back");
  if (!Array.isArray(lines)) throw invalid([...at, "lines"], "expected a list");
  if (!Number.isSafeInteger(max_due)) throw invalid([...at, "max_due"], "expected an integer");
  // The shop asks for no more than the buyer has agreed to, so this is a payment of something else.
  if (payment.total > max_due) refuse(409, "stale_payment", "reported.payment.total", `expected at most ${max_due}`);
  const { existing: old } = await shop.store.read([], from);
  const found = old && (await shop.eventOf(old.event_id, { request, action: "exchange" }));
  // These refusals are thrown: the caller then looks whether the payment was kept before, and keeps it if so.
  if (!found) refuse(404, "no_order", "reported.exchange.from", "expected a paid order of an event that is sold");
  const event = eventOf(found);
  const isSold = ({ ticket_type }) => Object.hasOwn(event.prices, ticket_type);
  if (!lines.every(isSold)) refuse(409, "exchange_refused", "reported.exchange.lines", "expected types that are sold");
  const priced = lines.map((line) => ({ ...line, unit_price: event.prices[line.ticket_type] }));
  const { event_id } = old;
  const order = { id, event_id, currency: event.currency, identities, facts, lines: priced };
  const wanted = { id: from, tickets, request: requestOf(event, codes, order), payment };
  const options = { write: shop.write, now: shop.now, approve: (answer) => approve(answer, id) };
  return exchange(shop.store, wanted, options);
}

/** The exchange that a request asks for, and what the shop notes of it beside a payment. */
async function wantedOf(shop, { request, info, id: from }, body, id) {
  const codes = codesOf(body);
  const tickets = (body.tickets ?? null) && listOf(body.tickets, 1000, ["tickets"]);
  const old = await ownOrder(shop, { request, id: from, tickets }, "exchange");
  const asked = { request, info, event_id: old.event_id, body, codes };
  const { event, order: wish } = await wished(shop, asked, "exchange");
  const order = { ...wish, id };
  const wanted = { id: from, tickets, request: requestOf(event, codes, order), refund: shop.exchanges === "refund" };
  const { identities, facts } = wish;
  const lines = wish.lines.map(({ ticket_type, quantity }) => ({ ticket_type, quantity }));
  return { old, event, wanted, note: { tickets, codes, lines, identities, facts: facts ?? null } };
}

/** The id may be that of this exchange, asked for again. Any other order under it stays as it is. */
async function isFree(shop, { request, id, from }) {
  const { existing } = await shop.store.read([], id);
  if (existing === null) return;
  await ownOrder(shop, { request, id }, "exchange");
  if (existing.exchanged?.from !== from) taken();
}

/** Another order may have come under this id since. */
function approve({ replayed, ops }, id) {
  if (!replayed && ops.some((op) => op.op === "update" && op.id === id)) taken();
}

const taken = () => refuse(409, "id_taken", "id", "expected an id of its own: there is an order under this id");
