// What a thief sends: nobody gets a price or an order that is not theirs, and each mistake is named.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { createHandler } from "redeemable/handler";
import { eventWith, faultOf, openShop, wish } from "./handler-shop.js";
import { openMemory } from "./support.js";

const TEN = { code: "TEN", discount_percent: 10, max_uses: 3 };
const open = (promos = [TEN], more = {}, event = {}) =>
  openShop(openMemory().store, { gala: eventWith(promos, event) }, more);
const bad = (path) => [400, "invalid_request", path];

test("each field that is wrong is named, and nothing is sold", async () => {
  const shop = open();
  const order = wish(["TEN"], 1, 900);
  const line = order.lines[0];
  for (const [more, path] of [
    [{ price: 1 }, "price"],
    [{ lines: [{ ...line, unit_price: 1 }] }, "lines[0].unit_price"],
    [{ lines: [line, { ...line, price: 1 }] }, "lines[1].price"],
    [{ lines: [{ ...line, quantity: -1 }] }, "lines[0].quantity"],
    [{ lines: [{ ...line, quantity: 0 }] }, "lines[0].quantity"],
    [{ lines: [{ ...line, quantity: 1.5 }] }, "lines[0].quantity"],
    [{ lines: [{ ...line, quantity: "1" }] }, "lines[0].quantity"],
    [{ lines: [{ ...line, quantity: null }] }, "lines[0].quantity"],
    [{ lines: [{ ticket_type: "seat" }] }, "lines[0].quantity"],
    [{ lines: [{ ...line, quantity: 1001 }] }, "lines[0].quantity"],
    [{ lines: [{ ...line, ticket_type: "throne" }] }, "lines[0].ticket_type"],
    [{ lines: [{ ...line, ticket_type: "__proto__" }] }, "lines[0].ticket_type"],
    [{ lines: [{ ...line, ticket_type: "constructor" }] }, "lines[0].ticket_type"],
    [{ lines: [{ ...line, ticket_type: ["seat"] }] }, "lines[0].ticket_type"],
    [{ lines: [] }, "lines"],
    [{ lines: Array(101).fill(line) }, "lines"],
    [{ lines: [null] }, "lines[0]"],
    [{ lines: [[]] }, "lines[0]"],
    [{ lines: { 0: line } }, "lines"],
    [{ lines: undefined }, "lines"],
    [{ currency: "JPY" }, "currency"],
    [{ event_id: "other" }, "event_id"],
    [{ hold_until_ms: 9e15 }, "hold_until_ms"],
    [{ facts: { member: true } }, "facts"],
    [{ promos: [] }, "promos"],
    [{ codes: Array(17).fill("A") }, "codes"],
    [{ codes: ["A".repeat(201)] }, "codes[0]"],
    [{ codes: ["\ud800"] }, "codes[0]"],
    [{ codes: [7] }, "codes[0]"],
    [{ codes: "TEN" }, "codes"],
    [{ codes: undefined }, "codes"],
    [{ identities: [] }, "identities"],
    [{ identities: "ann" }, "identities"],
    [{ identities: { email: "" } }, "identities.email"],
    [{ identities: { email: "a".repeat(400) } }, "identities.email"],
    [{ max_total: undefined }, "max_total"],
    [{ max_total: -1 }, "max_total"],
    [{ max_total: 9.5 }, "max_total"],
    [{ max_total: "900" }, "max_total"],
    [{ max_total: null }, "max_total"],
    [{ max_total: 2 ** 53 }, "max_total"],
    [{ id: "1" }, "id"],
    [{ id: order.id.toUpperCase() }, "id"],
    [{ id: `${order.id.slice(0, 14)}1${order.id.slice(15)}` }, "id"],
    [{ id: [order.id] }, "id"],
    [{ id: null }, "id"],
  ]) {
    const answer = await shop.buy({ ...order, ...more });
    assert.deepEqual(faultOf(answer), bad(path), JSON.stringify(more));
    assert.ok(answer.error.message.length > 8);
  }
  assert.deepEqual(shop.written, []);
  assert.deepEqual(shop.errors, []);
});

