// The flows of one host, with a clock that the test turns: buy, amend, pay, pay late, lapse, release, repeat, restart.
import assert from "node:assert/strict";
import { test } from "node:test";
import { buildApp } from "../app.js";
import { Busy, openCheckout } from "../checkout.js";
import { Conflict, openStore } from "../store.js";
import { audit, eventWith, orderFor, usesOf, workspace } from "./support.js";

const HOLD = 600_000;
const id = (n) => `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`;

/** A host whose time is `host.now`, over a file that outlives it. */
function open(t, promos, policy) {
  const event = eventWith(promos, policy, HOLD);
  const { file } = workspace(t, event);
  const host = { now: 1_800_000_000_000, file };
  const start = () => { host.app = buildApp({ file, event, now: () => host.now }); };
  start();
  t.after(() => host.app.close());
  const ask = async (method, url, payload) => {
    const answer = await host.app.inject({ method, url, payload });
    return { code: answer.statusCode, ...answer.json() };
  };
  return Object.assign(host, {
    get: (url) => ask("GET", url),
    post: (url, body) => ask("POST", url, body),
    buy: (n, quantity, codes, email = `buyer${n}@example.org`) => ask("POST", "/api/orders", orderFor(email, quantity, codes, id(n))),
    pay: (n, total) => ask("POST", `/api/orders/${id(n)}/pay`, { total }),
    release: (n, reason = "buyer_released", tickets = null) => ask("POST", `/api/orders/${id(n)}/release`, { reason, tickets }),
    uses: (code) => usesOf(audit(file).counters, code),
    async restart() {
      await host.app.close();
      start();
    },
  });
}

test("buy, pay, release", async (t) => {
  const host = open(t, [{ code: "TEN", discount_percent: 10, max_uses: 5 }]);
  const bought = await host.buy(1, 2, [" ten "]);
  assert.equal(bought.status, "accepted");
  assert.deepEqual([bought.quote.subtotal, bought.quote.discount, bought.quote.total], [2000, 200, 1800]);
  assert.deepEqual([bought.order.state, bought.order.total], ["held", 1800]);
  assert.equal(host.uses("TEN"), 2);

  const paid = await host.pay(1, 1800);
  assert.deepEqual([paid.status, paid.pay_back, paid.order.state], ["confirmed", 0, "confirmed"]);
  assert.deepEqual((({ status, pay_back }) => [status, pay_back])(await host.pay(1, 1800)), ["already_confirmed", 0], "the same payment reported twice");

  const first = await host.release(1, "buyer_released", [1]);
  assert.deepEqual([first.status, first.tickets, first.refundable, first.order.total], ["released", [1], 900, 900]);
  assert.equal(host.uses("TEN"), 1);
  const rest = await host.release(1);
  assert.deepEqual([rest.tickets, rest.refundable, rest.order.state], [[0], 900, "released"]);
  assert.equal((await host.release(1)).status, "already_released");
  assert.equal(host.uses("TEN"), 0);
  assert.deepEqual((await host.buy(1, 2, ["TEN"])).refusals, [{ code: null, public_reason: "order_not_eligible" }], "a paid order's id is not used again");
});

test("a forfeited ticket keeps its use", async (t) => {
  const host = open(t, [{ code: "TEN", discount_percent: 10 }]);
  await host.buy(1, 1, ["TEN"]);
  await host.pay(1, 900);
  assert.equal((await host.release(1, "forfeited")).status, "released");
  assert.equal(host.uses("TEN"), 1);
});

test("an order for nothing is confirmed at once, and a person gets only so many", async (t) => {
  const host = open(t, [{ code: "COMP", discount: { kind: "free" }, max_uses: 10 }], { max_free_tickets_per_identity: 2 });
  const bought = await host.buy(1, 2, ["COMP"], "Ann@Example.org");
  assert.deepEqual([bought.quote.payment, bought.order.state], ["none", "confirmed"]);
  assert.deepEqual((await host.buy(2, 1, ["COMP"], "ann+again@example.org")).refusals, [{ code: null, public_reason: "used_up" }]);
  assert.equal((await host.buy(3, 1, ["COMP"], "bob@example.org")).status, "accepted");
  assert.equal((await host.release(1)).refundable, 0);
  assert.equal((await host.buy(4, 1, ["COMP"], "ann@example.org")).status, "accepted");
});

