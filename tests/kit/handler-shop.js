// A shop with `createHandler`, on any store, and buyers who send it requests.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { Refused, createHandler } from "redeemable/handler";

export const NOW = 1_800_000_000_000;
export const SECRET = "only the provider knows this";

/** An event in EUR, where a seat costs 10.00 and a box, which needs a code, 50.00. */
export const eventWith = (promos, more = {}) => ({
  currency: "EUR",
  prices: { seat: 1000, box: 5000 },
  policy: { locked_ticket_types: ["box"] },
  hold_ms: 600_000,
  promos,
  ...more,
});

/** The shop's own notes are in this object. `more` replaces options of the handler. */
export function openShop(store, events, more = {}) {
  const shop = { now: NOW, asked: new Map(), refunds: new Map(), errors: [], written: [] };
  const handler = createHandler({
    store,
    eventOf: async (id) => (Object.hasOwn(events, id) ? events[id] : null),
    identitiesOf: (typed) => typed,
    write: (_, redemptions) => shop.written.push(...redemptions.map(({ id }) => id)),
    mayAct: () => true,
    ask({ order_id, total, currency, expires_at_ms, exchange }) {
      const id = `pay-${shop.asked.size + 1}`;
      shop.asked.set(id, { order_id, total, currency, exchange: JSON.parse(JSON.stringify(exchange)) });
      return { id, total, currency, pay_by_ms: expires_at_ms - 60_000 };
    },
    async reported(request) {
      if (request.headers.get("secret") !== SECRET) return null;
      const { id } = await request.json();
      const asked = shop.asked.get(id);
      if (asked === undefined) throw new Refused(404, "not_found", "id", "nobody asked for this payment");
      const { order_id, total, currency, exchange } = asked;
      return { id: order_id, payment: { id, total, currency }, refunded: shop.refunds.has(id), exchange };
    },
    refund: (owed) => shop.refunds.set(owed.id, owed),
    onError: (error) => shop.errors.push(error),
    codesPerMinute: 1_000_000,
    base: "/shop",
    now: () => shop.now,
    ...more,
  });
  const send = (method, path, body, headers = {}, address = "203.0.113.7") => {
    const text = typeof body === "string" ? body : JSON.stringify(body);
    const json = body === undefined ? {} : { "content-type": "application/json" };
    const request = new Request(`https://shop.example/shop/${path}`, {
      method,
      headers: { ...json, ...headers },
      ...(body !== undefined && { body: text }),
    });
    return handler(request, { address });
  };
  const ask = async (...request) => {
    const answer = await send(...request);
    assert.equal(answer.headers.get("content-type"), "application/json; charset=utf-8");
    assert.equal(answer.headers.get("cache-control"), "no-store");
    assert.equal(answer.headers.get("access-control-allow-origin"), null);
    return { code: answer.status, ...(await answer.json()) };
  };
  return Object.assign(shop, {
    handler,
    send,
    ask,
    get: (path) => ask("GET", path),
    post: (path, body, headers, address) => ask("POST", path, body, headers, address),
    view: (code, address) => ask("GET", `events/gala/view?code=${encodeURIComponent(code)}`, undefined, {}, address),
    buy: (wish) => ask("POST", "events/gala/orders", wish),
    report: (id, secret = SECRET) => ask("POST", "payments", { id }, { secret }),
    release: (id, release, tickets = null) => ask("POST", `orders/${id}/release`, { id: release, tickets }),
    async pay(id, max_total) {
      const asked = await ask("POST", `orders/${id}/payments`, { max_total });
      return asked.error ? asked : shop.report(asked.id);
    },
  });
}

export const wish = (codes, quantity, max_total, more = {}) => ({
  id: randomUUID(),
  codes,
  lines: [{ ticket_type: "seat", quantity }],
  max_total,
  ...more,
});

/** `[status, code, path]` of an error. */
export const faultOf = ({ code, error }) => [code, error?.code, error?.path];
