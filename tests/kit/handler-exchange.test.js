// Buyers exchange paid tickets at the handler: for nothing more, for money that is left over, and for what is due.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { suite, test } from "node:test";
import { audit } from "redeemable/host";
import { Refused } from "redeemable/handler";
import { eventWith, faultOf, openShop, wish } from "./handler-shop.js";
import { openMemory, openSqlite } from "./support.js";

const TEN = { code: "TEN", discount_percent: 10, max_uses: 3 };
const PRICES = { seat: 1000, stall: 3000, side: 800 };
const lines = (ticket_type, quantity = 1) => [{ ticket_type, quantity }];
/** A wish for other tickets, all of the old ones unless `more` says which. */
const change = (ticket_type, max_due, more = {}) => ({
  id: randomUUID(),
  codes: [],
  lines: lines(ticket_type),
  max_due,
  ...more,
});

for (const [name, openStore] of Object.entries({ memory: openMemory, SQLite: openSqlite }))
  suite(`exchanges at the handler on ${name}`, () => {
    /** A shop in which Ann has paid for two seats at 9.00 each, with TEN. */
    const open = async (t, { promos = [TEN], event = {}, ...more } = {}) => {
      const { store, close } = openStore();
      t.after(close);
      const gala = eventWith(promos, { prices: { ...PRICES }, ...event });
      const shop = openShop(store, { gala }, { exchanges: "forgo", ...more });
      const { id } = wish([], 1, 0);
      await shop.buy(wish(["ten"], 2, 1800, { id }));
      assert.equal((await shop.pay(id, 1800)).money, "kept");
      const uses = async () =>
        (await store.read(["code/event:gala:TEN/uses"], null)).counters["code/event:gala:TEN/uses"];
      return Object.assign(shop, {
        store,
        gala,
        id,
        uses: async () => (await uses()) ?? 0,
        exchange: (wanted, headers) => shop.post(`orders/${id}/exchange`, wanted, headers),
        peek: ({ id: _, max_due, min_refundable, ...wanted }) => shop.post(`orders/${id}/exchange/preview`, wanted),
        /** Nothing was exchanged: Ann's order is as she paid it. */
        async isAsPaid() {
          const { state, total } = await shop.get(`orders/${id}`);
          assert.deepEqual([state, total, await shop.uses()], ["confirmed", 1800, 2]);
          assert.deepEqual(await audit(store), []);
        },
      });
    };

    test("a ticket that costs less takes the place of another, once, and the rest is forgone", async (t) => {
      const shop = await open(t);
      // 9.00 go back, and 8.00 are the price of the side.
      const wanted = change("side", 0, { tickets: [0] });
      const seen = await shop.peek(wanted);
      assert.deepEqual(
        [seen.status, seen.quote.total, seen.due, seen.refundable, seen.forgone, seen.refusals],
        ["accepted", 800, 0, 0, 100, []],
      );
      await shop.isAsPaid();
      const all = await Promise.all(Array.from({ length: 4 }, () => shop.exchange(wanted)));
      assert.equal(all.filter(({ replayed }) => !replayed).length, 1);
      for (const made of all) {
        assert.deepEqual([made.status, made.due, made.refundable, made.forgone], ["accepted", 0, 0, 100]);
        assert.deepEqual([made.order.id, made.order.state, made.order.total], [wanted.id, "confirmed", 800]);
        assert.deepEqual(made.order.exchanged, { credit: 900, due: 0, refundable: 0 });
        assert.deepEqual(
          [made.from.id, made.from.state, made.from.total, made.payment],
          [shop.id, "confirmed", 900, null],
        );
      }
      assert.deepEqual([await shop.uses(), shop.refunds.size, shop.asked.size], [1, 0, 1]);
      assert.deepEqual(new Set(shop.written.slice(-2)), new Set([shop.id, wanted.id]));
      // The id is used; another wish under it exchanges nothing.
      const other = await shop.exchange({ ...wanted, lines: lines("seat") });
      assert.deepEqual([other.status, other.order.total], ["already_confirmed", 800]);
      assert.deepEqual(await audit(shop.store), []);
    });

    test("money that is left over is sent back once, if the shop says so", async (t) => {
      const shop = await open(t, { exchanges: "refund" });
      const wanted = change("side", 0, { min_refundable: 1000 });
      assert.deepEqual([(await shop.peek(wanted)).refundable, shop.refunds.size], [1000, 0]);
      for (const replayed of [false, true]) {
        const made = await shop.exchange(wanted);
        assert.deepEqual([made.status, made.replayed, made.refundable, made.forgone], ["accepted", replayed, 1000, 0]);
        assert.deepEqual(
          [...shop.refunds.values()],
          [{ id: `${shop.id} ${wanted.id}`, order_id: shop.id, total: 1000, currency: "EUR" }],
        );
      }
      assert.equal((await shop.get(`orders/${shop.id}`)).state, "released");
    });

    test("money that could not be noted is noted when the exchange is sent again, also at other prices", async (t) => {
      const noted = [];
      let refund = () => Promise.reject(new Error("the table is locked"));
      const shop = await open(t, { exchanges: "refund", refund: (owed) => refund(owed) });
      const wanted = change("side", 0, { min_refundable: 1000 });
      assert.deepEqual(faultOf(await shop.exchange(wanted)), [500, "internal", ""]);
      refund = ({ total }) => noted.push(total);
      shop.gala.prices.side = 700;
      const again = await shop.exchange(wanted);
      assert.deepEqual([again.status, again.order.total, noted], ["already_confirmed", 800, [1000]]);
      // Also when the type is not sold any more.
      delete shop.gala.prices.side;
      assert.equal(faultOf(await shop.exchange(wanted))[2], "lines[0].ticket_type");
      assert.deepEqual(noted, [1000, 1000]);
    });

    test("a buyer who gets money back gets what was shown, or is asked again", async (t) => {
      const shop = await open(t, { exchanges: "refund" });
      const wanted = change("side", 0, { min_refundable: 1000 });
      // Two seats at 9.00 go back for a side at 8.00; by now it costs 11.00.
      shop.gala.prices.side = 1100;
      const asked = await shop.exchange(wanted);
      assert.deepEqual([asked.status, asked.refundable, asked.order], ["price_changed", 700, null]);
      await shop.isAsPaid();
      const made = await shop.exchange({ ...wanted, min_refundable: 700 });
      assert.deepEqual([made.status, made.refundable], ["accepted", 700]);
      const forgotten = faultOf(await shop.exchange(change("side", 0)));
      assert.deepEqual(forgotten, [400, "invalid_request", "min_refundable"]);
    });

    test("what is due is asked for, paid, and paid once", async (t) => {
      const shop = await open(t);
      // A stall at 27.00 with TEN, for two seats at 9.00: 9.00 are due.
      const wanted = change("stall", 899, { codes: ["ten"] });
      assert.deepEqual([(await shop.peek(wanted)).status, (await shop.peek(wanted)).due], ["payment_due", 900]);
      const dear = await shop.exchange(wanted);
      assert.deepEqual([dear.status, dear.due, dear.payment, dear.order], ["price_changed", 900, null, null]);
      assert.equal(shop.asked.size, 1, "nothing is asked for that the buyer has not agreed to");
      const agreed = { ...wanted, max_due: 900 };
      const [first, second] = [await shop.exchange(agreed), await shop.exchange(agreed)];
      assert.deepEqual([first.status, first.due, first.quote.total, first.order], ["payment_due", 900, 2700, null]);
      assert.deepEqual([first.payment.total, first.payment.currency], [900, "EUR"]);
      assert.deepEqual(shop.asked.get(first.payment.id), {
        order_id: wanted.id,
        total: 900,
        currency: "EUR",
        exchange: {
          from: shop.id,
          tickets: null,
          codes: ["ten"],
          lines: lines("stall"),
          identities: {},
          facts: null,
          max_due: 900,
        },
      });
      await shop.isAsPaid();
      const kept = { code: 200, order_id: wanted.id, status: "accepted", money: "kept" };
      assert.deepEqual(await shop.report(first.payment.id), kept);
      assert.deepEqual(await shop.report(first.payment.id), kept);
      const twice = { ...kept, status: "paid_twice", money: "returned" };
      assert.deepEqual(await shop.report(second.payment.id), twice);
      assert.deepEqual(
        [...shop.refunds.values()],
        [{ id: second.payment.id, order_id: wanted.id, total: 900, currency: "EUR" }],
      );
      const made = await shop.get(`orders/${wanted.id}`);
      assert.deepEqual(
        [made.state, made.total, made.exchanged],
        ["confirmed", 2700, { credit: 1800, due: 900, refundable: 0 }],
      );
      assert.deepEqual(
        made.payments.map(({ id, outcome }) => [id, outcome]),
        [
          [first.payment.id, "kept"],
          [second.payment.id, "returned"],
        ],
      );
      // The page did not get the first answer, and asks again.
      const again = await shop.exchange(agreed);
      assert.deepEqual([again.status, again.replayed, again.due, again.payment], ["accepted", true, 900, null]);
      assert.equal(await shop.uses(), 1);
      assert.deepEqual([await audit(shop.store), shop.errors], [[], []]);
    });

    test("an answer that was lost after the commit is given again", async (t) => {
      const { store, id, gala } = await open(t);
      let lost = true;
      const commit = async (...plan) => {
        const done = await store.commit(...plan);
        if (!lost) return done;
        lost = false;
        throw new Error("the connection broke");
      };
      const shop = openShop({ ...store, commit }, { gala }, { exchanges: "forgo" });
      shop.asked.set("pay-1", {}); // that of Ann's order
      const { payment } = await shop.post(`orders/${id}/exchange`, change("stall", 1200));
      assert.deepEqual(faultOf(await shop.report(payment.id)), [500, "internal", ""]);
      const again = await shop.report(payment.id);
      assert.deepEqual([again.status, again.money, shop.refunds.size], ["accepted", "kept", 0]);
    });

    test("a payment goes back if the exchange that it is for cannot be made any more", async (t) => {
      const shop = await open(t);
      const due = async (more) => (await shop.exchange(change("stall", 1200, more))).payment.id;
      const goesBack = async (payment, status) => {
        const total = shop.asked.get(payment).total;
        const told = await shop.report(payment);
        assert.deepEqual([told.status, told.money, shop.refunds.get(payment)?.total], [status, "returned", total]);
        assert.equal((await shop.report(payment)).status, "already_returned");
        await shop.isAsPaid();
      };
      // The price has risen, and the buyer may have agreed to that; or the type is not sold any more.
      const [dearer, gone] = [await due({ max_due: 5000 }), await due()];
      shop.gala.prices.stall = 3500;
      await goesBack(dearer, "stale_payment");
      delete shop.gala.prices.stall;
      await goesBack(gone, "exchange_refused");
      shop.gala.prices.stall = 3000;
      // Somebody has paid another amount than the shop asked for: less, or more than the buyer agreed to.
      const [less, more] = [await due(), await due()];
      shop.asked.get(less).total = 1199;
      await goesBack(less, "stale_payment");
      shop.gala.prices.stall = 3100;
      shop.asked.get(more).total = 1300;
      await goesBack(more, "stale_payment");
      shop.gala.prices.stall = 3000;
      // The shop forgot to say that the payment is for an exchange.
      const forgotten = await due();
      delete shop.asked.get(forgotten).exchange;
      await goesBack(forgotten, "no_order");
      assert.deepEqual(shop.errors, []);
    });

    test("a payment that was kept stays kept, whatever the shop sells when it is reported again", async (t) => {
      const shop = await open(t);
      const { payment } = await shop.exchange(change("stall", 1200));
      const first = await shop.report(payment.id);
      assert.deepEqual([first.status, first.money], ["accepted", "kept"]);
      delete shop.gala.prices.stall;
      const again = await shop.report(payment.id);
      assert.deepEqual([again.status, again.money], ["already_confirmed", "kept"]);
      assert.equal(shop.refunds.size, 0);
    });

    test("seats are counted in an exchange, too", async (t) => {
      let left = 2;
      const write = (_, records) => {
        const sold = records.filter(({ state, revision }) => state === "held" || revision === 1);
        if (sold.length > left) throw new Refused(409, "sold_out", "lines", "no seats are left");
        left -= sold.length;
      };
      const shop = await open(t, { write });
      const { payment } = await shop.exchange(change("stall", 1200));
      left = 0;
      assert.deepEqual(faultOf(await shop.exchange(change("side", 0))), [409, "sold_out", "lines"]);
      const told = await shop.report(payment.id);
      assert.deepEqual([told.status, told.money, shop.refunds.get(payment.id).total], ["sold_out", "returned", 1200]);
      await shop.isAsPaid();
    });

    test("nobody exchanges another's tickets, or into another's order", async (t) => {
      const mayAct = ({ identities }, { request }) => {
        const login = request.headers.get("login");
        return login === null || identities.includes(`email:${login}`) || identities.length === 0;
      };
      const shop = await open(t, { mayAct });
      const [ann, bob] = [{ login: "ann@example.org" }, { login: "bob@example.org" }];
      const held = wish([], 1, 1000, { identities: { email: "bob@example.org" } });
      const paid = wish([], 1, 1000, { identities: { email: "bob@example.org" } });
      for (const order of [held, paid]) assert.equal((await shop.buy(order)).status, "accepted");
      await shop.pay(paid.id, 1000);
      for (const { id } of [held, paid]) {
        assert.deepEqual(faultOf(await shop.exchange(change("side", 0, { id }), ann)), [404, "not_found", "id"]);
        // Nor may Bob: his order stays the order that he placed.
        assert.deepEqual(faultOf(await shop.exchange(change("side", 0, { id }), bob)), [409, "id_taken", "id"]);
      }
      const theirs = `orders/${paid.id}/exchange`;
      for (const at of [theirs, `${theirs}/preview`])
        assert.deepEqual(
          faultOf(
            await shop.post(
              at,
              { codes: [], lines: lines("side"), ...(at === theirs && { id: randomUUID(), max_due: 0 }) },
              ann,
            ),
          ),
          [404, "not_found", "id"],
        );
      // The id becomes somebody's while the payment is under way.
      const wanted = change("stall", 1200);
      const { payment } = await shop.exchange(wanted);
      await shop.buy(wish([], 1, 1000, { id: wanted.id, identities: { email: "bob@example.org" } }));
      const told = await shop.report(payment.id);
      assert.deepEqual([told.status, told.money, shop.refunds.get(payment.id).total], ["id_taken", "returned", 1200]);
      assert.equal((await shop.get(`orders/${wanted.id}`)).state, "held");
      await shop.isAsPaid();
    });

    test("an old code is good for what goes back and no more, and a fallen price gives no money", async (t) => {
      const promos = [{ ...TEN, ends_at_ms: 1_800_000_060_000 }];
      const shop = await open(t, { promos });
      shop.now += 120_000;
      const many = await shop.exchange(
        change("seat", 100_000, { codes: ["ten"], lines: lines("seat", 5), tickets: [0] }),
      );
      assert.deepEqual([many.status, many.refusals.map(({ code }) => code), many.payment], ["rejected", ["TEN"], null]);
      await shop.isAsPaid();
      // Sale day: a seat costs 6.00, with the old code 5.40.
      shop.gala.prices.seat = 600;
      const same = await shop.exchange(change("seat", 0, { codes: ["ten"], tickets: [0] }));
      assert.deepEqual([same.status, same.order.total, same.refundable, same.forgone], ["accepted", 540, 0, 360]);
      assert.equal(shop.refunds.size, 0);
      const { payment } = await shop.exchange(change("stall", 2100, { tickets: [1] }));
      // Before the payment arrives, the ticket is given back.
      await shop.release(shop.id, randomUUID(), [1]);
      const told = await shop.report(payment.id);
      assert.deepEqual([told.status, told.money], ["already_released", "returned"]);
      assert.deepEqual([await shop.uses(), await audit(shop.store)], [1, []]);
    });

    test("who buys and what the shop knows is noted, because the provider's report does not say it", async (t) => {
      const promos = [
        TEN,
        { code: "MINE", discount_percent: 50, max_uses_per_identity: 1, only_if: [{ fact: "member", is: true }] },
      ];
      const seen = [];
      const shop = await open(t, {
        promos,
        event: { facts: { member: true } },
        identitiesOf: (_, { request, action }) => {
          seen.push(action);
          const email = request.headers.get("login");
          return email === null ? {} : { email };
        },
      });
      const wanted = change("stall", 0, { codes: ["mine"], tickets: [0], max_due: 600 });
      const { payment } = await shop.exchange(wanted, { login: "ann@example.org" });
      assert.deepEqual(seen, ["buy", "exchange"]);
      delete shop.gala.facts;
      assert.equal((await shop.report(payment.id)).money, "kept");
      const { total, identities } = await shop.get(`orders/${wanted.id}`);
      assert.deepEqual([total, identities], [1500, ["email:ann@example.org"]]);
    });
  });