test("the same order sent again is answered again and counted once, also after a restart", async (t) => {
  const host = open(t, [{ code: "TEN", discount_percent: 10, max_uses: 2 }]);
  const first = await host.buy(1, 2, ["TEN"]);
  await host.restart();
  const again = await host.buy(1, 2, ["TEN"]);
  assert.deepEqual([again.status, again.replayed], ["accepted", true]);
  assert.deepEqual(again.quote, first.quote);
  assert.equal(host.uses("TEN"), 2);
  await host.pay(1, 1800);
  await host.restart();
  assert.deepEqual((await host.get(`/api/orders/${id(1)}`)).state, "confirmed");
  assert.equal((await host.buy(1, 2, ["TEN"])).replayed, true);
  assert.equal(host.uses("TEN"), 2);
});

test("an order that is changed is judged without itself, and a payment for what it was is stale", async (t) => {
  const host = open(t, [{ code: "TEN", discount_percent: 10, max_uses: 3 }]);
  const { order } = await host.buy(1, 3, ["TEN"]);
  const amended = await host.buy(1, 2, ["TEN"]);
  assert.deepEqual([amended.status, amended.replayed, amended.order.total], ["accepted", false, 1800]);
  assert.equal(host.uses("TEN"), 2);
  const stale = await host.pay(1, order.total);
  assert.deepEqual([stale.status, stale.pay_back, stale.order.state], ["stale_payment", 2700, "held"]);
  assert.equal((await host.pay(1, 1800)).status, "confirmed");
});

test("an order that was refused leaves nothing, and an earlier hold as it was", async (t) => {
  const host = open(t, [{ code: "TEN", discount_percent: 10, max_uses: 3 }]);
  assert.deepEqual((await host.buy(1, 4, ["TEN"])).refusals, [{ code: "TEN", public_reason: "used_up" }]);
  assert.equal((await host.get(`/api/orders/${id(1)}`)).code, 404);
  await host.buy(2, 3, ["TEN"]);
  assert.equal((await host.buy(2, 4, ["TEN"])).status, "rejected");
  assert.equal((await host.get(`/api/orders/${id(2)}`)).total, 2700);
  assert.equal(host.uses("TEN"), 3);
});

test("a lapsed hold makes room for the next buyer in the same transaction", async (t) => {
  const host = open(t, [{ code: "TEN", discount_percent: 10, max_uses: 1 }]);
  await host.buy(1, 1, ["TEN"]);
  host.now += HOLD - 1;
  assert.equal((await host.buy(2, 1, ["TEN"])).status, "rejected");
  host.now += 1;
  assert.equal((await host.buy(2, 1, ["TEN"])).status, "accepted");
  assert.equal((await host.get(`/api/orders/${id(1)}`)).state, "released");
  assert.equal(host.uses("TEN"), 1);
});

test("a late payment brings the tickets back while they fit, and is paid back otherwise", async (t) => {
  const host = open(t, [{ code: "TEN", discount_percent: 10, max_uses: 1 }]);
  await host.buy(1, 1, ["TEN"]);
  host.now += HOLD + 1;
  assert.equal((await host.pay(1, 900)).status, "confirmed", "past its time, but nobody has taken it away");

  await host.release(1, "refunded");
  await host.buy(2, 1, ["TEN"]);
  host.now += HOLD;
  await host.restart();
  assert.equal((await host.get(`/api/orders/${id(2)}`)).state, "released", "swept at the start");
  assert.equal(host.uses("TEN"), 0);
  assert.equal((await host.pay(2, 900)).status, "confirmed", "released, but it still fits");

  await host.release(2, "refunded");
  await host.buy(3, 1, ["TEN"]);
  host.now += HOLD;
  await host.buy(4, 1, ["TEN"]);
  const late = await host.pay(3, 900);
  assert.deepEqual([late.status, late.pay_back, late.order.state], ["late_payment_conflict", 900, "released"]);
  assert.equal(host.uses("TEN"), 1);
});

test("a payment for an order that its buyer released goes back", async (t) => {
  const host = open(t, [{ code: "TEN", discount_percent: 10 }]);
  await host.buy(1, 1, ["TEN"]);
  assert.equal((await host.release(1)).refundable, 0);
  const { status, pay_back } = await host.pay(1, 900);
  assert.deepEqual([status, pay_back], ["released", 900]);
});

