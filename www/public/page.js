// The order form: previews with the engine in the browser while one types, and buys at the host, which decides again.
import { init, validateRedemption } from "/redeemable/browser.js";
import { api, byId, el, moneyIn } from "./dom.js";
import { remember, showLedger, showOrders } from "./orders.js";

const REFUSALS = {
  not_accepted: "is not accepted",
  used_up: "is used up",
  order_not_eligible: "does not apply to this order",
  identity_required: "needs your e-mail",
};
/** What the event's own caps say, for which no code is to blame. */
const POLICY_REFUSALS = {
  used_up: "This e-mail has no free tickets left for this event.",
  order_not_eligible: "This order is already confirmed.",
  identity_required: "Please give your e-mail.",
};

let event;
let money;
/** What the host handed over for the codes and the e-mail in `known`. */
let data;
let known;
let asked = 0;
let timer;
/** Minted before the first try: a purchase whose answer was lost is repeated under the same id and sold once. */
let orderId = crypto.randomUUID();

const codes = () => byId("codes").value.split(",").map((code) => code.trim()).filter((code) => code !== "");
const identities = () => (byId("email").value.trim() === "" ? {} : { email: byId("email").value });
const lines = () => event.ticket_types
  .map(({ id }) => ({ ticket_type: id, quantity: byId(`quantity-${id}`).valueAsNumber || 0 }))
  .filter(({ quantity }) => quantity > 0);
const typed = () => JSON.stringify([codes(), identities()]);

function refusal({ code, public_reason }) {
  return code === null ? POLICY_REFUSALS[public_reason] : `${code} ${REFUSALS[public_reason]}.`;
}

/** Prices the order by what is known; codes that the host has not been asked about yet have to wait for it. */
function preview() {
  if (lines().length === 0) return show(null, []);
  if (typed() !== known) return;
  const price = Object.fromEntries(event.ticket_types.map((type) => [type.id, type.price]));
  const order = {
    event_id: event.id, currency: event.currency, identities: identities(),
    lines: lines().map((line) => ({ ...line, unit_price: price[line.ticket_type] })),
  };
  try {
    const { quote, violations } = validateRedemption({ codes: codes(), order, ...data });
    show(quote, violations);
  } catch (error) {
    show(null, [], `${error.path}: ${error.message}`);
  }
}

function show(quote, refusals, problem = "") {
  const names = Object.fromEntries(event.ticket_types.map((type) => [type.id, type.name]));
  const accepted = quote !== null && refusals.length === 0;
  byId("lines").hidden = quote === null;
  byId("lines").tBodies[0].replaceChildren(...(quote?.tickets ?? []).map((ticket) => el("tr", {},
    el("td", {}, names[ticket.ticket_type]),
    el("td", {}, ticket.codes.join(", ")),
    el("td", { class: "money" }, ...(ticket.discount > 0 ? [el("s", {}, money(ticket.unit_price)), " "] : []), money(ticket.price)),
  )));
  // Several violations of one code may read the same to the buyer: each sentence is said once.
  const told = refusals.filter((violation, index) => refusals.findIndex((first) => refusal(first) === refusal(violation)) === index);
  byId("refusals").replaceChildren(...told.map((violation) => el("li", { "data-reason": violation.public_reason }, refusal(violation))));
  const sums = [];
  if (quote === null) sums.push(el("dd", {}, problem || "Choose at least one ticket."));
  else {
    if (quote.discount > 0) sums.push(["Subtotal", quote.subtotal], ["Discount", -quote.discount]);
    sums.push([accepted ? "Total" : "Total without codes", quote.total]);
  }
  byId("sums").replaceChildren(...sums.flatMap((sum) => (Array.isArray(sum) ? [el("dt", {}, sum[0]), el("dd", { class: "money" }, money(sum[1]))] : [sum])));
  byId("price").dataset.total = accepted ? quote.total : "";
  byId("price").setAttribute("aria-busy", "false");
  byId("buy").disabled = !accepted;
  byId("buy").textContent = accepted && quote.payment === "none" ? "Get the tickets" : "Buy";
}

/** Asks the host for what the preview needs, a moment after the last key. */
function refresh(delay = 250) {
  preview();
  clearTimeout(timer);
  if (lines().length === 0) return;
  byId("price").setAttribute("aria-busy", "true");
  if (typed() !== known) byId("buy").disabled = true;
  timer = setTimeout(async () => {
    const [number, about] = [(asked += 1), typed()];
    try {
      const answer = await api("/api/preview-data", { codes: codes(), lines: lines(), identities: identities() });
      // An answer that was overtaken by a later question is dropped.
      if (number !== asked) return;
      [data, known] = [answer, about];
      preview();
    } catch (error) {
      if (number === asked) show(null, [], error.message);
    }
  }, delay);
}

async function buy(submitted) {
  submitted.preventDefault();
  byId("buy").disabled = true;
  remember(orderId);
  try {
    const { status, refusals } = await api("/api/orders", { id: orderId, codes: codes(), lines: lines(), identities: identities() });
    if (status === "accepted") {
      orderId = crypto.randomUUID();
      byId("codes").value = "";
      for (const { id } of event.ticket_types) byId(`quantity-${id}`).value = 0;
      byId("notice").textContent = "Your order is below.";
    } else {
      byId("notice").textContent = `Not sold: ${refusals.map(refusal).join(" ")}`;
    }
    refresh(0);
  } catch (error) {
    byId("notice").textContent = `Not sold (${error.message}). Nothing is lost: try again.`;
    byId("buy").disabled = false;
  }
  changed();
}

/** After anything was bought, paid or released. */
function changed() {
  showOrders({ event, money, changed: () => { refresh(0); changed(); } });
  showLedger({ event, money });
}

event = await api("/api/event");
money = moneyIn(event.currency);
document.title = `${event.name}: tickets`;
byId("event").textContent = event.name;
byId("types").replaceChildren(...event.ticket_types.map(({ id, name, price }, i) => el("p", { class: "type" },
  el("label", { for: `quantity-${id}` }, name, el("span", { class: "hint" }, ` ${money(price)}`)),
  el("input", { id: `quantity-${id}`, type: "number", min: "0", max: "20", value: i === 0 ? "1" : "0" }),
)));
await init();
byId("form").addEventListener("input", () => {
  byId("notice").textContent = "";
  refresh();
});
byId("form").addEventListener("submit", buy);
refresh(0);
changed();