test("a body is strict JSON of a bounded size, and of the right type", async () => {
  const shop = open();
  const order = wish(["TEN"], 1, 900);
  const text = JSON.stringify(order);
  const send = async (body, headers) => faultOf(await shop.post("events/gala/orders", body, headers));
  // JSON.parse would take the last of two fields of one name.
  assert.deepEqual(await send(`{"max_total": 1, ${text.slice(1)}`), bad("max_total"));
  assert.deepEqual(await send(text.replace('"quantity":1', '"quantity":1,"quantity":2')), bad("lines[0].quantity"));
  assert.deepEqual(
    await send(text.replace('"quantity":1', '"quantity":1,"quantit\\u0079":2')),
    bad("lines[0].quantity"),
  );
  assert.deepEqual(await send(text.replace('{"id"', '{"__proto__":{"max_total":1},"id"')), bad("__proto__"));
  assert.deepEqual(
    await send(text.replace('"lines":[{', '"lines":[{"__proto__":{"unit_price":1},')),
    bad("lines[0].__proto__"),
  );
  for (const body of ["", "{", "codes=TEN", `${text}x`, "'a'", "\u0000"])
    assert.deepEqual(await send(body), bad(""), body);
  for (const body of ["null", "[]", "1", '"a"', "[".repeat(30_000) + "]".repeat(30_000)])
    assert.deepEqual(await send(body), bad(""));
  // What looks like a second key inside a text is none.
  const odd = wish(['","codes":["', "\\"], 1, 1000);
  assert.equal((await shop.buy(odd)).status, "rejected");

  const big = JSON.stringify({ ...order, codes: ["A".repeat(70_000)] });
  assert.deepEqual(await send(big), [413, "invalid_request", ""]);
  for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=a", ""])
    assert.deepEqual(await send(text, { "content-type": type }), [415, "invalid_request", ""]);
  const request = (body) =>
    new Request("https://shop.example/shop/events/gala/orders", {
      method: "POST",
      headers: { "content-type": "application/json; charset=utf-8" },
      body,
      duplex: "half",
    });
  const status = async (body) => (await shop.handler(request(body), { address: "203.0.113.7" })).status;
  assert.equal(await status(new Uint8Array([34, 255, 34])), 400);
  // The length is counted, whatever the header says; the rest of an endless body is not read.
  let pulled = 0;
  const endless = new ReadableStream({
    pull(controller) {
      pulled += 1;
      controller.enqueue(new Uint8Array(10_000));
    },
  });
  assert.equal(await status(endless), 413);
  assert.ok(pulled < 10);
  const broken = new ReadableStream({ pull: (controller) => controller.error(new Error("gone")) });
  assert.equal(await status(broken), 400);
  assert.equal(await status(text), 200);
  assert.deepEqual(shop.errors, []);
});

test("only the routes answer, with their methods", async () => {
  const shop = open();
  const id = randomUUID();
  for (const path of [
    "",
    "events",
    "events/gala",
    "events/gala/views",
    `orders/${id}/x`,
    "orders",
    "%ff",
    "payments/x",
  ])
    assert.deepEqual(faultOf(await shop.get(path)).slice(0, 2), [404, "not_found"], path);
  assert.equal((await shop.handler(new Request("https://shop.example/shopping/payments"))).status, 404);
  assert.equal((await shop.handler(new Request("https://shop.example/payments"))).status, 404);
  for (const [method, path, allow] of [
    ["DELETE", `orders/${id}`, "GET"],
    ["OPTIONS", "events/gala/orders", "POST"],
    ["PUT", "events/gala/view", "GET, POST"],
    ["GET", "payments", "POST"],
  ]) {
    const answer = await shop.send(method, path);
    assert.deepEqual([answer.status, answer.headers.get("allow")], [405, allow]);
    for (const [name] of answer.headers) assert.doesNotMatch(name, /^access-control/);
  }
  for (const event of ["other", "__proto__", "constructor", "%00"])
    assert.deepEqual(faultOf(await shop.get(`events/${event}/view`)), [404, "not_found", ""]);
  for (const strange of ["1", "__proto__", "%00", id.toUpperCase(), id])
    assert.deepEqual(faultOf(await shop.get(`orders/${strange}`)), [404, "not_found", "id"]);
  assert.deepEqual(faultOf(await shop.get("events/gala/view?code=A&code=B")), bad("code"));
  assert.deepEqual(faultOf(await shop.get("events/gala/view?reveal_up_to=1000")), bad("reveal_up_to"));
  assert.deepEqual(faultOf(await shop.post("events/gala/view", { codes: ["A", "B"] })), bad("codes"));
  for (const promos of [[], () => [], { always: () => [], find: () => [] }])
    assert.deepEqual(faultOf(await open(promos).post("events/gala/view", { codes: ["\ud800"] })), bad("codes[0]"));
});

