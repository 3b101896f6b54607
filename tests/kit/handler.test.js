// A shop's routes for buyers over each store: what is sold, at what price, once, and what a refusal says.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { suite, test } from "node:test";
import { audit } from "redeemable/host";
import { eventWith, faultOf, openShop, wish } from "./handler-shop.js";
import { openMemory, openSqlite } from "./support.js";

const TEN = { code: "TEN", discount_percent: 10, max_uses: 3 };
const uses = async (store, code) =>
  (await store.read([`code/event:gala:${code}/uses`], null)).counters[`code/event:gala:${code}/uses`] ?? 0;

for (const [name, openStore] of Object.entries({ memory: openMemory, SQLite: openSqlite }))
  suite(`the handler on ${name}`, () => {
    const open = (t, promos, event = {}, more = {}) => {
      const { store, close } = openStore();
      t.after(close);
      return Object.assign(openShop(store, { gala: eventWith(promos, event) }, more), { store });
    };
    test("view, buy, pay, give back", async (t) => {
      const shop = open(t, [TEN]);
      const seen = await shop.view("ten");
      assert.deepEqual([seen.view.codes, seen.view.promos[0].max_uses, seen.up_to], [["TEN"], 3, 10]);
      assert.deepEqual(seen.order, { event_id: "gala", currency: "EUR", identities: {} });
      assert.deepEqual(seen.prices, { seat: 1000 }, "a locked type has no price for this page");

      // 2 × 10.00 less 10 % is 18.00.
      const order = wish([" ten "], 2, 1800);
      const bought = await shop.buy(order);
      assert.deepEqual([bought.code, bought.status, bought.replayed], [200, "accepted", false]);
      assert.deepEqual([bought.order.state, bought.order.total, bought.quote.total], ["held", 1800, 1800]);
      assert.equal(await uses(shop.store, "TEN"), 2);
      assert.deepEqual(shop.written, [order.id]);
      assert.deepEqual(await shop.get(`orders/${order.id}`), { code: 200, ...bought.order });

      const [first, second] = [
        await shop.post(`orders/${order.id}/payments`, { max_total: 1800 }),
        await shop.post(`orders/${order.id}/payments`, { max_total: 1800 }),
      ];
      assert.deepEqual([first.code, first.total, first.currency], [201, 1800, "EUR"]);
      const kept = { code: 200, order_id: order.id, status: "confirmed", money: "kept" };
      assert.deepEqual(await shop.report(first.id), kept);
      assert.deepEqual(await shop.report(first.id), { ...kept, status: "already_confirmed" });
      assert.deepEqual(await shop.report(second.id), { ...kept, status: "paid_twice", money: "returned" });
      assert.deepEqual(await shop.report(second.id), { ...kept, status: "already_returned", money: "returned" });
      assert.deepEqual(
        [...shop.refunds.values()],
        [{ id: second.id, order_id: order.id, total: 1800, currency: "EUR" }],
      );

      const release = randomUUID();
      const back = await shop.release(order.id, release, [1]);
      assert.deepEqual([back.status, back.tickets, back.refundable, back.order.total], ["released", [1], 900, 900]);
      const again = await shop.release(order.id, release, [1]);
      assert.deepEqual([again.status, again.tickets, again.refundable], ["already_released", [1], 900]);
      assert.deepEqual(
        [...shop.refunds.values()].slice(1),
        [{ id: `${order.id} ${release}`, order_id: order.id, total: 900, currency: "EUR" }],
        "the money is owed once",
      );
      assert.equal(await uses(shop.store, "TEN"), 1);
      assert.deepEqual(await audit(shop.store), []);
      assert.deepEqual(shop.errors, []);
    });

    test("the same order, sent again, at once or after a lost answer, is sold once", async (t) => {
      const shop = open(t, [TEN]);
      const order = wish(["TEN"], 2, 1800);
      const all = await Promise.all(Array.from({ length: 6 }, () => shop.buy(order)));
      assert.deepEqual(new Set(all.map(({ status, order }) => `${status} ${order.total}`)), new Set(["accepted 1800"]));
      assert.equal(all.filter(({ replayed }) => !replayed).length, 1);
      shop.now += 1000;
      assert.equal((await shop.buy(order)).replayed, true);
      assert.equal(await uses(shop.store, "TEN"), 2);
      // The header says the same as the field.
      const { id, ...rest } = order;
      for (const key of [id, `"${id}"`]) {
        const answer = await shop.post("events/gala/orders", rest, { "idempotency-key": key });
        assert.deepEqual([answer.status, answer.replayed, answer.order.id], ["accepted", true, id]);
      }
      assert.equal((await shop.post("events/gala/orders", order, { "idempotency-key": id })).replayed, true);
      const other = await shop.post("events/gala/orders", order, { "idempotency-key": randomUUID() });
      assert.deepEqual(faultOf(other), [400, "invalid_request", "id"]);
      assert.deepEqual(faultOf(await shop.post("events/gala/orders", rest)), [400, "invalid_request", "id"]);
      assert.deepEqual(await audit(shop.store), []);
    });

    test("an answer that was lost after the commit is given again", async (t) => {
      const { store } = open(t, []);
      let lost = true;
      const commit = async (...plan) => {
        const done = await store.commit(...plan);
        if (!lost) return done;
        lost = false;
        throw new Error("the connection broke");
      };
      const shop = openShop({ ...store, commit }, { gala: eventWith([TEN]) });
      const order = wish(["TEN"], 2, 1800);
      assert.deepEqual(faultOf(await shop.buy(order)), [500, "internal", ""]);
      assert.equal(shop.errors[0].message, "the connection broke");
      const again = await shop.buy(order);
      assert.deepEqual([again.status, again.replayed, again.order.total], ["accepted", true, 1800]);
      assert.equal(await uses(store, "TEN"), 2);
    });

    test("nothing is sold above what the buyer agreed to, and a lower price is the buyer's", async (t) => {
      const shop = open(t, [{ ...TEN, when_short: "partial" }]);
      await shop.buy(wish(["TEN"], 1, 900));
      // Three tickets with two uses left: 9.00 + 9.00 + 10.00.
      const order = wish(["TEN"], 3, 2700);
      const asked = await shop.buy(order);
      assert.deepEqual([asked.status, asked.quote.total, asked.order], ["price_changed", 2800, null]);
      assert.equal((await shop.get(`orders/${order.id}`)).code, 404);
      assert.equal(await uses(shop.store, "TEN"), 1);
      const agreed = await shop.buy({ ...order, max_total: 5000 });
      assert.deepEqual([agreed.status, agreed.order.total], ["accepted", 2800]);
      const dear = await shop.post(`orders/${order.id}/payments`, { max_total: 2799 });
      assert.deepEqual(faultOf(dear), [409, "price_changed", "max_total"]);
    });

    test("a refusal says the public reason once per code, sorted, and the price without codes", async (t) => {
      const shop = open(t, [
        { ...TEN, combines: true },
        { ...TEN, code: "OFF", active: false, combines: true },
      ]);
      const refused = await shop.buy(wish(["ten", "OFF", "NOPE"], 4, 0));
      assert.deepEqual([refused.status, refused.quote.total, refused.order], ["rejected", 4000, null]);
      assert.deepEqual(refused.refusals, [
        { code: "NOPE", public_reason: "not_accepted" },
        { code: "OFF", public_reason: "not_accepted" },
        { code: "TEN", public_reason: "used_up" },
      ]);
      const previewed = await shop.post("events/gala/preview", {
        codes: ["ten"],
        lines: [{ ticket_type: "seat", quantity: 3 }],
      });
      assert.deepEqual([previewed.status, previewed.quote.total], ["accepted", 2700]);
      assert.deepEqual(previewed.applied, [{ code: "TEN", tickets: 3, uses: 3, discount: 300, partial: false }]);
    });

    test("a type that needs a code is shown and sold with the code only", async (t) => {
      const shop = open(t, [{ code: "BOXES", discount: { kind: "none" }, unlocks: ["box"] }, TEN]);
      assert.deepEqual((await shop.view("TEN")).prices, { seat: 1000 });
      const { view, prices } = await shop.view("boxes");
      assert.deepEqual([view.promos[0].unlocks, prices], [["box"], { seat: 1000, box: 5000 }]);
      const box = { lines: [{ ticket_type: "box", quantity: 1 }] };
      assert.equal((await shop.buy(wish([], 1, 5000, box))).status, "rejected");
      assert.equal((await shop.buy(wish(["boxes"], 1, 5000, box))).order.total, 5000);
      assert.doesNotMatch(JSON.stringify([await shop.view(""), await shop.view("NOPE")]), /box/);
    });

    test("an event whose types are all locked has a view, too", async (t) => {
      const promos = [{ code: "BOXES", discount_percent: 10, unlocks: ["box"] }];
      const shop = open(t, promos, { prices: { box: 5000 } });
      assert.deepEqual((await shop.view("NOPE")).prices, {});
      assert.deepEqual((await shop.view("BOXES")).prices, { box: 5000 });
    });

    test("promotions may be found by their codes, and one with a fault is unknown", async (t) => {
      const asked = [];
      const sound = {
        GOOD: { code: "GOOD", discount_percent: 50 },
        BAD: { code: "BAD", discount_percent: 50, max: 1 },
      };
      const promos = (forms) => {
        asked.push(forms.map(({ canonical }) => canonical).join());
        return forms.flatMap(({ canonical }) => sound[canonical] ?? []);
      };
      for (const list of [promos, Object.values(sound)]) {
        const shop = open(t, list);
        assert.deepEqual(
          [(await shop.view("good")).view.promos.length, (await shop.view("bad")).view.promos.length],
          [1, 0],
        );
        assert.equal((await shop.buy(wish(["good"], 1, 500))).status, "accepted");
        assert.deepEqual((await shop.buy(wish(["bad"], 1, 500))).refusals, [
          { code: "BAD", public_reason: "not_accepted" },
        ]);
        const [told, ...more] = shop.errors.map(({ message }) => message);
        assert.match(told, /: event gala, promos\[\d\]\.max: unknown field/);
        assert.deepEqual(more, [], "told once");
      }
      assert.deepEqual(asked, ["GOOD", "BAD", "GOOD", "BAD"]);
    });

    test("whoever may not act on an order learns nothing of it", async (t) => {
      const mayAct = ({ identities }, { request }) => identities.includes(`email:${request.headers.get("login")}`);
      const shop = open(t, [TEN], {}, { mayAct });
      const order = wish(["TEN"], 2, 1800, { identities: { email: "ann@example.org" } });
      assert.equal((await shop.buy(order)).status, "accepted", "a new order is nobody else's");
      const bob = { login: "bob@example.org" };
      const missing = [404, "not_found", "id"];
      const at = `orders/${order.id}`;
      assert.deepEqual(faultOf(await shop.ask("GET", at, undefined, bob)), missing);
      assert.deepEqual(faultOf(await shop.post(`${at}/payments`, { max_total: 1800 }, bob)), missing);
      assert.deepEqual(faultOf(await shop.post(`${at}/release`, { id: randomUUID() }, bob)), missing);
      const amended = { ...order, lines: [{ ticket_type: "seat", quantity: 1 }] };
      assert.deepEqual(faultOf(await shop.post("events/gala/orders", amended, bob)), missing);
      assert.deepEqual(faultOf(await shop.post("events/gala/orders", order, bob)), missing);
      // Nor by a price, or by what is refused of an order that is held or paid.
      const told = [{ max_total: 0 }, { ...amended, max_total: 0 }, { codes: ["NOBODY"] }];
      for (const more of told)
        assert.deepEqual(faultOf(await shop.post("events/gala/orders", { ...order, ...more }, bob)), missing);
      const ann = { login: "ann@example.org" };
      assert.equal((await shop.post("events/gala/orders", order, ann)).replayed, true);
      assert.equal((await shop.post("events/gala/orders", amended, ann)).order.total, 900);
      assert.equal(await uses(shop.store, "TEN"), 1);
      const { id } = await shop.post(`${at}/payments`, { max_total: 900 }, ann);
      assert.equal((await shop.report(id)).money, "kept");
      for (const more of told)
        assert.deepEqual(faultOf(await shop.post("events/gala/orders", { ...order, ...more }, bob)), missing);
    });

    test("a shop may refuse that a part of an order is given back", async (t) => {
      const mayAct = (_, { action, tickets }) => action !== "release" || tickets === null;
      const shop = open(t, [{ code: "GROUP", discount_percent: 50, min_tickets: 10 }], {}, { mayAct });
      const order = wish(["GROUP"], 10, 5000);
      assert.equal((await shop.buy(order)).status, "accepted");
      assert.equal((await shop.pay(order.id, 5000)).money, "kept");
      assert.equal((await shop.release(order.id, randomUUID(), [1, 2, 3, 4, 5, 6, 7, 8, 9])).code, 404);
      assert.equal((await shop.release(order.id, randomUUID())).refundable, 5000);
    });
  });

