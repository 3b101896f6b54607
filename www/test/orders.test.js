// The buyer's routes of one host, with a clock that the test turns, on both databases: buy, agree, amend, pay, pay late, lapse, release, repeat, restart.
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { Busy } from "redeemable/host";
import { answerTo } from "../errors.js";
import { ask, audit, DATABASES, eventWith, id, openHost, orderFor, startHost, workspace } from "./support.js";

const HOLD = 600_000;

for (const [name, prepare] of Object.entries(DATABASES)) suite(`orders on ${name}`, () => {
  async function open(t, promos, policy, more) {
    const event = { ...eventWith(promos, policy, HOLD), ...more };
    const place = await prepare(t, event);
    return Object.assign(await openHost(place, event), { place });
  }

  test("buy, pay, release", async (t) => {
    const host = await open(t, [{ code: "TEN", discount_percent: 10, max_uses: 5 }]);
    const bought = await host.buy(1, 2, [" ten "], 1800);
    assert.deepEqual([bought.status, bought.replayed], ["accepted", false]);
    assert.deepEqual([bought.quote.subtotal, bought.quote.discount, bought.quote.total], [2000, 200, 1800]);
    assert.deepEqual([bought.order.state, bought.order.total, bought.order.expires_at_ms], ["held", 1800, host.now + HOLD]);
    assert.equal(await host.uses("TEN"), 2);

    const paid = await host.pay(1, 1800);
    assert.deepEqual([paid.status, paid.pay_back, paid.order.state], ["confirmed", 0, "confirmed"]);
    const twice = await host.pay(1, 1800);
    assert.deepEqual([twice.status, twice.pay_back], ["already_confirmed", 0], "the same payment reported twice");
    const another = await host.pay(1, 999);
    assert.deepEqual([another.status, another.pay_back], ["already_confirmed", 999], "another payment for the same order");

    const first = await host.release(1, "buyer_released", [1]);
    assert.deepEqual([first.status, first.tickets, first.refundable, first.order.total], ["released", [1], 900, 900]);
    assert.equal(await host.uses("TEN"), 1);
    const rest = await host.release(1);
    assert.deepEqual([rest.tickets, rest.refundable, rest.order.state], [[0], 900, "released"]);
    assert.equal((await host.release(1)).status, "already_released");
    assert.equal(await host.uses("TEN"), 0);
    assert.deepEqual((await host.buy(1, 2, ["TEN"], 1800)).refusals, [{ code: null, public_reason: "order_not_eligible" }], "a paid order's id is not used again");
  });

  test("nothing is sold at another total than the buyer agreed to", async (t) => {
    const host = await open(t, [{ code: "TEN", discount_percent: 10, max_uses: 3, when_short: "partial" }]);
    await host.buy(1, 1, ["TEN"], 900);
    // Three tickets with two uses left: 900 + 900 + 1000.
    const asked = await host.buy(2, 3, ["TEN"], 2700);
    assert.deepEqual([asked.status, asked.quote.total, asked.quote.discount, asked.refusals, asked.order], ["price_changed", 2800, 200, [], null]);
    assert.deepEqual(asked.quote.tickets.map(({ price, codes }) => [price, codes]), [[900, ["TEN"]], [900, ["TEN"]], [1000, []]]);
    assert.equal((await host.get(`/api/orders/${id(2)}`)).code, 404);
    assert.equal(await host.uses("TEN"), 1);
    assert.equal((await host.buy(2, 3, ["TEN"], 2700)).status, "price_changed", "asking again is not agreeing");
    assert.equal((await host.buy(2, 3, ["TEN"], 2600)).status, "price_changed", "nor is offering less");

    const agreed = await host.buy(2, 3, ["TEN"], 2800);
    assert.deepEqual([agreed.status, agreed.order.total], ["accepted", 2800]);
    assert.equal(await host.uses("TEN"), 3);
    // An earlier hold stays as it was while the buyer thinks about another price for it.
    assert.equal((await host.buy(2, 2, ["TEN"], 2000)).status, "price_changed");
    assert.equal((await host.get(`/api/orders/${id(2)}`)).total, 2800);
    assert.equal((await host.buy(3, 1, ["NOPE"], 1)).status, "rejected", "a refusal is a refusal at any price");
    await host.pay(1, 900);
    const sold = await host.buy(1, 1, ["TEN"], 1000);
    assert.deepEqual([sold.status, sold.quote.total], ["price_changed", 900], "a repeat names the price it was sold at");
  });

  test("of two buyers at once who both agreed to the last uses, one is asked again", async (t) => {
    const host = await open(t, [{ code: "TEN", discount_percent: 10, max_uses: 3, when_short: "partial" }]);
    const both = await Promise.all([host.buy(1, 3, ["TEN"], 2700), host.buy(2, 3, ["TEN"], 2700)]);
    assert.deepEqual(both.map(({ status }) => status).sort(), ["accepted", "rejected"], "no use is left for the other: that is a refusal");
    for (const n of [1, 2]) await host.release(n);
    const pair = await Promise.all([host.buy(3, 2, ["TEN"], 1800), host.buy(4, 2, ["TEN"], 1800)]);
    assert.deepEqual(pair.map(({ status }) => status).sort(), ["accepted", "price_changed"]);
    assert.equal(pair.find(({ status }) => status === "price_changed").quote.total, 1900);
    assert.equal(await host.uses("TEN"), 2);
  });

  test("a forfeited ticket keeps its use", async (t) => {
    const host = await open(t, [{ code: "TEN", discount_percent: 10 }]);
    await host.buy(1, 1, ["TEN"], 900);
    await host.pay(1, 900);
    assert.equal((await host.release(1, "forfeited")).status, "released");
    assert.equal(await host.uses("TEN"), 1);
  });

  test("an order for nothing is confirmed at once, and a person gets only so many", async (t) => {
    const host = await open(t, [{ code: "COMP", discount: { kind: "free" }, max_uses: 10 }], { max_free_tickets_per_identity: 2 });
    const bought = await host.buy(1, 2, ["COMP"], 0, "Ann@Example.org");
    assert.deepEqual([bought.quote.payment, bought.order.state], ["none", "confirmed"]);
    assert.deepEqual((await host.buy(2, 1, ["COMP"], 0, "ann+again@example.org")).refusals, [{ code: null, public_reason: "used_up" }]);
    assert.equal((await host.buy(3, 1, ["COMP"], 0, "bob@example.org")).status, "accepted");
    assert.equal((await host.release(1)).refundable, 0);
    assert.equal((await host.buy(4, 1, ["COMP"], 0, "ann@example.org")).status, "accepted");
  });

  test("the same order sent again is answered again and counted once, also after a restart", async (t) => {
    const host = await open(t, [{ code: "TEN", discount_percent: 10, max_uses: 2 }]);
    const first = await host.buy(1, 2, ["TEN"], 1800);
    await host.restart();
    host.now += 1000;
    const again = await host.buy(1, 2, ["TEN"], 1800);
    assert.deepEqual([again.status, again.replayed, again.order.expires_at_ms], ["accepted", true, host.now + HOLD]);
    assert.deepEqual(again.quote, first.quote);
    assert.equal(await host.uses("TEN"), 2);
    await host.pay(1, 1800);
    await host.restart();
    assert.deepEqual((await host.get(`/api/orders/${id(1)}`)).state, "confirmed");
    assert.equal((await host.buy(1, 2, ["TEN"], 1800)).replayed, true);
    assert.equal(await host.uses("TEN"), 2);
  });

  test("an order without an id gets one, and each is an order of its own", async (t) => {
    const host = await open(t, [{ code: "TEN", discount_percent: 10 }]);
    const order = orderFor("ann@example.org", 1, ["TEN"], 900);
    const [a, b] = [await host.post("/api/orders", order), await host.post("/api/orders", order)];
    assert.notEqual(a.order.id, b.order.id);
    assert.equal((await host.get(`/api/orders/${a.order.id}`)).total, 900);
    assert.equal(await host.uses("TEN"), 2);
  });

  test("an order that is changed is judged without itself, and a payment for what it was is stale", async (t) => {
    const host = await open(t, [{ code: "TEN", discount_percent: 10, max_uses: 3 }]);
    const { order } = await host.buy(1, 3, ["TEN"], 2700);
    const amended = await host.buy(1, 2, ["TEN"], 1800);
    assert.deepEqual([amended.status, amended.replayed, amended.order.total], ["accepted", false, 1800]);
    assert.equal(await host.uses("TEN"), 2);
    const stale = await host.pay(1, order.total);
    assert.deepEqual([stale.status, stale.pay_back, stale.order.state], ["stale_payment", 2700, "held"]);
    assert.equal((await host.pay(1, 1800)).status, "confirmed");
  });

  test("an order that was refused leaves nothing, and an earlier hold as it was", async (t) => {
    const host = await open(t, [{ code: "TEN", discount_percent: 10, max_uses: 3 }]);
    const refused = await host.buy(1, 4, ["TEN"], 3600);
    assert.deepEqual([refused.refusals, refused.order, refused.quote.total], [[{ code: "TEN", public_reason: "used_up" }], null, 4000]);
    assert.equal((await host.get(`/api/orders/${id(1)}`)).code, 404);
    await host.buy(2, 3, ["TEN"], 2700);
    assert.equal((await host.buy(2, 4, ["TEN"], 3600)).status, "rejected");
    assert.equal((await host.get(`/api/orders/${id(2)}`)).total, 2700);
    assert.equal(await host.uses("TEN"), 3);
  });

  test("a lapsed hold makes room for the next buyer in the same transaction", async (t) => {
    const host = await open(t, [{ code: "TEN", discount_percent: 10, max_uses: 1 }]);
    await host.buy(1, 1, ["TEN"], 900);
    host.now += HOLD - 1;
    assert.equal((await host.buy(2, 1, ["TEN"], 900)).status, "rejected");
    host.now += 1;
    assert.equal((await host.buy(2, 1, ["TEN"], 900)).status, "accepted");
    assert.equal((await host.get(`/api/orders/${id(1)}`)).state, "released");
    assert.equal(await host.uses("TEN"), 1);
  });

  test("a late payment brings the tickets back while they fit, and is paid back otherwise", async (t) => {
    const host = await open(t, [{ code: "TEN", discount_percent: 10, max_uses: 1 }]);
    await host.buy(1, 1, ["TEN"], 900);
    host.now += HOLD + 1;
    assert.equal((await host.pay(1, 900)).status, "confirmed", "past its time, but nobody has taken it away");

    await host.release(1, "refunded");
    await host.buy(2, 1, ["TEN"], 900);
    host.now += HOLD;
    await host.restart();
    assert.equal((await host.get(`/api/orders/${id(2)}`)).state, "released", "swept at the start");
    assert.equal(await host.uses("TEN"), 0);
    assert.equal((await host.pay(2, 900)).status, "confirmed", "released, but it still fits");

    await host.release(2, "refunded");
    await host.buy(3, 1, ["TEN"], 900);
    host.now += HOLD;
    await host.buy(4, 1, ["TEN"], 900);
    const late = await host.pay(3, 900);
    assert.deepEqual([late.status, late.pay_back, late.order.state], ["late_payment_conflict", 900, "released"]);
    assert.equal(await host.uses("TEN"), 1);
  });

  test("a payment for an order that its buyer released goes back", async (t) => {
    const host = await open(t, [{ code: "TEN", discount_percent: 10 }]);
    await host.buy(1, 1, ["TEN"], 900);
    assert.equal((await host.release(1)).refundable, 0);
    const { status, pay_back } = await host.pay(1, 900);
    assert.deepEqual([status, pay_back], ["released", 900]);
  });

  test("what is malformed is an error that names the field", async (t) => {
    const host = await open(t, [{ code: "TEN", discount_percent: 10 }]);
    const order = orderFor("ann@example.org", 1, ["TEN"], 900, id(1));
    const error = ({ code, error }) => [code, error.code, error.path];
    const buying = async (more) => error(await host.post("/api/orders", { ...order, ...more }));
    assert.deepEqual(await buying({ code: "TEN" }), [400, "invalid_request", "code"]);
    assert.deepEqual(await buying({ code: null }), [400, "invalid_request", "code"]);
    assert.deepEqual(await buying({ lines: [{ ticket_type: "seat", quantity: 1, unit_price: 1 }] }), [400, "invalid_request", "lines[0].unit_price"]);
    assert.deepEqual(await buying({ lines: [{ ticket_type: "box", quantity: 1 }] }), [400, "invalid_request", "lines[0].ticket_type"]);
    assert.deepEqual(await buying({ lines: [{ ticket_type: "seat", quantity: "1" }] }), [400, "invalid_request", "lines[0].quantity"]);
    assert.deepEqual(await buying({ identities: {} }), [400, "invalid_request", "identities.email"]);
    assert.deepEqual(await buying({ identities: { email: "  " } }), [400, "invalid_request", "order.identities.email"]);
    assert.deepEqual(await buying({ codes: ["\ud800"] }), [400, "invalid_request", "codes[0]"]);
    assert.deepEqual(await buying({ expected_total: undefined }), [400, "invalid_request", "expected_total"]);
    assert.deepEqual(await buying({ expected_total: "900" }), [400, "invalid_request", "expected_total"]);
    assert.deepEqual(error(await host.post("/api/preview-data", { ...order, id: undefined })), [400, "invalid_request", "expected_total"]);
    await host.buy(1, 1, [], 1000);
    assert.deepEqual(error(await host.release(1, "cancelled")), [400, "invalid_request", "reason"]);
    assert.deepEqual(error(await host.release(1, "refunded", [1])), [400, "invalid_request", "release.tickets[0]"]);
    assert.deepEqual(error(await host.pay(1, -1)), [400, "invalid_request", "total"]);
    assert.deepEqual(error(await host.pay(9, 1000)), [404, "not_found", "id"]);
    assert.deepEqual(error(await host.release(9)), [404, "not_found", "id"]);
    assert.equal((await host.get("/api/nothing")).code, 404);
    assert.equal((await audit(host.place)).records.length, 1);
  });

  test("the public event names no code, and a preview only the codes that were typed", async (t) => {
    const host = await open(t, [{ code: "TEN", discount_percent: 10 }, { code: "SECRET", discount_percent: 90 }]);
    const event = await host.get("/api/event");
    assert.ok(!/TEN|SECRET|promo/.test(JSON.stringify(event)));
    assert.equal(event.hold_ms, HOLD);
    const typed = (codes) => host.post("/api/preview-data", { codes, lines: [{ ticket_type: "seat", quantity: 1 }], identities: {} });
    assert.deepEqual((await typed(["\uff54en\u200b", "nope"])).promos.map(({ code }) => code), ["TEN"]);
    assert.deepEqual((await typed([])).promos, []);
    await host.buy(1, 2, ["TEN"], 1800);
    const { usage, now_ms, policy } = await typed(["TEN"]);
    assert.deepEqual([usage.counters["code/event:gala:TEN/uses"], now_ms, policy], [2, host.now, {}]);
  });

  test("the preview data tells nothing of a code that is not accepted, and names no guest", async (t) => {
    const host = await open(t, [
      { code: "SECRET", discount: { kind: "free" }, active: false, only_for: { email: ["ceo@corp.example"] } },
      { code: "GUESTS", discount: { kind: "free" }, only_for: { email: ["ann@example.org"] } },
    ]);
    await host.buy(1, 1, ["GUESTS"], 0, "ann@example.org");
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

  test("of a code that is announced, buyers who type it learn its time, and nothing else", async (t) => {
    const [past, later] = [1_799_999_000_000, 1_800_001_000_000];
    const half = { discount_percent: 50 };
    const host = await open(t, [
      { ...half, code: "SOON", starts_at_ms: later }, { ...half, code: "HUSH", starts_at_ms: later },
      { ...half, code: "GONE", ends_at_ms: past }, { ...half, code: "OVER", ends_at_ms: past },
      { ...half, code: "CLUB", starts_at_ms: later, only_for: { email: ["ann@example.org"] } }, { ...half, code: "OFF", starts_at_ms: later, active: false },
    ], {}, { announced: ["SOON", "GONE", "CLUB", "OFF"] });
    const typed = async (...codes) => (await host.post("/api/preview-data", { codes, lines: [{ ticket_type: "seat", quantity: 1 }], identities: { email: "bob@example.org" } })).promos;
    assert.deepEqual((await typed("SOON", "HUSH", "GONE", "OVER", "CLUB", "OFF")).map(({ code }) => code), ["SOON", "GONE"]);
    assert.equal((await typed("soon"))[0].starts_at_ms, later);
    assert.deepEqual(await typed("HUSH"), []);
    assert.deepEqual((await host.buy(1, 1, ["SOON"], 500)).refusals, [{ code: "SOON", public_reason: "not_accepted" }]);
    host.now = later;
    assert.deepEqual((await typed("HUSH")).map(({ code }) => code), ["HUSH"]);
    assert.equal((await host.buy(1, 1, ["SOON"], 500)).status, "accepted");
  });
});

test("an unpaid order is given back although nobody asks", async (t) => {
  const place = workspace(t, eventWith([{ code: "TEN", discount_percent: 10 }], {}, 100));
  const { url } = await startHost(place);
  const { order } = await ask(`${url}/api/orders`, orderFor("ann@example.org", 1, ["TEN"], 900));
  while ((await ask(`${url}/api/orders/${order.id}`)).state !== "released") await pause(20);
  const { records, counters } = await audit(place);
  assert.deepEqual([records[0].tickets[0].released.reason, counters], ["hold_expired", {}]);
});

test("a host that is busy says so, and an error that nobody expected says nothing of itself", () => {
  assert.deepEqual(answerTo(new Busy(8)), { status: 503, body: { error: { code: "busy", path: "", message: "somebody else was faster 8 times" } } });
  const lost = Object.assign(new Error("open /secret/place"), { code: "ENOENT", path: "/secret/place" });
  assert.deepEqual(answerTo(lost), { status: 500, body: { error: { code: "internal", path: "", message: "something went wrong" } } });
});
