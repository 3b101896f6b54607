// Two processes sell from one database, and all buyers come at the same time.
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { ask, audit, DATABASES, eventWith, orderFor, startHost, usesOf } from "./support.js";

const BUYERS = 200;
const LIMIT = 50;

/** Places an order. If the host answers with another price, it agrees and asks again. */
async function insist(url, order) {
  for (;;) {
    const answer = await ask(url, order);
    if (answer?.status !== "price_changed") return answer;
    order = { ...order, max_total: answer.quote.total };
  }
}

for (const [name, workspace] of Object.entries(DATABASES))
  suite(`a stampede on two hosts with one ${name}`, () => {
    /** All buyers at the same time, half of them at each host. Each expects every ticket to cost `price`. */
    async function stampede(t, promo, price, quantityOf, buyers = BUYERS) {
      const place = await workspace(t, eventWith([promo]));
      const hosts = await Promise.all([startHost(place), startHost(place)]);
      const started = performance.now();
      const answers = await Promise.all(
        Array.from({ length: buyers }, (_, i) =>
          insist(
            `${hosts[i % 2].url}/api/events/gala/orders`,
            orderFor(`buyer${i}@example.org`, quantityOf(i), [promo.code], quantityOf(i) * price),
          ),
        ),
      );
      t.diagnostic(`${buyers} buyers in ${Math.round(performance.now() - started)} ms`);
      await Promise.all(hosts.map((host) => host.kill("SIGTERM")));

      assert.deepEqual(
        answers.filter((answer) => answer?.code !== 200),
        [],
        "no errors",
      );
      const refused = answers.filter(({ status }) => status === "rejected");
      for (const { refusals } of refused) assert.deepEqual(refusals, [{ code: promo.code, public_reason: "used_up" }]);
      const sold = answers.filter(({ status }) => status === "accepted");
      assert.equal(sold.length + refused.length, buyers);
      return { sold, refused, answers, ...(await audit(place)) };
    }

    const marked = (tickets) => tickets.filter(({ price }) => price < 1000).length;

    test("200 buyers of one ticket each, 50 uses: exactly 50 are sold", async (t) => {
      const { sold, counters, records, tickets } = await stampede(
        t,
        { code: "FIFTY", discount_percent: 20, max_uses: LIMIT },
        800,
        () => 1,
      );
      assert.equal(sold.length, LIMIT);
      assert.equal(usesOf(counters, "FIFTY"), LIMIT);
      assert.equal(records.length, LIMIT);
      assert.equal(marked(tickets), LIMIT);
    });

    test("orders of 1 to 4 tickets, partly discounted when uses are short: exactly 50 are discounted", async (t) => {
      // An order takes whatever uses are left, and 500 tickets are wanted: so all 50 uses are taken.
      const { counters, tickets } = await stampede(
        t,
        { code: "FIFTY", discount_percent: 20, max_uses: LIMIT, when_short: "partial" },
        800,
        (i) => 1 + (i % 4),
      );
      assert.equal(usesOf(counters, "FIFTY"), LIMIT);
      assert.equal(marked(tickets), LIMIT);
    });

    test("orders of 1 to 4 tickets, all or nothing: never above 50, and no order that fits is refused", async (t) => {
      const quantity = (i) => 1 + (i % 4);
      const { counters, tickets, answers } = await stampede(
        t,
        { code: "FIFTY", discount_percent: 20, max_uses: LIMIT },
        800,
        quantity,
      );
      const used = usesOf(counters, "FIFTY");
      // Uses are never given back here. If a buyer of n tickets was refused, fewer than n uses were left at that time,
      // and no more are left now. A buyer of 1 ticket was refused, so no use is left.
      const refused = answers.flatMap(({ status }, i) => (status === "rejected" ? [quantity(i)] : []));
      assert.ok(refused.includes(1));
      assert.equal(used, LIMIT);
      assert.equal(marked(tickets), LIMIT);
    });

    test("a budget is spent to the last cent and not beyond", async (t) => {
      // A ticket costs 10.00, the code takes 3.00 off, the budget is 100.00: 33 whole discounts, and one of 1.00.
      const { counters, sold } = await stampede(
        t,
        {
          code: "FIFTY",
          discount: { kind: "amount_per_ticket", amount: 300 },
          currency: "EUR",
          budget: 10_000,
          when_short: "partial",
        },
        700,
        () => 1,
      );
      assert.equal(counters["code/event:gala:FIFTY/spend/EUR"], 10_000);
      assert.equal(sold.length, 34);
    });

    test("a single-use code has exactly one winner, never none", async (t) => {
      for (let round = 0; round < 5; round += 1) {
        const { sold, counters } = await stampede(
          t,
          { code: "ONE", discount: { kind: "free" }, single_use: true },
          0,
          () => 1,
          20,
        );
        assert.equal(sold.length, 1);
        assert.equal(usesOf(counters, "ONE"), 1);
      }
    });

    test("one order sent 40 times at once to both hosts is sold once", async (t) => {
      const place = await workspace(t, eventWith([{ code: "FIFTY", discount_percent: 20, max_uses: LIMIT }]));
      const hosts = await Promise.all([startHost(place), startHost(place)]);
      const order = orderFor("ann@example.org", 3, ["FIFTY"], 2400, "0b1e6a3c-6d39-4a55-9d5f-000000000001");
      const answers = await Promise.all(
        Array.from({ length: 40 }, (_, i) => ask(`${hosts[i % 2].url}/api/events/gala/orders`, order)),
      );
      // Each repeat extends the hold, so it writes. With many repeats at once, some may get the answer 503 (try again),
      // but the order is never sold twice.
      assert.deepEqual(
        answers.filter((answer) => answer === null || ![200, 503].includes(answer.code)),
        [],
      );
      assert.equal(answers.filter(({ status, replayed }) => status === "accepted" && !replayed).length, 1);
      const { counters, records } = await audit(place);
      assert.equal(records.length, 1);
      assert.equal(usesOf(counters, "FIFTY"), 3);
    });
  });
