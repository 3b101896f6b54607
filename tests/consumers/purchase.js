// A purchase over HTTP at a shop with the handler, and what a thief and a guesser try there.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";

const SECRET = "secret";
const BASE = "/api/shop";

/** `send` is `fetch`, for a shop that is not at an address. */
export async function purchase(origin, send = fetch) {
  const ask = async (method, path, body, headers = {}) => {
    const answer = await send(`${origin}${BASE}/${path}`, {
      method,
      ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
      headers: { ...(body !== undefined && { "content-type": "application/json" }), ...headers },
    });
    assert.equal(answer.headers.get("content-type"), "application/json; charset=utf-8", path);
    return { code: answer.status, ...(await answer.json()) };
  };
  const faultOf = ({ code, error }) => [code, error.code, error.path];

  const seen = await ask("GET", "events/gala/view?code=early20");
  assert.deepEqual([seen.view.promos[0].code, seen.prices], ["EARLY20", { regular: 4500, student: 2000 }]);

  // 2 × 45.00 less 20 % is 72.00.
  const order = {
    id: randomUUID(),
    codes: ["early20"],
    lines: [{ ticket_type: "regular", quantity: 2 }],
    max_total: 7200,
  };
  const bought = await ask("POST", "events/gala/orders", order);
  assert.deepEqual([bought.status, bought.replayed, bought.order.total], ["accepted", false, 7200]);
  const [again, dear, thief] = [
    await ask("POST", "events/gala/orders", order),
    await ask("POST", "events/gala/orders", { ...order, id: randomUUID(), max_total: 7199 }),
    await ask("POST", "events/gala/orders", { ...order, lines: [{ ...order.lines[0], unit_price: 1 }] }),
  ];
  assert.deepEqual([again.replayed, dear.status], [true, "price_changed"]);
  assert.deepEqual(faultOf(thief), [400, "invalid_request", "lines[0].unit_price"]);
  const twice = JSON.stringify(order).replace('"max_total"', '"max_total":1,"max_total"');
  assert.deepEqual(faultOf(await ask("POST", "events/gala/orders", twice)), [400, "invalid_request", "max_total"]);
  const long = { ...order, codes: ["A".repeat(70_000)] };
  assert.deepEqual(faultOf(await ask("POST", "events/gala/orders", long)), [413, "invalid_request", ""]);

  const payment = await ask("POST", `orders/${order.id}/payments`, { max_total: 7200 });
  assert.deepEqual([payment.code, payment.total, payment.currency], [201, 7200, "EUR"]);
  const { code, ...report } = payment;
  assert.deepEqual(faultOf(await ask("POST", "payments", report, { secret: "guess" })), [403, "not_allowed", ""]);
  const paid = { code: 200, order_id: order.id, status: "confirmed", money: "kept" };
  assert.deepEqual(await ask("POST", "payments", report, { secret: SECRET }), paid);
  const stranger = { ...report, id: randomUUID() };
  assert.deepEqual(faultOf(await ask("POST", "payments", stranger, { secret: SECRET })), [404, "not_found", "id"]);
  const back = { id: randomUUID(), tickets: [0] };
  for (const status of ["released", "already_released"]) {
    const released = await ask("POST", `orders/${order.id}/release`, back);
    assert.deepEqual([released.status, released.refundable], [status, 3600]);
  }
  assert.deepEqual((await ask("GET", `orders/${order.id}`)).total, 3600);

  let last;
  for (let n = 0; n < 60; n += 1) last = await send(`${origin}${BASE}/events/gala/view?code=guess${n}`);
  assert.equal(last.status, 429);
  assert.ok(Number(last.headers.get("retry-after")) > 0);
}
