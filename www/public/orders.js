// The buyer's orders, kept in this browser by their ids, and the organiser's ledger.
import { api, byId, el } from "./dom.js";

const STATES = { held: "waiting for payment", confirmed: "paid", released: "released" };
const PAID = {
  confirmed: "Paid.",
  already_confirmed: "This was paid already.",
  stale_payment: "The order was changed meanwhile; your money goes back.",
  late_payment_conflict: "The payment came too late and the discount is used up; your money goes back.",
  released: "The order was released; your money goes back.",
};
const REASONS = ["buyer_released", "organizer_cancelled", "refunded", "forfeited", "no_show", "disputed"];

const ids = () => JSON.parse(localStorage.getItem("orders") ?? "[]");
const keep = (list) => localStorage.setItem("orders", JSON.stringify(list));

/** Called before the host is asked, so that an answer that is lost can be found again. */
export function remember(id) {
  if (!ids().includes(id)) keep([id, ...ids()]);
}

export async function showOrders({ event, money, changed }) {
  const orders = await Promise.all(ids().map((id) => api(`/api/orders/${id}`).catch((error) => ({ id, error }))));
  // A refused order was never stored.
  keep(orders.filter(({ error }) => error?.code !== "not_found").map(({ id }) => id));
  const found = orders.filter(({ error }) => !error);
  byId("orders").replaceChildren(...(found.length > 0 ? found.map((order) => card(order, { event, money, changed })) : [el("p", { class: "hint" }, "None yet.")]));
}

function card(order, { event, money, changed }) {
  const names = Object.fromEntries(event.ticket_types.map((type) => [type.id, type.name]));
  const act = async (path, body, say) => {
    try {
      byId("orders-notice").textContent = say(await api(`/api/orders/${order.id}/${path}`, body));
    } catch (error) {
      byId("orders-notice").textContent = error.message;
    }
    changed();
  };
  const boxes = order.tickets.map((ticket, index) => el("input", { type: "checkbox", value: index, disabled: ticket.released !== null, id: `${order.id}-${index}` }));
  const tickets = order.tickets.map(({ ticket_type, price, codes, released }, index) => {
    const ticket = `${names[ticket_type]}, ${money(price)}${codes.length > 0 ? ` (${codes.join(", ")})` : ""}`;
    return el("li", {}, boxes[index], el("label", { for: boxes[index].id }, ...(released ? [el("s", {}, ticket), ` ${released.reason.replaceAll("_", " ")}`] : [ticket])));
  });
  const parts = [
    el("h3", {}, `Order ${order.id.slice(0, 8)} · ${STATES[order.state]} · ${money(order.total)}`),
    el("ul", {}, ...tickets),
  ];
  if (order.state === "held") {
    const until = new Date(order.expires_at_ms).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
    parts.push(
      el("p", { class: "hint" }, `Kept for you until ${until}.`),
      el("button", { type: "button", class: "pay", onclick: () => act("pay", { total: order.total }, ({ status }) => PAID[status]) }, `Pay ${money(order.total)}`),
    );
  }
  if (order.state !== "released") {
    const reason = el("select", { id: `${order.id}-reason` }, ...REASONS.map((name) => el("option", { value: name }, name.replaceAll("_", " "))));
    const release = () => {
      const chosen = boxes.filter((box) => box.checked).map((box) => Number(box.value));
      return act("release", { reason: reason.value, tickets: chosen.length > 0 ? chosen : null },
        ({ tickets, refundable }) => `${tickets.length} released${refundable > 0 ? `, ${money(refundable)} to refund` : ""}.`);
    };
    parts.push(el("p", { class: "release" },
      el("label", { for: reason.id }, "Release the ticked tickets (none ticked: all), because"), reason,
      el("button", { type: "button", class: "release", onclick: release }, "Release")));
  }
  return el("article", { id: `order-${order.id}`, "data-state": order.state, "data-total": order.total }, ...parts);
}

const DISCOUNTS = {
  percent: ({ percent }) => `${percent} %`,
  amount_per_ticket: ({ amount }, money) => `${money(amount)} a ticket`,
  amount_per_order: ({ amount }, money) => `${money(amount)} an order`,
  fixed_price: ({ price }, money) => `${money(price)} instead`,
  free: () => "everything",
  none: () => "nothing",
};

export async function showLedger({ event, money }) {
  const { codes } = await api("/api/ledger");
  const names = Object.fromEntries(event.ticket_types.map((type) => [type.id, type.name]));
  const of = (limit) => (limit == null ? "" : ` of ${limit}`);
  byId("ledger").tBodies[0].replaceChildren(...codes.map(({ promo, counters }) => {
    const discount = promo.discount ?? { kind: "percent", percent: promo.discount_percent };
    const sum = (pattern) => Object.entries(counters).filter(([key]) => pattern.test(key)).reduce((total, [, used]) => total + used, 0);
    const conditions = [
      promo.ticket_types && `${promo.ticket_types.map((type) => names[type]).join(", ")} only`,
      promo.max_uses_per_identity && `${promo.max_uses_per_identity} per person`,
      promo.min_tickets && `from ${promo.min_tickets} tickets`,
      promo.combines && "with other codes",
    ];
    return el("tr", { "data-code": promo.code },
      el("td", {}, el("code", {}, promo.code)),
      el("td", {}, DISCOUNTS[discount.kind](discount, money)),
      el("td", {}, conditions.filter(Boolean).join("; ")),
      el("td", { class: "uses" }, `${sum(/^code\/.*\/uses$/)}${of(promo.single_use ? 1 : promo.max_uses)}`),
      el("td", {}, `${money(sum(/^code\/.*\/spend\//))}${promo.budget == null ? "" : ` of ${money(promo.budget)}`}`),
      el("td", {}, ...(promo.pools ?? []).map((pool) => `${pool.id}: ${sum(/^pool\/.*\/uses$/)}${of(pool.max_uses)}`)),
    );
  }));
}
