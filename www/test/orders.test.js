// The buyer's routes of one host on both databases, with a clock that the test sets: buy, agree, amend, pay, pay late,
// lapse, release, repeat, restart.
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import Database from "better-sqlite3";
import { Busy } from "redeemable/host";
import { answerTo } from "../errors.js";
import { ask, audit, DATABASES, eventWith, id, openHost, orderFor, startHost, workspace } from "./support.js";

const HOLD = 600_000;

for (const [name, prepare] of Object.entries(DATABASES))
  suite(`orders on ${name}`, () => {
    const error = ({ code, error }) => [code, error.code, error.path];

    async function open(t, promos, policy, more, codes_per_minute) {
      const event = { ...eventWith(promos, policy, HOLD), ...more };
      const place = await prepare(t, event);
      return Object.assign(await openHost(place, event, codes_per_minute), { place });
    }

    test("buy, pay, release", async (t) => {
      const host = await open(t, [{ code: "TEN", discount_percent: 10, max_uses: 5 }]);
      const bought = await host.buy(1, 2, [" ten "], 1800);
      assert.deepEqual([bought.status, bought.replayed], ["accepted", false]);
      assert.deepEqual([bought.quote.subtotal, bought.quote.discount, bought.quote.total], [2000, 200, 1800]);
      assert.deepEqual(
        [bought.order.state, bought.order.total, bought.order.expires_at_ms],
        ["held", 1800, host.now + HOLD],
      );
      assert.equal(await host.uses("TEN"), 2);

      const [first, second] = [await host.bill(1, 1800), await host.bill(1, 1800)];
      assert.deepEqual([first.code, first.order_id, first.total, first.currency], [201, id(1), 1800, "EUR"]);
      assert.equal(new Set([first.id, second.id, id(1)]).size, 3, "a payment's id is its own");
      const pays = async ({ id }) => {
        const { status, money, noted, order } = await host.paid(id);
        return [status, money, noted, order.state];
      };
      assert.deepEqual(await pays(first), ["confirmed", "kept", [], "confirmed"]);
      assert.deepEqual(
        await pays(first),
        ["already_confirmed", "kept", [], "confirmed"],
        "the same payment reported twice",
      );
      assert.deepEqual(
        await pays(second),
        ["paid_twice", "returned", [1800], "confirmed"],
        "another payment for the same order",
      );
      assert.deepEqual(
        await pays(second),
        ["already_returned", "returned", [1800], "confirmed"],
        "money goes back once",
      );
      assert.deepEqual(
        (await host.get(`/api/orders/${id(1)}`)).payments.map(({ id, total, currency, outcome }) => [
          id,
          total,
          currency,
          outcome,
        ]),
        [
          [first.id, 1800, "EUR", "kept"],
          [second.id, 1800, "EUR", "returned"],
        ],
      );

      const one = await host.release(1, "buyer_released", [1], id(7));
      assert.deepEqual([one.status, one.tickets, one.refundable, one.order.total], ["released", [1], 900, 900]);
      assert.equal(await host.uses("TEN"), 1);
      const lost = await host.release(1, "buyer_released", [1], id(7));
      assert.deepEqual(
        [lost.status, lost.tickets, lost.refundable, lost.order.total],
        ["already_released", [1], 900, 900],
        "asked again under its id, because the answer was lost",
      );
      assert.deepEqual(
        (await host.release(1, "buyer_released", [1])).refundable,
        0,
        "another release finds nothing there",
      );
      const rest = await host.release(1);
      assert.deepEqual([rest.tickets, rest.refundable, rest.order.state], [[0], 900, "released"]);
      assert.equal((await host.release(1)).status, "already_released");
      assert.deepEqual(
        await pays(first),
        ["already_confirmed", "kept", [], "released"],
        "all of it was refunded, and none of it twice",
      );
      assert.deepEqual(await pays(second), ["already_returned", "returned", [1800], "released"]);
      assert.equal(await host.uses("TEN"), 0);
      assert.deepEqual(
        (await host.buy(1, 2, ["TEN"], 1800)).refusals,
        [{ code: null, public_reason: "order_not_eligible" }],
        "a paid order's id is not used again",
      );
    });

    test("nothing is sold at more than the buyer agreed to", async (t) => {
      const host = await open(t, [{ code: "TEN", discount_percent: 10, max_uses: 3, when_short: "partial" }]);
      await host.buy(1, 1, ["TEN"], 900);
      // Three tickets with two uses left: 900 + 900 + 1000.
      const asked = await host.buy(2, 3, ["TEN"], 2700);
      assert.deepEqual(
        [asked.status, asked.quote.total, asked.quote.discount, asked.refusals, asked.order],
        ["price_changed", 2800, 200, [], null],
      );
      assert.deepEqual(
        asked.quote.tickets.map(({ price, codes }) => [price, codes]),
        [
          [900, ["TEN"]],
          [900, ["TEN"]],
          [1000, []],
        ],
      );
      assert.equal((await host.get(`/api/orders/${id(2)}`)).code, 404);
      assert.equal(await host.uses("TEN"), 1);
      assert.equal((await host.buy(2, 3, ["TEN"], 2700)).status, "price_changed", "asking again is not agreeing");
      assert.equal((await host.buy(2, 3, ["TEN"], 2600)).status, "price_changed", "nor is offering less");

      const agreed = await host.buy(2, 3, ["TEN"], 2800);
      assert.deepEqual([agreed.status, agreed.order.total], ["accepted", 2800]);
      assert.equal(await host.uses("TEN"), 3);
      // While the buyer thinks about the new price, the earlier hold stays as it was.
      assert.equal((await host.buy(2, 2, ["TEN"], 1799)).status, "price_changed");
      assert.equal((await host.get(`/api/orders/${id(2)}`)).total, 2800);
      assert.equal((await host.buy(3, 1, ["NOPE"], 1)).status, "rejected", "a refusal is a refusal at any price");
      await host.pay(1, 900);
      const sold = await host.buy(1, 1, ["TEN"], 1000);
      assert.deepEqual([sold.status, sold.replayed, sold.quote.total], ["accepted", true, 900], "sold at 9.00 before");
    });

    test("of two buyers at once who both agreed to the last uses, one is asked again", async (t) => {
      const host = await open(t, [{ code: "TEN", discount_percent: 10, max_uses: 3, when_short: "partial" }]);
      const both = await Promise.all([host.buy(1, 3, ["TEN"], 2700), host.buy(2, 3, ["TEN"], 2700)]);
      assert.deepEqual(
        both.map(({ status }) => status).sort(),
        ["accepted", "rejected"],
        "no use is left for the other: that is a refusal",
      );
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
      const host = await open(t, [{ code: "COMP", discount: { kind: "free" }, max_uses: 10 }], {
        max_free_tickets_per_identity: 2,
      });
      const bought = await host.buy(1, 2, ["COMP"], 0, "Ann@Example.org");
      assert.deepEqual([bought.quote.payment, bought.order.state], ["none", "confirmed"]);
      assert.deepEqual((await host.buy(2, 1, ["COMP"], 0, "ann+again@example.org")).refusals, [
        { code: null, public_reason: "used_up" },
      ]);
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

    test("an order without an id is not sold: it could not be sent again", async (t) => {
      const host = await open(t, [{ code: "TEN", discount_percent: 10 }]);
      const order = { ...orderFor("ann@example.org", 1, ["TEN"], 900), id: undefined };
      assert.deepEqual(error(await host.post("/api/events/gala/orders", order)), [400, "invalid_request", "id"]);
      assert.equal(await host.uses("TEN"), 0);
    });

    test("an order that is changed is judged without itself, and a payment for what it was is stale", async (t) => {
      const host = await open(t, [{ code: "TEN", discount_percent: 10, max_uses: 3 }]);
      await host.buy(1, 3, ["TEN"], 2700);
      const three = await host.bill(1, 2700);
      const amended = await host.buy(1, 2, ["TEN"], 1800);
      assert.deepEqual([amended.status, amended.replayed, amended.order.total], ["accepted", false, 1800]);
      assert.equal(await host.uses("TEN"), 2);
      const stale = await host.paid(three.id);
      assert.deepEqual(
        [stale.status, stale.money, stale.noted, stale.order.state],
        ["stale_payment", "returned", [2700], "held"],
      );
      assert.deepEqual(error(await host.bill(1, 1799)), [409, "price_changed", "max_total"]);
      // The order is changed back to what the payment was for. The payment's money has already gone back.
      await host.buy(1, 3, ["TEN"], 2700);
      const again = await host.paid(three.id);
      assert.deepEqual(
        [again.status, again.money, again.noted, again.order.state],
        ["already_returned", "returned", [2700], "held"],
      );
      const paid = await host.pay(1, 2700);
      assert.deepEqual([paid.status, paid.money, paid.noted, paid.order.state], ["confirmed", "kept", [], "confirmed"]);
      assert.deepEqual(error(await host.bill(1, 2700)), [409, "nothing_to_pay", "id"]);
    });

    test("an order that was refused leaves nothing, and an earlier hold as it was", async (t) => {
      const host = await open(t, [{ code: "TEN", discount_percent: 10, max_uses: 3 }]);
      const refused = await host.buy(1, 4, ["TEN"], 3600);
      assert.deepEqual(
        [refused.refusals, refused.order, refused.quote.total],
        [[{ code: "TEN", public_reason: "used_up" }], null, 4000],
      );
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
      const { id: first } = await host.bill(1, 900);
      host.now += HOLD + 1;
      assert.equal((await host.paid(first)).status, "confirmed", "past its time, but nobody has taken it away");

      await host.release(1, "refunded");
      await host.buy(2, 1, ["TEN"], 900);
      const { id: second } = await host.bill(2, 900);
      host.now += HOLD;
      await host.restart();
      assert.equal((await host.get(`/api/orders/${id(2)}`)).state, "released", "swept at the start");
      assert.equal(await host.uses("TEN"), 0);
      assert.equal((await host.paid(second)).status, "confirmed", "released, but it still fits");

      await host.release(2, "refunded");
      await host.buy(3, 1, ["TEN"], 900);
      const { id: third } = await host.bill(3, 900);
      host.now += HOLD;
      await host.buy(4, 1, ["TEN"], 900);
      const late = await host.paid(third);
      assert.deepEqual(
        [late.status, late.money, late.noted, late.order.state],
        ["late_payment_conflict", "returned", [900], "released"],
      );
      assert.equal(await host.uses("TEN"), 1);
      // The use is free again, and the payment is reported again. Its money was sent back, so it pays for nothing.
      await host.release(4);
      const repeated = await host.paid(third);
      assert.deepEqual(
        [repeated.status, repeated.money, repeated.noted, repeated.order.state],
        ["already_returned", "returned", [900], "released"],
      );
      assert.equal(await host.uses("TEN"), 0);
    });

    test("no payment is asked for an order that has lapsed: it is placed again, at the price of the day", async (t) => {
      const half = { code: "HALF", discount_percent: 50 };
      const host = await open(t, [half]);
      await host.buy(1, 1, ["HALF"], 500);
      await host.put("/api/codes/1", { promo: { ...half, active: false }, revision: 1 });
      host.now += HOLD - 1;
      assert.equal((await host.bill(1, 500)).code, 201);
      host.now += 1;
      assert.deepEqual(error(await host.bill(1, 500)), [409, "nothing_to_pay", "id"], "held, but its time is over");
      await host.restart();
      assert.equal((await host.get(`/api/orders/${id(1)}`)).state, "released");
      assert.deepEqual(error(await host.bill(1, 500)), [409, "nothing_to_pay", "id"], "released");
      assert.deepEqual((await host.buy(1, 1, ["HALF"], 500)).refusals, [
        { code: "HALF", public_reason: "not_accepted" },
      ]);
      assert.equal((await host.buy(1, 1, [], 1000)).status, "accepted");
      assert.equal((await host.pay(1, 1000)).money, "kept");
    });

    test("a payment for an order that its buyer released goes back", async (t) => {
      const host = await open(t, [{ code: "TEN", discount_percent: 10 }]);
      await host.buy(1, 1, ["TEN"], 900);
      const payment = await host.bill(1, 900);
      assert.equal((await host.release(1)).refundable, 0);
      const { status, money, noted } = await host.paid(payment.id);
      assert.deepEqual([status, money, noted], ["released", "returned", [900]]);
      assert.deepEqual((await host.paid(payment.id)).noted, [900]);
      assert.deepEqual(error(await host.bill(1, 900)), [409, "nothing_to_pay", "id"]);
    });

    test("an unpaid order holds for an hour at most, however often it is asked again", async (t) => {
      const minute = 60_000;
      const seat = { code: "LASTSEAT", discount: { kind: "fixed_price", price: 500 }, single_use: true };
      const host = await open(t, [seat], { max_hold_ms: 60 * minute });
      const start = host.now;
      // A hold of 10 minutes that is asked for again every 9 minutes would never lapse without `max_hold_ms`.
      for (let minutes = 0; minutes < 60; minutes += 9) {
        host.now = start + minutes * minute;
        const { status, order } = await host.buy(1, 1, ["LASTSEAT"], 500);
        assert.deepEqual([status, order.expires_at_ms], ["accepted", start + Math.min(minutes + 10, 60) * minute]);
      }
      host.now = start + 60 * minute - 1;
      assert.equal((await host.buy(2, 1, ["LASTSEAT"], 500)).status, "rejected");
      host.now = start + 60 * minute;
      assert.equal((await host.buy(2, 1, ["LASTSEAT"], 500)).status, "accepted", "the seat is for the next buyer");
      assert.deepEqual((await host.buy(1, 1, ["LASTSEAT"], 500)).refusals, [
        { code: "LASTSEAT", public_reason: "used_up" },
      ]);
      await host.release(2);
      await host.put("/api/codes/1", { promo: { ...seat, active: false }, revision: 1 });
      assert.deepEqual(
        (await host.buy(1, 1, ["LASTSEAT"], 500)).refusals,
        [{ code: "LASTSEAT", public_reason: "not_accepted" }],
        "what the organiser switched off is off",
      );
    });

    test("a buyer gives back and no more: other reasons are the organiser's", async (t) => {
      const kept = { buyer_released: { uses: "keep", identity: "keep" } };
      const host = await open(t, [{ code: "ONCE", discount_percent: 10, max_uses_per_identity: 1 }], { release: kept });
      await host.buy(1, 1, ["ONCE"], 900);
      await host.pay(1, 900);
      // A buyer must not choose the reason: "refunded" would give the use back.
      for (const reason of ["refunded", "organizer_cancelled"]) {
        assert.deepEqual(error(await host.post(`/api/orders/${id(1)}/release`, { id: id(5), reason })), [
          400,
          "invalid_request",
          "reason",
        ]);
      }
      assert.equal((await host.release(1)).status, "released");
      assert.equal(await host.uses("ONCE"), 1);
      await host.buy(2, 1, ["ONCE"], 900, "bob@example.org");
      assert.equal((await host.release(2, "organizer_cancelled")).status, "released");
      assert.equal(await host.uses("ONCE"), 1);
    });

    test("what is malformed is an error that names the field", async (t) => {
      const host = await open(t, [{ code: "TEN", discount_percent: 10 }]);
      const order = orderFor("ann@example.org", 1, ["TEN"], 900, id(1));
      const buying = async (more) => error(await host.post("/api/events/gala/orders", { ...order, ...more }));
      assert.deepEqual(await buying({ code: "TEN" }), [400, "invalid_request", "code"]);
      assert.deepEqual(await buying({ code: null }), [400, "invalid_request", "code"]);
      assert.deepEqual(await buying({ lines: [{ ticket_type: "seat", quantity: 1, unit_price: 1 }] }), [
        400,
        "invalid_request",
        "lines[0].unit_price",
      ]);
      assert.deepEqual(await buying({ lines: [{ ticket_type: "box", quantity: 1 }] }), [
        400,
        "invalid_request",
        "lines[0].ticket_type",
      ]);
      assert.deepEqual(await buying({ lines: [{ ticket_type: "seat", quantity: "1" }] }), [
        400,
        "invalid_request",
        "lines[0].quantity",
      ]);
      assert.deepEqual(await buying({ identities: {} }), [400, "invalid_request", "identities.email"]);
      assert.deepEqual(await buying({ identities: { email: "  " } }), [400, "invalid_request", "identities.email"]);
      assert.deepEqual(await buying({ codes: ["\ud800"] }), [400, "invalid_request", "codes[0]"]);
      assert.deepEqual(await buying({ max_total: undefined }), [400, "invalid_request", "max_total"]);
      assert.deepEqual(await buying({ max_total: "900" }), [400, "invalid_request", "max_total"]);
      assert.deepEqual(error(await host.post("/api/events/gala/preview", { ...order, id: undefined })), [
        400,
        "invalid_request",
        "max_total",
      ]);
      await host.buy(1, 1, [], 1000);
      assert.deepEqual(error(await host.release(1, "cancelled")), [400, "invalid_request", "reason"]);
      assert.deepEqual(error(await host.release(1, "refunded", [1])), [400, "invalid_request", "release.tickets[0]"]);
      assert.deepEqual(error(await host.bill(1, -1)), [400, "invalid_request", "max_total"]);
      assert.deepEqual(error(await host.bill(1, 999)), [409, "price_changed", "max_total"]);
      assert.deepEqual(error(await host.bill(9, 1000)), [404, "not_found", "id"]);
      assert.deepEqual(
        error(await host.paid(id(9))),
        [404, "not_found", "id"],
        "a payment that the shop has not asked for",
      );
      // Ids that could be guessed are refused, and so are ids that the database cannot look up.
      for (const guessed of ["1", "-".repeat(36), id(1).replace("-4000-", "-1000-"), id(1).replaceAll("-", "0")])
        assert.deepEqual(await buying({ id: guessed }), [400, "invalid_request", "id"]);
      assert.deepEqual(error(await host.release(1, "buyer_released", null, "again")), [400, "invalid_request", "id"]);
      assert.deepEqual(error(await host.post(`/api/orders/${id(1)}/release`, {})), [400, "invalid_request", "id"]);
      for (const strange of ["%00", "1", "__proto__"]) {
        assert.deepEqual(error(await host.get(`/api/orders/${strange}`)), [404, "not_found", "id"]);
        assert.deepEqual(error(await host.paid(strange)), [404, "not_found", "id"]);
        assert.deepEqual(error(await host.post(`/api/orders/${strange}/release`, { id: id(5) })), [
          404,
          "not_found",
          "id",
        ]);
      }
      assert.deepEqual(error(await host.release(9)), [404, "not_found", "id"]);
      assert.equal((await host.get("/api/nothing")).code, 404);
      assert.equal((await audit(host.place)).records.length, 1);
    });

    test("the public event names no code, and a view only the one that was typed, with what is left", async (t) => {
      const host = await open(t, [
        { code: "TEN", id: "spring", discount_percent: 10, max_uses: 400, pools: [{ id: "partners", max_uses: 8 }] },
        { code: "SECRET", discount_percent: 90 },
      ]);
      const event = await host.get("/api/event");
      assert.ok(!/TEN|SECRET|promo/.test(JSON.stringify(event)));
      assert.equal(event.hold_ms, HOLD);
      await host.buy(1, 2, ["TEN"], 1800);
      const { view, up_to, now_ms } = await host.post("/api/events/gala/view", {
        codes: ["\uff54en\u200b"],
        identities: {},
      });
      assert.deepEqual(
        [view.codes, view.promos.map(({ code }) => code), up_to, now_ms],
        [["TEN"], ["TEN"], 10, host.now],
      );
      // The code has 398 uses left, and its pool has 6.
      assert.deepEqual([view.promos[0].max_uses, view.promos[0].pools], [6, []]);
      assert.doesNotMatch(JSON.stringify(view), /SECRET|spring|partners|400|398/);
      assert.deepEqual((await host.post("/api/events/gala/view", { codes: [], identities: {} })).view.promos, []);
    });

    test("a code that is not accepted reads like one that nobody wrote: view, preview and order", async (t) => {
      const free = { discount: { kind: "free" } };
      const host = await open(t, [
        { ...free, code: "OFF", active: false, only_for: { email: ["ceo@corp.example"] } },
        { ...free, code: "GUESTS", only_for: { email: ["ann@example.org"] } },
        { ...free, code: "SOON", starts_at_ms: 1_800_001_000_000 },
        { ...free, code: "OVER", ends_at_ms: 1_799_999_000_000, max_uses: 0 },
      ]);
      await host.buy(1, 1, ["GUESTS"], 0, "ann@example.org");
      const all = async (code, email) => {
        const wish = { codes: [code], lines: [{ ticket_type: "seat", quantity: 1 }], identities: { email } };
        const answers = [
          await host.post("/api/events/gala/view", { codes: [code], identities: { email } }),
          await host.post("/api/events/gala/preview", wish),
          await host.buy(2, 1, [code], 1000, email),
        ];
        return JSON.stringify(answers).replaceAll(code, "CODE");
      };
      const unknown = await all("NOTHING", "bob@example.org");
      assert.match(unknown, /"promos":\[\].*not_accepted/);
      for (const code of ["OFF", "GUESTS", "SOON", "OVER"])
        assert.equal(await all(code, "bob@example.org"), unknown, code);
      const listed = await host.post("/api/events/gala/view", {
        codes: ["GUESTS"],
        identities: { email: "Ann+x@example.org" },
      });
      assert.deepEqual(
        listed.view.promos.map(({ code, only_for }) => [code, only_for]),
        [["GUESTS", null]],
      );
    });

    test("several codes are priced by the shop, and of a refusal only the public reason is told", async (t) => {
      const host = await open(t, [
        { code: "TEN", discount_percent: 10, combines: true, max_uses: 500 },
        { code: "FIVE", discount: { kind: "amount_per_ticket", amount: 500 }, combines: true, max_uses: 1 },
      ]);
      const ask = (codes, quantity) =>
        host.post("/api/events/gala/preview", { codes, lines: [{ ticket_type: "seat", quantity }], identities: {} });
      // 10.00 less 10 % is 9.00; less 5.00 it is 4.00.
      const { status, quote, applied, refusals } = await ask(["TEN", "FIVE"], 1);
      assert.deepEqual([status, quote.total, refusals], ["accepted", 400, []]);
      assert.deepEqual(applied, [
        { code: "TEN", tickets: 1, uses: 1, discount: 100, partial: false },
        { code: "FIVE", tickets: 1, uses: 1, discount: 500, partial: false },
      ]);
      const short = await ask(["TEN", "FIVE"], 2);
      assert.deepEqual(
        [short.status, short.quote.total, short.refusals],
        ["rejected", 2000, [{ code: "FIVE", public_reason: "used_up" }]],
      );
      assert.deepEqual(error(await host.post("/api/events/gala/view", { codes: ["TEN", "FIVE"], identities: {} })), [
        400,
        "invalid_request",
        "codes",
      ]);
    });

    test("the order of the refusals does not tell which of two codes exists", async (t) => {
      const host = await open(t, [{ code: "INSIDERS", discount_percent: 50, combines: true, active: false }]);
      for (const codes of [
        ["INSIDERS", "NOPE"],
        ["NOPE", "INSIDERS"],
        ["OUTSIDERS", "NOPE"],
      ]) {
        const preview = await host.post("/api/events/gala/preview", {
          codes,
          lines: [{ ticket_type: "seat", quantity: 1 }],
          identities: {},
        });
        const refusals = [...codes].sort().map((code) => ({ code, public_reason: "not_accepted" }));
        assert.deepEqual([preview.refusals, (await host.buy(1, 1, codes, 1000)).refusals], [refusals, refusals]);
      }
    });

    test("an order with several codes counts as so many tries", async (t) => {
      const host = await open(t, [], {}, {}, 3);
      const preview = (codes) =>
        host.post("/api/events/gala/preview", { codes, lines: [{ ticket_type: "seat", quantity: 1 }], identities: {} });
      assert.equal((await preview(["A", "", "B"])).code, 200);
      assert.deepEqual(error(await preview(["C", "D"])), [429, "too_many_codes", "codes"]);
    });

    test("an address that tries very many codes is asked to wait, whatever the codes and wherever tried", async (t) => {
      const host = await open(t, [{ code: "TEN", discount_percent: 10 }], {}, {}, 3);
      const view = (code) => host.post("/api/events/gala/view", { codes: code ? [code] : [], identities: {} });
      const codes = [(await view("TEN")).code, (await view("NOPE")).code, (await view("")).code];
      assert.deepEqual(codes, [200, 200, 200]);
      assert.equal(
        (
          await host.post("/api/events/gala/preview", {
            codes: ["TEN"],
            lines: [{ ticket_type: "seat", quantity: 1 }],
            identities: {},
          })
        ).code,
        200,
      );
      const waits = [429, "too_many_codes", "codes"];
      assert.deepEqual(error(await view("TEN")), waits);
      assert.deepEqual(error(await view("NOPE")), waits);
      assert.deepEqual(error(await host.buy(1, 1, ["TEN"], 900)), waits);
      // Without a code there is nothing to guess.
      assert.equal((await host.buy(2, 1, [], 1000)).status, "accepted");
      const elsewhere = await host.app.inject({
        method: "POST",
        url: "/api/events/gala/view",
        payload: { codes: ["TEN"], identities: {} },
        remoteAddress: "127.0.0.2",
      });
      assert.equal(elsewhere.statusCode, 200);
    });
  });

test("a payment whose order a restore has lost goes back, and buys nothing when placed again", async (t) => {
  const event = eventWith([{ code: "TEN", discount_percent: 10 }], {}, HOLD);
  const place = workspace(t, event);
  const host = await openHost(place, event);
  await host.buy(1, 1, ["TEN"], 900);
  const payment = await host.bill(1, 900);
  const file = new Database(place.file);
  file.exec("DELETE FROM redeemable_redemptions; DELETE FROM redeemable_counters");
  const { code, status, money, noted } = await host.paid(payment.id);
  assert.deepEqual([code, status, money, noted], [200, "no_order", "returned", [900]]);
  await host.buy(1, 1, ["TEN"], 900);
  const again = await host.paid(payment.id);
  assert.deepEqual(
    [again.status, again.money, again.noted, again.order.state],
    ["already_returned", "returned", [900], "held"],
  );
  file.close();
});

test("an unpaid order is given back although nobody asks", async (t) => {
  const place = workspace(t, eventWith([{ code: "TEN", discount_percent: 10 }], {}, 100));
  const { url } = await startHost(place);
  const { order } = await ask(`${url}/api/events/gala/orders`, orderFor("ann@example.org", 1, ["TEN"], 900));
  while ((await ask(`${url}/api/orders/${order.id}`)).state !== "released") await pause(20);
  const { records, counters } = await audit(place);
  assert.deepEqual([records[0].tickets[0].released.reason, counters], ["hold_expired", {}]);
});

test("a host that is busy says so, and an error that nobody expected says nothing of itself", () => {
  assert.deepEqual(answerTo(new Busy(8)), {
    status: 503,
    body: { error: { code: "busy", path: "", message: "somebody else was faster 8 times" } },
  });
  const lost = Object.assign(new Error("open /secret/place"), { code: "ENOENT", path: "/secret/place" });
  assert.deepEqual(answerTo(lost), {
    status: 500,
    body: { error: { code: "internal", path: "", message: "something went wrong" } },
  });
});