test("a plan that never commits is tried 8 times, then the host is busy and nothing is stored", async (t) => {
  const event = eventWith([{ code: "TEN", discount_percent: 10 }]);
  const { file } = workspace(t, event);
  const store = openStore(file);
  t.after(() => store.close());
  let tries = 0;
  const commit = (ops) => {
    store.commit(ops);
    tries += 1;
    throw new Conflict("somebody was faster");
  };
  const checkout = openCheckout({ store: { ...store, commit }, event });
  await assert.rejects(checkout.buy(orderFor("ann@example.org", 1, ["TEN"], id(1))), Busy);
  assert.equal(tries, 8);
  assert.deepEqual(audit(file).records, []);
});

test("what is malformed is an error that names the field", async (t) => {
  const host = open(t, [{ code: "TEN", discount_percent: 10 }]);
  const order = orderFor("ann@example.org", 1, ["TEN"], id(1));
  const error = async (body) => (({ code, error }) => [code, error.code, error.path])(await host.post("/api/orders", body));
  assert.deepEqual(await error({ ...order, code: "TEN" }), [400, "invalid_request", "code"]);
  assert.deepEqual(await error({ ...order, lines: [{ ticket_type: "seat", quantity: 1, unit_price: 1 }] }), [400, "invalid_request", "lines[0].unit_price"]);
  assert.deepEqual(await error({ ...order, lines: [{ ticket_type: "box", quantity: 1 }] }), [400, "invalid_request", "lines[0].ticket_type"]);
  assert.deepEqual(await error({ ...order, lines: [{ ticket_type: "seat", quantity: "1" }] }), [400, "invalid_request", "lines[0].quantity"]);
  assert.deepEqual(await error({ ...order, identities: {} }), [400, "invalid_request", "identities.email"]);
  assert.deepEqual(await error({ ...order, identities: { email: "  " } }), [400, "invalid_request", "order.identities.email"]);
  assert.deepEqual(await error({ ...order, codes: ["\ud800"] }), [400, "invalid_request", "codes[0]"]);
  await host.buy(1, 1, []);
  assert.deepEqual((({ code, error }) => [code, error.path])(await host.release(1, "cancelled")), [400, "release.reason"]);
  assert.deepEqual((({ code, error }) => [code, error.path])(await host.release(1, "refunded", [1])), [400, "release.tickets[0]"]);
  assert.equal((await host.pay(9, 1000)).code, 404);
  assert.equal((await host.get("/api/nothing")).code, 404);
});

test("the public event names no code, and a preview only the codes that were typed", async (t) => {
  const host = open(t, [{ code: "TEN", discount_percent: 10 }, { code: "SECRET", discount_percent: 90 }]);
  assert.ok(!/TEN|SECRET|promo/.test(JSON.stringify(await host.get("/api/event"))));
  const typed = (codes) => host.post("/api/preview-data", { codes, lines: [{ ticket_type: "seat", quantity: 1 }], identities: {} });
  assert.deepEqual((await typed(["\uff54en\u200b", "nope"])).promos.map(({ code }) => code), ["TEN"]);
  assert.deepEqual((await typed([])).promos, []);
});

test("the preview data tells nothing of a code that is not accepted, and names no guest", async (t) => {
  const host = open(t, [
    { code: "SECRET", discount: { kind: "free" }, active: false, only_for: { email: ["ceo@corp.example"] } },
    { code: "GUESTS", discount: { kind: "free" }, only_for: { email: ["ann@example.org"] } },
  ]);
  const preview = async (code, email) => {
    const answer = await host.post("/api/preview-data", { codes: [code], lines: [{ ticket_type: "seat", quantity: 1 }], identities: { email } });
    assert.doesNotMatch(JSON.stringify(answer.promos), /corp|ann@/);
    return [answer.promos.map((promo) => promo.code), Object.keys(answer.usage.counters).length > 0];
  };
  const unknown = await preview("NOTHING", "ann@example.org");
  assert.deepEqual(await preview("SECRET", "ceo@corp.example"), unknown);
  assert.deepEqual(await preview("GUESTS", "bob@example.org"), unknown);
  assert.deepEqual(await preview("GUESTS", "Ann+x@example.org"), [["GUESTS"], true]);
});

test("nothing is sold without an order id", (t) => {
  const event = eventWith([{ code: "TEN", discount_percent: 10 }]);
  const { file } = workspace(t, event);
  const store = openStore(file);
  t.after(() => store.close());
  const checkout = openCheckout({ store, event });
  assert.throws(() => checkout.buy({ id: undefined, codes: [], lines: [{ ticket_type: "seat", quantity: 1 }], identities: {} }), /needs an id/);
});
