// Payments at the handler, over each store: which are kept, and which go back, once.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { suite, test } from "node:test";
import { audit } from "redeemable/host";
import { Refused } from "redeemable/handler";
import { SECRET, eventWith, faultOf, openShop, wish } from "./handler-shop.js";
import { openMemory, openSqlite } from "./support.js";

const TEN = { code: "TEN", discount_percent: 10, max_uses: 3 };

for (const [name, openStore] of Object.entries({ memory: openMemory, SQLite: openSqlite }))
  suite(`payments on ${name}`, () => {
    const open = (t, promos, event = {}, more = {}) => {
      const { store, close } = openStore();
      t.after(close);
      return Object.assign(openShop(store, { gala: eventWith(promos, event) }, more), { store });
    };
    test("a late payment whose uses are gone goes back, also if only the shop's own rows do not fit", async (t) => {
      let sold = 0;
      const write = () => {
        if (sold > 0) throw new Refused(409, "sold_out", "lines", "expected fewer tickets: no seats are left");
      };
      const shop = open(t, [{ ...TEN, max_uses: 1 }], {}, { write });
      const [late, early] = [wish(["TEN"], 1, 900), wish(["TEN"], 1, 900)];
      await shop.buy(late);
      const bill = await shop.post(`orders/${late.id}/payments`, { max_total: 900 });
      shop.now += 600_000;
      assert.deepEqual(
        faultOf(await shop.post(`orders/${late.id}/payments`, { max_total: 900 })),
        [409, "nothing_to_pay", "id"],
        "a lapsed order is placed again",
      );
      assert.equal((await shop.buy(early)).status, "accepted");
      assert.deepEqual(await shop.report(bill.id), {
        code: 200,
        order_id: late.id,
        status: "late_payment_conflict",
        money: "returned",
      });
      assert.equal(shop.refunds.get(bill.id).total, 900);

      const third = wish([], 1, 1000);
      await shop.buy(third);
      const other = await shop.post(`orders/${third.id}/payments`, { max_total: 1000 });
      sold = 1;
      assert.deepEqual(faultOf(await shop.buy(wish([], 1, 1000))), [409, "sold_out", "lines"]);
      const told = await shop.report(other.id);
      assert.deepEqual([told.status, told.money], ["sold_out", "returned"]);
      assert.equal(shop.refunds.get(other.id).total, 1000);
      sold = 0;
      // Its money has gone back, so it pays for nothing, although it would fit now.
      assert.deepEqual((await shop.report(other.id)).status, "already_returned");
      assert.equal((await shop.get(`orders/${third.id}`)).state, "held");
      assert.deepEqual(await audit(shop.store), []);
    });

    test("a payment that meets no order goes back, and buys nothing when the order is made later", async (t) => {
      const shop = open(t, [TEN]);
      const order = wish(["TEN"], 1, 900);
      shop.asked.set("p", { order_id: order.id, total: 900, currency: "EUR" });
      assert.deepEqual(await shop.report("p"), {
        code: 200,
        order_id: order.id,
        status: "no_order",
        money: "returned",
      });
      await shop.buy(order);
      assert.equal((await shop.report("p")).status, "already_returned");
      assert.equal((await shop.get(`orders/${order.id}`)).state, "held");
      assert.equal(shop.refunds.size, 1);
    });

    test("a payment in another currency, or of another amount, goes back as it came", async (t) => {
      const shop = open(t, []);
      const order = wish([], 1, 1000);
      await shop.buy(order);
      const paid = { order_id: order.id, total: 1000, currency: "EUR" };
      shop.asked.set("yen", { ...paid, currency: "JPY" });
      shop.asked.set("short", { ...paid, total: 999 });
      for (const id of ["yen", "short"]) {
        const { status, money } = await shop.report(id);
        assert.deepEqual([status, money], ["stale_payment", "returned"]);
      }
      assert.deepEqual(
        [...shop.refunds.values()],
        [
          { id: "yen", order_id: order.id, total: 1000, currency: "JPY" },
          { id: "short", order_id: order.id, total: 999, currency: "EUR" },
        ],
      );
      assert.equal((await shop.get(`orders/${order.id}`)).state, "held");
    });

    test("a shop that does not say what its provider answered is told", async (t) => {
      const shop = open(t, [], {}, { ask() {} });
      const order = wish([], 1, 1000);
      await shop.buy(order);
      const answer = await shop.post(`orders/${order.id}/payments`, { max_total: 1000 });
      assert.deepEqual([...faultOf(answer), shop.errors[0].path], [500, "internal", "", "ask"]);
    });

    test("money that could not be noted is noted when the payment is reported again", async (t) => {
      const shop = open(t, [TEN], {}, { refund: (owed) => noted(owed) });
      const refunds = [];
      let noted = () => Promise.reject(new Error("the table is locked"));
      const order = wish([], 1, 1000);
      await shop.buy(order);
      await shop.release(order.id, randomUUID());
      shop.asked.set("p", { order_id: order.id, total: 1000, currency: "EUR" });
      assert.deepEqual(faultOf(await shop.report("p")), [500, "internal", ""]);
      noted = (owed) => refunds.push(owed);
      assert.deepEqual((await shop.report("p")).status, "already_returned");
      assert.deepEqual(refunds, [{ id: "p", order_id: order.id, total: 1000, currency: "EUR" }]);
    });

    test("a report of somebody else changes nothing, and one about something else has its own answer", async (t) => {
      const shop = open(t, []);
      const order = wish([], 1, 1000);
      await shop.buy(order);
      const { id } = await shop.post(`orders/${order.id}/payments`, { max_total: 1000 });
      assert.deepEqual(faultOf(await shop.report(id, "guessed")), [403, "not_allowed", ""]);
      assert.deepEqual(faultOf(await shop.report("nobody's")), [404, "not_found", "id"]);
      assert.equal((await shop.get(`orders/${order.id}`)).state, "held");
      const other = openShop(shop.store, {}, { reported: () => new Response(null, { status: 204 }) });
      assert.equal((await other.send("POST", "payments", {})).status, 204);
      // A shop whose function forgets a part is told, and the provider reports again.
      for (const [report, path] of [
        [undefined, "reported"],
        [{ id: order.id, payment: { id, total: 1000, currency: "EUR" } }, "reported.refunded"],
        [{ id: order.id, payment: { id, total: null, currency: "EUR" }, refunded: false }, "reported.payment.total"],
      ]) {
        const broken = openShop(shop.store, {}, { reported: () => report });
        assert.deepEqual(faultOf(await broken.post("payments", {}, { secret: SECRET })), [500, "internal", ""]);
        assert.equal(broken.errors[0].path, path);
      }
    });
  });