for (const kind of ["a list", "a function"])
  test(`a promotion with a fault, from ${kind}, is unknown to buyers and told to the shop, once`, async () => {
    const promos = () => [{ code: "TEN", discount_percent: 10, max_usse: 5 }];
    const event = eventWith(kind === "a list" ? promos() : promos);
    const shop = openShop(openMemory().store, { gala: event });
    assert.deepEqual((await shop.view("ten")).view.promos, []);
    const { status, refusals } = await shop.buy(wish(["ten"], 1, 1000));
    assert.deepEqual([status, refusals.map(({ public_reason }) => public_reason)], ["rejected", ["not_accepted"]]);
    assert.equal(shop.errors.length, 1);
    assert.match(
      shop.errors[0].message,
      /^a promotion is not sold.*: event gala, promos\[0\]\.max_usse: unknown field/,
    );
  });

for (const kind of ["a list", "functions"])
  test(`an automatic promotion with a fault, from ${kind}, is told to the shop, though nobody types it`, async () => {
    const all = [{ code: "AUTO", automatic: true, discount_percent: 10, max_usse: 5 }];
    const event = eventWith(kind === "a list" ? all : { always: () => [...all], find: () => [] });
    const shop = openShop(openMemory().store, { gala: event });
    await shop.view("");
    assert.deepEqual((await shop.buy(wish([], 1, 1000))).status, "accepted");
    assert.deepEqual(
      shop.errors.map(({ message }) => message.replace(/^.*?: (event .*): .*$/, "$1")),
      ["event gala, promos[0].max_usse"],
    );
  });