const openOne = async (more = {}, promos = [TEN]) => {
  const { store } = openMemory();
  const shop = openShop(store, { gala: eventWith(promos, { prices: PRICES }) }, { exchanges: "forgo", ...more });
  const order = wish([], 1, 1000);
  await shop.buy(order);
  return { shop, at: `orders/${order.id}/exchange`, id: order.id };
};

test("each field of an exchange is checked, and an unpaid order is not exchanged", async () => {
  const { shop, at, id } = await openOne();
  const unpaid = await shop.post(at, change("side", 0));
  assert.deepEqual([unpaid.status, unpaid.order], ["not_confirmed", null]);
  await shop.pay(id, 1000);
  for (const [more, path] of [
    [{ id }, "id"],
    [{ id: "1" }, "id"],
    [{ id: undefined }, "id"],
    [{ max_due: undefined }, "max_due"],
    [{ max_due: -1 }, "max_due"],
    [{ max_total: 5 }, "max_total"],
    [{ refund: true }, "refund"],
    [{ payment: { id: "p", total: 0 } }, "payment"],
    [{ tickets: "all" }, "tickets"],
    [{ tickets: [] }, "tickets"],
    [{ tickets: [0, 7] }, "tickets[1]"],
    [{ tickets: [0.5] }, "tickets[0]"],
    [{ codes: undefined }, "codes"],
    [{ codes: ["\ud800"] }, "codes[0]"],
    [{ lines: [] }, "lines"],
    [{ lines: lines("throne") }, "lines[0].ticket_type"],
    [{ lines: lines("side", 0) }, "lines[0].quantity"],
    [{ lines: [{ ticket_type: "side", quantity: 1, unit_price: 1 }] }, "lines[0].unit_price"],
    [{ identities: { email: "" } }, "identities.email"],
  ])
    assert.deepEqual(faultOf(await shop.post(at, { ...change("side", 0), ...more })), [400, "invalid_request", path]);
  assert.deepEqual(faultOf(await shop.post(`${at}/preview`, change("side", 0))), [400, "invalid_request", "id"]);
  assert.deepEqual(faultOf(await shop.get(at)), [405, "invalid_request", ""]);
  const nobody = `orders/${randomUUID()}/exchange`;
  assert.deepEqual(faultOf(await shop.post(nobody, change("side", 0))), [404, "not_found", "id"]);
  assert.equal((await shop.get(`orders/${id}`)).total, 1000);
  assert.deepEqual(shop.errors, []);
});