test("a buyer gives back, and chooses neither the reason nor another order's tickets", async () => {
  const shop = open();
  const order = wish(["TEN"], 1, 900);
  await shop.buy(order);
  await shop.pay(order.id, 900);
  const at = `orders/${order.id}/release`;
  const send = async (body) => faultOf(await shop.post(at, body));
  assert.deepEqual(await send({ id: randomUUID(), reason: "refunded" }), bad("reason"));
  assert.deepEqual(await send({ id: randomUUID(), tickets: [1] }), bad("tickets[0]"));
  assert.deepEqual(await send({ id: randomUUID(), tickets: [-1] }), bad("tickets[0]"));
  assert.deepEqual(await send({ id: randomUUID(), tickets: "all" }), bad("tickets"));
  assert.deepEqual(await send({ id: "again" }), bad("id"));
  assert.deepEqual(await send({}), bad("id"));
  assert.deepEqual(faultOf(await shop.release(randomUUID(), randomUUID())), [404, "not_found", "id"]);
  assert.equal(shop.refunds.size, 0);
  assert.equal((await shop.release(order.id, randomUUID())).refundable, 900);
});

test("one event under several spellings has one limit", async () => {
  const gala = eventWith([TEN], { id: "gala" });
  const shop = open([], { eventOf: (id) => (id.toLowerCase() === "gala" ? gala : null) });
  const sold = [];
  for (const spelling of ["gala", "GALA", "Gala", "gALA"]) {
    const { status, quote } = await shop.post(`events/${spelling}/orders`, wish(["TEN"], 1, 900));
    sold.push([status, quote.total]);
  }
  const full = ["accepted", 900];
  assert.deepEqual(sold, [full, full, full, ["rejected", 1000]]);
  const { order } = await shop.get("events/GALA/view?code=TEN");
  assert.equal(order.event_id, "gala");
});

test("a shop that verifies nobody takes no identities, and refuses codes with a limit per person", async () => {
  const shop = open([{ ...TEN, max_uses_per_identity: 1 }], { identitiesOf: undefined });
  const order = wish(["TEN"], 1, 900);
  assert.deepEqual(faultOf(await shop.buy({ ...order, identities: { email: "ann@example.org" } })), bad("identities"));
  const refused = await shop.buy(order);
  assert.deepEqual([refused.status, refused.refusals[0].code], ["rejected", "TEN"]);
});

test("a mistake of the shop is told to the shop, and to a buyer only that something went wrong", async () => {
  const wrong = [500, "internal", ""];
  for (const [event, path] of [
    [{ prices: { seat: -1 } }, "event.prices.seat"],
    [{ prices: { seat: 10.5 } }, "event.prices.seat"],
    [{ policy: { max_free: 2 } }, "policy.max_free"],
    [{ currency: "" }, "order.currency"],
    [{ price: { seat: 1 } }, "event.price"],
    [{ promos: undefined }, "event.promos"],
  ]) {
    const shop = open([TEN], {}, event);
    assert.deepEqual(faultOf(await shop.buy(wish(["TEN"], 1, 900))), wrong, path);
    assert.equal(shop.errors[0].path, path);
  }
  // The price of a line is the shop's, also where the engine is the first to see what is wrong.
  const shop = open([TEN], {}, { prices: { seat: Number.MAX_SAFE_INTEGER } });
  assert.deepEqual(faultOf(await shop.buy(wish([], 2, 0))), [400, "amount_out_of_range", "lines"]);
  const secret = open([TEN], { eventOf: () => Promise.reject(new Error("postgres://bob:hunter2@db refused")) });
  const answer = await secret.view("TEN");
  assert.deepEqual(answer, { code: 500, error: { code: "internal", path: "", message: "something went wrong" } });
});

test("a shop that forgets what costs money is not opened", () => {
  const { store } = openMemory();
  const some = () => null;
  const full = { store, eventOf: some, write: null, mayAct: some, ask: some, reported: some, refund: some };
  createHandler(full);
  for (const name of Object.keys(full)) {
    const { [name]: _, ...rest } = full;
    assert.throws(() => createHandler(rest), { code: "invalid_request", path: `options.${name}` });
  }
  for (const [more, path] of [
    [{ cors: true }, "options.cors"],
    [{ base: "/shop/" }, "options.base"],
    [{ base: "shop" }, "options.base"],
    [{ codesPerMinute: 0 }, "options.codesPerMinute"],
    [{ write: {} }, "options.write"],
    [{ throttle: 60 }, "options.throttle"],
    [{ now: 1 }, "options.now"],
  ])
    assert.throws(() => createHandler({ ...full, ...more }), { code: "invalid_request", path });
});
