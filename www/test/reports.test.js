// The report of a code and the choice between codes. All amounts follow from a seat at 10.00 less 10 %.
import assert from "node:assert/strict";
import { test } from "node:test";
import { DATABASES, eventWith, id, openHost } from "./support.js";

const HOUR = 3_600_000;
/** 2027-01-15, 08:00 UTC. */
const MORNING = 1_800_000_000_000;
const figures = (orders, tickets) => ({
  ...{ orders, tickets, uses: tickets },
  ...{ list: 1000 * tickets, discount: 100 * tickets, paid: 900 * tickets },
});
const [NONE, ONE, TWO] = [figures(0, 0), figures(1, 1), figures(1, 2)];

for (const [name, workspace] of Object.entries(DATABASES)) {
  test(`what came in, what was given away, who used it and when, on ${name}`, async (t) => {
    const event = eventWith([
      { code: "ten", discount_percent: 10 },
      { code: "OTHER", discount_percent: 50 },
    ]);
    const host = await openHost(await workspace(t, event), event);
    const report = (query = "") => host.get(`/api/codes/1/report${query}`);
    const nothing = await report();
    assert.deepEqual([nothing.held, nothing.confirmed, nothing.released], [NONE, NONE, NONE]);
    assert.deepEqual([nothing.persons, nothing.persons_total, nothing.every], [[], 0, "hour"]);
    assert.equal(nothing.periods.length, 24);

    host.now = MORNING;
    await host.buy(1, 2, ["TEN"], 1800, "ann@example.org");
    await host.pay(1, 1800);
    await host.buy(2, 1, ["OTHER"], 500);
    host.now = MORNING + 2 * HOUR;
    await host.buy(3, 1, ["Ten"], 900, "ann@example.org");
    await host.pay(3, 900);
    await host.release(3);
    await host.buy(4, 1, ["TEN"], 900, "bob@example.org");

    const all = await report();
    assert.deepEqual([all.held, all.confirmed, all.released], [ONE, TWO, ONE]);
    assert.equal(all.persons_total, 2);
    assert.deepEqual(all.persons, [
      { person: "email:ann@example.org", held: NONE, confirmed: TWO, released: ONE },
      { person: "email:bob@example.org", held: ONE, confirmed: NONE, released: NONE },
    ]);
    assert.deepEqual(
      (await report("?persons=1")).persons.map(({ person }) => person),
      ["email:ann@example.org"],
    );
    assert.deepEqual([all.every, all.periods.length], ["hour", 24]);
    assert.deepEqual(
      all.periods.filter(({ held, confirmed, released }) => held.orders + confirmed.orders + released.orders > 0),
      [
        { starts: "2027-01-15T08", held: NONE, confirmed: TWO, released: NONE },
        { starts: "2027-01-15T10", held: ONE, confirmed: NONE, released: ONE },
      ],
    );
    assert.deepEqual([all.periods[0].starts, all.periods.at(-1).starts], ["2027-01-14T11", "2027-01-15T10"]);

    // Of orders that were accepted from 09:00 on, and before 09:00.
    const late = await report(`?from_ms=${MORNING + HOUR}`);
    assert.deepEqual([late.held, late.confirmed, late.released], [ONE, NONE, ONE]);
    const early = await report(`?to_ms=${MORNING + HOUR}`);
    assert.deepEqual([early.held, early.confirmed, early.released], [NONE, TWO, NONE]);

    // In Berlin it is an hour later in winter, and two in summer. Of a longer time the days or months are shown.
    await host.put("/api/clock", { name: "Europe/Berlin", from_year: 2026, to_year: 2030 });
    const used = async () =>
      (await report()).periods.filter(({ confirmed }) => confirmed.orders > 0).map(({ starts }) => starts);
    assert.deepEqual(await used(), ["2027-01-15T09"]);
    host.now = MORNING + 3 * 24 * HOUR;
    assert.deepEqual(await used(), ["2027-01-15"]);
    assert.deepEqual(
      (await report()).periods.map(({ starts }) => starts),
      ["2027-01-15", "2027-01-16", "2027-01-17", "2027-01-18"],
    );
    host.now = MORNING + 100 * 24 * HOUR;
    assert.deepEqual(await used(), ["2027-01"]);
    assert.deepEqual(
      (await report()).periods.map(({ starts }) => starts),
      ["2027-01", "2027-02", "2027-03", "2027-04"],
    );
  });
}

test("the report as CSV", async (t) => {
  const event = eventWith([{ code: "TEN", discount_percent: 10 }]);
  const host = await openHost(await DATABASES.SQLite(t, event), event);
  await host.buy(1, 2, ["TEN"], 1800, "ann@example.org");
  await host.pay(1, 1800);
  const answer = await host.app.inject("/api/codes/1/report.csv");
  assert.equal(answer.statusCode, 200);
  assert.equal(answer.headers["content-type"], "text/csv; charset=utf-8");
  assert.equal(answer.headers["content-disposition"], 'attachment; filename="report-of-code-1.csv"');
  const [head, ...lines] = answer.body.split("\r\n");
  assert.match(head, /^\ufeffcode,currency,person,held_orders,.*,confirmed_discount,confirmed_paid,released_orders,/);
  const numbers = "0,0,0,0,0,0,1,2,2,2000,200,1800,0,0,0,0,0,0";
  const rows = [",EUR,", ",EUR,email:ann@example.org", "TEN,EUR,", "TEN,EUR,email:ann@example.org"];
  assert.deepEqual(lines, [...rows.map((row) => `${row},${numbers}`), ""]);
  assert.equal((await host.app.inject("/api/codes/2/report.csv")).statusCode, 404);
  assert.equal((await host.get("/api/codes/1/report?from_ms=now")).code, 400);
});

test("the organiser chooses which codes count, and the choice outlasts a restart", async (t) => {
  const promos = [
    { code: "TENTH", discount_percent: 10, automatic: true, max_uses: 50 },
    { code: "THIRD", discount_percent: 30, max_uses: 50 },
    { code: "FIFTH", discount_percent: 20, max_uses: 50 },
  ];
  const event = eventWith(promos);
  const host = await openHost(await DATABASES.SQLite(t, event), event);
  const price = async (...codes) => {
    const lines = [{ ticket_type: "seat", quantity: 1 }];
    const { status, quote } = await host.post("/api/events/gala/preview", { codes, lines });
    return [status, quote.total, quote.not_needed];
  };
  assert.deepEqual(await price(), ["accepted", 900, []]);
  // Two codes that do not combine refuse the order, and its price is that without the codes.
  assert.equal((await price("fifth", "third"))[0], "rejected");
  const { policy } = await host.put("/api/choose", { choose: "best" });
  assert.equal(policy.choose, "best");
  await host.restart();
  assert.equal((await host.get("/api/codes")).policy.choose, "best");
  assert.deepEqual(await price("fifth", "third"), ["accepted", 700, ["FIFTH"]]);
  assert.equal((await host.buy(1, 1, ["fifth", "third"], 700)).order.total, 700);
  assert.equal((await host.get(`/api/orders/${id(1)}`)).total, 700);
  await host.put("/api/choose", { choose: "entered" });
  assert.equal((await price("fifth", "third"))[0], "rejected");
  assert.equal((await host.put("/api/choose", { choose: "cheapest" })).error.path, "choose");
});