test("buyers exchange only if the shop has said what becomes of the money", async () => {
  const { shop, at, id } = await openOne({ exchanges: undefined });
  await shop.pay(id, 1000);
  for (const path of [at, `${at}/preview`])
    assert.deepEqual(faultOf(await shop.post(path, change("side", 0))), [404, "not_found", ""]);
  await assert.rejects(openOne({ exchanges: "keep" }), { code: "invalid_request", path: "options.exchanges" });
});

for (const kind of ["a list", "functions"])
  test(`a promotion with a fault, from ${kind}, is unknown to who exchanges, and told to the shop`, async () => {
    const faulty = [{ code: "BAD", discount_percent: 10, max_usse: 5 }, TEN];
    const find = () => faulty;
    const { shop, at, id } = await openOne({}, kind === "a list" ? faulty : { always: () => [], find });
    await shop.pay(id, 1000);
    const refused = await shop.post(at, change("side", 0, { codes: ["bad"] }));
    assert.deepEqual(
      [refused.status, refused.refusals],
      ["rejected", [{ code: "BAD", public_reason: "not_accepted" }]],
    );
    assert.match(shop.errors[0].message, /max_usse: unknown field/);
    assert.equal((await shop.post(at, change("seat", 0, { codes: ["ten"] }))).order.total, 900);
    assert.equal(shop.errors.length, 1);
  });

test("a shop that notes an exchange wrongly is told, and the provider reports again", async () => {
  const { shop, at, id } = await openOne();
  await shop.pay(id, 1000);
  const { payment } = await shop.post(at, change("stall", 2000));
  const noted = shop.asked.get(payment.id);
  const { exchange } = noted;
  for (const [wrong, path] of [
    [JSON.stringify(exchange), "reported.exchange"],
    [{ ...exchange, from: undefined }, "reported.exchange.from"],
    [{ ...exchange, lines: undefined }, "reported.exchange.lines"],
    [{ ...exchange, max_due: "2000" }, "reported.exchange.max_due"],
    [{ ...exchange, price: 1 }, "reported.exchange.price"],
  ]) {
    noted.exchange = wrong;
    assert.deepEqual(faultOf(await shop.report(payment.id)), [500, "internal", ""]);
    assert.equal(shop.errors.at(-1).path, path);
  }
  noted.exchange = exchange;
  assert.deepEqual((await shop.report(payment.id)).money, "kept");
});
