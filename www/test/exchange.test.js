// A buyer changes a paid order for other tickets, on both databases: for less, for what is due, and for nobody else's.
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { audit, DATABASES, eventWith, id, openHost } from "./support.js";

const TYPES = [
  { id: "seat", name: "Seat", price: 1000 },
  { id: "stall", name: "Stall", price: 3000 },
];

for (const [name, prepare] of Object.entries(DATABASES))
  suite(`exchanges on ${name}`, () => {
    /** A host at which buyer 1 has paid for two seats at 9.00 each. */
    async function open(t) {
      const event = { ...eventWith([{ code: "TEN", discount_percent: 10, max_uses: 3 }]), ticket_types: TYPES };
      const place = await prepare(t, event);
      const host = await openHost(place, event);
      await host.buy(1, 2, ["TEN"], 1800);
      assert.equal((await host.pay(1, 1800)).money, "kept");
      const wanted = (n, ticket_type, max_due, more = {}) => ({
        id: id(n),
        codes: [],
        lines: [{ ticket_type, quantity: 1 }],
        identities: { email: "buyer1@example.org" },
        max_due,
        ...more,
      });
      const exchange = (n, ...wish) => host.post(`/api/orders/${id(n)}/exchange`, wanted(...wish));
      return Object.assign(host, { place, wanted, exchange });
    }
    const rows = async ({ place }) =>
      (await audit(place)).tickets.map((row) => [row.order_id, row.ticket_type, row.price]);

    test("one of two tickets is exchanged for less, and the rest is forgone", async (t) => {
      const host = await open(t);
      const { id: _, max_due, ...wish } = host.wanted(2, "seat", 0, { codes: ["ten"], tickets: [1] });
      const seen = await host.post(`/api/orders/${id(1)}/exchange/preview`, wish);
      assert.deepEqual([seen.status, seen.due, seen.forgone], ["accepted", 0, 0]);
      const made = await host.exchange(1, 2, "seat", 0, { codes: ["ten"], tickets: [1] });
      assert.deepEqual([made.status, made.order.total, made.from.total], ["accepted", 900, 900]);
      assert.equal(await host.uses("TEN"), 2);
      assert.deepEqual(await rows(host), [
        [id(1), "seat", 900],
        [id(2), "seat", 900],
      ]);
      // On a sale day the same ticket costs less: nothing is paid back.
      await host.app.close();
      const cheap = { ...eventWith([]), ticket_types: [{ ...TYPES[0], price: 500 }, TYPES[1]] };
      const sale = await openHost(host.place, cheap);
      const again = await sale.post(`/api/orders/${id(1)}/exchange`, host.wanted(3, "seat", 0));
      assert.deepEqual([again.status, again.refundable, again.forgone, again.order.total], ["accepted", 0, 400, 500]);
    });

    test("what is due is paid, also after the host has been started again, and paid once", async (t) => {
      const host = await open(t);
      // 30.00 less the 18.00 that go back.
      const dear = await host.exchange(1, 2, "stall", 1199);
      assert.deepEqual([dear.status, dear.due, dear.payment], ["price_changed", 1200, null]);
      const [first, second] = [await host.exchange(1, 2, "stall", 1200), await host.exchange(1, 2, "stall", 1200)];
      assert.deepEqual([first.status, first.payment.total, first.order], ["payment_due", 1200, null]);
      await host.restart();
      const paid = await host.paid(first.payment.id);
      assert.deepEqual([paid.status, paid.money, paid.noted], ["accepted", "kept", []]);
      assert.deepEqual([paid.order.id, paid.order.total, paid.order.state], [id(2), 3000, "confirmed"]);
      assert.deepEqual(paid.order.exchanged, { credit: 1800, due: 1200, refundable: 0 });
      assert.equal((await host.get(`/api/orders/${id(1)}`)).state, "released");
      const twice = await host.paid(second.payment.id);
      assert.deepEqual([twice.status, twice.money, twice.noted], ["paid_twice", "returned", [1200]]);
      assert.deepEqual((await host.exchange(1, 2, "stall", 1200)).replayed, true);
      assert.deepEqual([await rows(host), await host.uses("TEN")], [[[id(2), "stall", 3000]], 0]);
    });

    test("a payment goes back if the tickets went back meanwhile, or the id belongs to another order", async (t) => {
      const host = await open(t);
      const due = (await host.exchange(1, 2, "stall", 2100, { tickets: [0] })).payment.id;
      const late = (await host.exchange(1, 3, "stall", 2100, { tickets: [0] })).payment.id;
      await host.buy(2, 1, [], 1000, "bob@example.org");
      const taken = await host.exchange(1, 2, "seat", 5000);
      assert.deepEqual([taken.code, taken.error.code, taken.error.path], [409, "id_taken", "id"]);
      const { status, money, noted } = await host.paid(due);
      assert.deepEqual([status, money, noted], ["id_taken", "returned", [2100]]);
      await host.release(1, "buyer_released", [0]);
      const told = await host.post("/api/payments", { id: late });
      assert.deepEqual([told.status, told.money], ["already_released", "returned"]);
      assert.deepEqual(await rows(host), [
        [id(1), "seat", 900],
        [id(2), "seat", 1000],
      ]);
    });

    test("mistakes are named", async (t) => {
      const host = await open(t);
      const fault = async (...wish) => {
        const { code, error } = await host.exchange(...wish);
        return [code, error.path];
      };
      assert.deepEqual(await fault(1, 2, "throne", 0), [400, "lines[0].ticket_type"]);
      assert.deepEqual(await fault(1, 2, "seat", 0, { tickets: [2] }), [400, "tickets[0]"]);
      assert.deepEqual(await fault(1, 2, "seat", 0, { identities: {} }), [400, "identities.email"]);
      assert.deepEqual(await fault(1, 1, "seat", 0), [400, "id"]);
      assert.deepEqual(await fault(9, 2, "seat", 0), [404, "id"]);
    });
  });
