// A shop's routes for buyers: what it shows, sells, takes back and exchanges, from Request to Response.
import {
  PriceChanged,
  Refused,
  answerTo,
  changed,
  json,
  missing,
  refusalsOf,
  refuse,
  shownOrder,
  shownPreview,
} from "./handler-answers.js";
import { askFor, exchangeOrder, payExchange, previewExchange } from "./handler-exchange.js";
import { faultTeller } from "./handler-faults.js";
import { shopOf } from "./handler-options.js";
import { bodyOf, idOf, integerOf, listOf, wrong } from "./handler-requests.js";
import { viewOf } from "./handler-view.js";
import { codesOf, isHidden, ownOrder, requestOf, wished } from "./handler-wishes.js";
import { confirm, preview, redeem, release } from "./host.js";
import { invalid, known } from "./options.js";

export { Refused, shownOrder } from "./handler-answers.js";

/** Returns `(request, info) => Promise<Response>`; handler.d.ts describes the options and the routes. */
export function createHandler(options) {
  const shop = shopOf(options);
  shop.tellFaults = faultTeller(shop.onError);
  return async (request, info) => {
    try {
      return await routed(shop, request, info);
    } catch (error) {
      return answerTo(error, shop.onError);
    }
  };
}

/** `:event` and `:id` stand for one part of the path each. */
const ROUTES = [
  ["GET", "events/:event/view", view],
  ["POST", "events/:event/view", view],
  ["POST", "events/:event/preview", priced],
  ["POST", "events/:event/orders", buy],
  ["GET", "orders/:id", show],
  ["POST", "orders/:id/payments", pay],
  ["POST", "orders/:id/release", giveBack],
  ["POST", "orders/:id/exchange", exchanging(exchangeOrder)],
  ["POST", "orders/:id/exchange/preview", exchanging(previewExchange)],
  ["POST", "payments", paid],
].map(([method, path, answer]) => ({ method, parts: path.split("/"), answer }));

async function routed(shop, request, info) {
  const path = pathOf(shop.base, request.url) ?? missing("page");
  const fits = ({ parts }) =>
    parts.length === path.length && parts.every((part, i) => part === path[i] || part.startsWith(":"));
  const there = ROUTES.filter(fits);
  if (there.length === 0) missing("page");
  const route = there.find(({ method }) => method === request.method);
  if (route === undefined) {
    const allow = there.map(({ method }) => method).join(", ");
    throw new Refused(405, "invalid_request", "", `expected the method ${allow}`, { allow });
  }
  const value = (name) => path[route.parts.indexOf(name)];
  return route.answer(shop, { request, info, event_id: value(":event"), id: value(":id") });
}

/** The parts of the path below `base`; null if it is elsewhere or cannot be read. */
function pathOf(base, url) {
  const { pathname } = new URL(url, "http://shop");
  if (!pathname.startsWith(`${base}/`)) return null;
  try {
    return pathname
      .slice(base.length + 1)
      .split("/")
      .map(decodeURIComponent);
  } catch {
    return null;
  }
}

/** What a page needs to price orders with one code by itself. It asks again only for another code or person. */
async function view(shop, { request, info, event_id }) {
  const body = request.method === "GET" ? queryOf(request) : await bodyOf(request, ["codes", ...shop.person]);
  const codes = codesOf(body, 1);
  const { event, order } = await wished(shop, { request, info, event_id, body, codes }, "view");
  const answer = await viewOf(shop, { event, order, codes });
  shop.tellFaults(event_id, event, answer.view.promos.length < codes.length);
  return json(answer);
}

/** The price of an order that the page cannot price itself; nothing is stored. */
async function priced(shop, { request, info, event_id }) {
  const body = await bodyOf(request, ["codes", "lines", ...shop.person]);
  const codes = codesOf(body);
  const { event, order } = await wished(shop, { request, info, event_id, body, codes }, "preview");
  const decision = await preview(shop.store, requestOf(event, codes, order), { now: shop.now });
  shop.tellFaults(event_id, event, isHidden(decision));
  return json(shownPreview(decision));
}

/** Sells the order at a total of at most what the buyer has agreed to, once under its id. */
async function buy(shop, { request, info, event_id }) {
  const body = await bodyOf(request, ["id", "codes", "lines", "max_total", ...shop.person]);
  const id = idOf(request, body);
  const codes = codesOf(body);
  const max_total = integerOf(body.max_total, ["max_total"]);
  const { event, order } = await wished(shop, { request, info, event_id, body, codes }, "buy");
  const approve = async (decision) => {
    if (decision.quote.total > max_total) throw new PriceChanged(decision);
    // Only an order that is there already can be another buyer's.
    const isThere = decision.replayed || decision.ops.some((op) => op.op === "update" && op.id === id);
    if (isThere) await ownOrder(shop, { request, id }, "buy");
  };
  const held = { ...order, id, hold_until_ms: shop.now() + event.hold_ms };
  const options = { write: shop.write, approve, now: shop.now };
  const decision = await redeem(shop.store, requestOf(event, codes, held), options).catch(changed);
  shop.tellFaults(event_id, event, isHidden(decision));
  const { status, replayed, quote, violations } = decision;
  const { existing } = await shop.store.read([], id);
  const isSold = status === "accepted";
  // A refusal and a price tell something of the order that is there, too.
  if (!isSold && existing !== null) await ownOrder(shop, { request, id }, "buy");
  return json({
    status,
    replayed,
    quote,
    refusals: refusalsOf(violations),
    order: isSold ? shownOrder(existing) : null,
  });
}

async function show(shop, { request, id }) {
  return json(shownOrder(await ownOrder(shop, { request, id }, "show")));
}

/** Asks the shop's payment provider for a payment of what is due. */
async function pay(shop, { request, id }) {
  const body = await bodyOf(request, ["max_total"]);
  const max_total = integerOf(body.max_total, ["max_total"]);
  const { revision, state, tickets, currency, expires_at_ms } = await ownOrder(shop, { request, id }, "pay");
  // A lapsed order must be placed again, at the price of that day.
  const isHeld = state === "held" && expires_at_ms > shop.now();
  const total = isHeld ? tickets.reduce((sum, { released, price }) => sum + (released ? 0 : price), 0) : 0;
  if (total === 0) refuse(409, "nothing_to_pay", "id", "expected an order that is held until its payment");
  if (total > max_total)
    refuse(409, "price_changed", "max_total", `expected ${total}: the order was changed meanwhile`);
  const due = { order_id: id, revision, total, currency, expires_at_ms, exchange: null };
  return json(await askFor(shop, due, { request }), 201);
}

/** Only a shop that has said what becomes of money that is left over lets its buyers exchange. */
function exchanging(answer) {
  return (shop, asked) => (shop.exchanges === null ? missing("page") : answer(shop, asked));
}

/**
 * A payment was reported, maybe not for the first time. What the buyer is owed is passed to `refund` before the answer:
 * if that fails, the provider reports the payment again.
 */
async function paid(shop, { request }) {
  const report = await shop.reported(request);
  if (report instanceof Response) return report;
  if (report === null) refuse(403, "not_allowed", "", "expected a report of the shop's payment provider");
  const fields = ["id", "payment", "refunded", "exchange"];
  const { id, payment, refunded, exchange: noted = null } = known(report, fields, ["reported"]);
  if (typeof refunded !== "boolean") throw invalid(["reported", "refunded"], "expected a boolean");
  if (!Number.isSafeInteger(payment?.total)) throw invalid(["reported", "payment", "total"], "expected an integer");
  if (refunded) return json({ order_id: id, status: "already_returned", money: "returned" });
  const options = { write: shop.write, now: shop.now };
  const asked = () =>
    noted === null ? confirm(shop.store, { id, payment }, options) : payExchange(shop, { request, id, payment, noted });
  const answer = await asked().catch(async (error) => {
    // The hold had lapsed, and the shop's own rows do not fit any more: its seats are sold, for example.
    if (!(error instanceof Refused)) throw error;
    // The same payment may be reported twice at once, and the other report may have found a seat.
    const { payments = [] } = (await shop.store.read([], id)).existing ?? {};
    const isKept = payments.some((one) => one.id === payment.id && one.outcome === "kept");
    return isKept ? { status: "already_confirmed", money: "kept" } : { status: error.code, money: "returned" };
  });
  const { status, money } = answer ?? { status: "no_order", money: "returned" };
  const { id: payment_id, total, currency } = payment;
  if (money === "returned") await shop.refund({ id: payment_id, order_id: id, total, currency });
  return json({ order_id: id, status, money });
}

/** The buyer gives tickets back. Asked again under the same id, it releases nothing more and answers the same. */
async function giveBack(shop, { request, id }) {
  const body = await bodyOf(request, ["id", "tickets"]);
  const release_id = idOf(request, body);
  const tickets = (body.tickets ?? null) && listOf(body.tickets, 1000, ["tickets"]);
  const { currency } = await ownOrder(shop, { request, id, tickets }, "release");
  // Other reasons treat the uses and the money differently, so a buyer must not choose the reason.
  const returned = { id, release_id, tickets, reason: "buyer_released" };
  const answer = (await release(shop.store, returned, { write: shop.write, now: shop.now })) ?? missing();
  const { status, tickets: released, refundable } = answer;
  if (refundable > 0) await shop.refund({ id: `${id} ${release_id}`, order_id: id, total: refundable, currency });
  const { existing } = await shop.store.read([], id);
  return json({ status, tickets: released, refundable, order: shownOrder(existing) });
}

/** `?code=` of a view's address. */
function queryOf(request) {
  const query = [...new URL(request.url, "http://shop").searchParams];
  const other = query.find(([name], i) => name !== "code" || i > 0);
  if (other !== undefined) wrong([other[0]], "expected one code and nothing else in the query");
  return { codes: query.map(([, code]) => code) };
}
