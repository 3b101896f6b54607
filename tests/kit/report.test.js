// The report: on each store, with numbers that are worked out by hand, and with more records than one page has.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { archive, confirm, redeem, release } from "redeemable/host";
import { memoryStore } from "redeemable/memory";
import { report, reportCsv } from "redeemable/report";
import { STORES } from "./support.js";

const NOW = 1_800_000_000_000;
const HOUR = 3_600_000;
const PROMOS = [
  { code: "TEN", discount_percent: 10, combines: true, priority: 1 },
  { code: "LESS", discount: { kind: "amount_per_ticket", amount: 100 }, combines: true },
];

/** Sells tickets of 10.00, `hours` after noon. */
async function sell(store, id, quantity, { codes = ["ten"], event_id = "gala", email, hours = 0, paid = false } = {}) {
  const now = () => NOW + hours * HOUR;
  const order = {
    id,
    event_id,
    currency: "EUR",
    lines: [{ unit_price: 1000, quantity }],
    hold_until_ms: NOW + 99 * HOUR,
  };
  const asked = { codes, promos: PROMOS, order: { ...order, identities: email ? { email } : {} } };
  const { status, quote } = await redeem(store, asked, { now });
  assert.equal(status, "accepted");
  if (paid) await confirm(store, { id, payment: { id: `p-${id}`, total: quote.total, currency: "EUR" } }, { now });
}

const figures = (orders, tickets, uses, list, discount, paid) => ({ orders, tickets, uses, list, discount, paid });
const NONE = figures(0, 0, 0, 0, 0, 0);
const row = (code, states, person = null) => ({
  code,
  currency: "EUR",
  person,
  held: NONE,
  confirmed: NONE,
  released: NONE,
  ...states,
});

for (const [name, open] of Object.entries(STORES)) {
  describe(`report on ${name}`, () => {
    const scene = (title, run) =>
      test(title, async (t) => {
        const { store, close } = await open({ onDrift() {} });
        t.after(close);
        await run(store);
      });

    scene("orders, tickets, uses and money by code, archived orders too", async (store) => {
      assert.deepEqual(await report(store), { rows: [] });
      await sell(store, "held", 1);
      await sell(store, "paid", 3, { paid: true, hours: 1, email: "ann@example.org" });
      await release(store, { id: "paid", reason: "refunded", tickets: [0] }, { now: () => NOW + HOUR });
      await sell(store, "both", 1, { codes: ["TEN", "LESS"], paid: true, hours: 2, email: "ann@example.org" });
      await sell(store, "other", 2, { codes: [], event_id: "ball", paid: true, hours: 3 });
      // 10 % of 10.00 are 1.00. With both codes, 10.00 less 1.00 less 1.00 are 8.00.
      const released = figures(0, 1, 1, 1000, 100, 900);
      const held = figures(1, 1, 1, 1000, 100, 900);
      const rows = [
        row(null, { held, confirmed: figures(3, 5, 4, 5000, 400, 4600), released }),
        row("LESS", { confirmed: figures(1, 1, 1, 1000, 100, 800) }),
        row("TEN", { held, confirmed: figures(2, 3, 3, 3000, 300, 2600), released }),
      ];
      assert.deepEqual(await report(store), { rows });
      assert.equal(await archive(store, { event_id: "gala" }), 2);
      assert.deepEqual(await report(store), { rows });
      const ball = [row(null, { confirmed: figures(1, 2, 0, 2000, 0, 2000) })];
      assert.deepEqual((await report(store, { event_id: "ball" })).rows, ball);
      assert.deepEqual((await report(store, { from_ms: NOW + 3 * HOUR, to_ms: NOW + 4 * HOUR })).rows, ball);
      assert.deepEqual((await report(store, { from_ms: NOW + 4 * HOUR })).rows, []);
      assert.deepEqual((await report(store, { to_ms: NOW + 1, code: " ten " })).rows, [
        row(null, { held }),
        row("TEN", { held }),
      ]);
      const less = { confirmed: figures(1, 1, 2, 1000, 200, 800) };
      assert.deepEqual((await report(store, { code: "less" })).rows, [row(null, less), rows[1]]);
      const ann = "email:ann@example.org";
      const { rows: persons } = await report(store, { by_person: true });
      assert.deepEqual(
        persons.map(({ code, person }) => [code, person]),
        [null, "LESS", "TEN"].flatMap((code) => [
          [code, null],
          [code, ann],
        ]),
      );
      assert.deepEqual(persons[1], row(null, { confirmed: figures(2, 3, 4, 3000, 400, 2600), released }, ann));
    });

    scene("more records than a page has, one of them moved to the archive", async (store) => {
      const record = (id) => ({
        schema: 2,
        id,
        revision: 1,
        state: "confirmed",
        event_id: "gala",
        currency: "EUR",
        codes: ["TEN"],
        identities: [],
        tickets: [{ line: 0, unit_price: 1000, price: 900, codes: ["TEN"], off: [100] }],
        applied: [{ code: "TEN", tickets: 1, uses: 1, discount: 100, partial: false }],
        charges: [{ key: "code/event:gala:TEN/uses", code: "TEN", amount: 1, tickets: [0], each: 1 }],
        created_at_ms: NOW,
        confirmed_at_ms: NOW,
      });
      const ids = Array.from({ length: 1100 }, (_, i) => `o-${i}`);
      assert.ok(await store.commit(ids.map((id) => ({ op: "insert", redemption: record(id) }))));
      assert.ok(
        await store.commit(ids.filter((_, i) => i % 3 === 0).map((id) => ({ op: "archive", id, revision: 1 }))),
      );
      const confirmed = figures(1100, 1100, 1100, 1_100_000, 110_000, 990_000);
      assert.deepEqual(await report(store), { rows: [row(null, { confirmed }), row("TEN", { confirmed })] });
    });
  });
}

test("a report is a table for spreadsheets, too", async () => {
  const store = memoryStore();
  await sell(store, "a", 2, { email: "=ann@example.org" });
  const states = ["held", "confirmed", "released"];
  const names = states.flatMap((state) =>
    ["orders", "tickets", "uses", "list", "discount", "paid"].map((name) => `${state}_${name}`),
  );
  const numbers = "1,2,2,2000,200,1800,0,0,0,0,0,0,0,0,0,0,0,0";
  assert.equal(
    reportCsv(await report(store, { by_person: true })),
    [
      `\ufeffcode,currency,person,${names.join()}`,
      `,EUR,,${numbers}`,
      `,EUR,email:=ann@example.org,${numbers}`,
      `TEN,EUR,,${numbers}`,
      `TEN,EUR,email:=ann@example.org,${numbers}`,
      "",
    ].join("\r\n"),
  );
  const [, first] = reportCsv(await report(store), { delimiter: ";" }).split("\r\n");
  assert.equal(first, `;EUR;;${numbers.replaceAll(",", ";")}`);
  const formula = { rows: [{ ...row("=1+1", {}), person: 'a;"b' }] };
  assert.match(reportCsv(formula), /\r\n'=1\+1,EUR,"a;""b",0,/);
  assert.throws(() => reportCsv({ rows: [] }, { delimiter: "|" }), { path: "options.delimiter" });
});

test("what is chosen is read strictly, and a record that cannot be read is named", async () => {
  const store = memoryStore();
  for (const [chosen, path] of [
    [{ event: "gala" }, "event"],
    [{ event_id: 1 }, "event_id"],
    [{ code: 1 }, "code"],
    [{ from_ms: "2026" }, "from_ms"],
    [{ to_ms: 1.5 }, "to_ms"],
    [{ by_person: 1 }, "by_person"],
  ])
    await assert.rejects(report(store, chosen), { path });
  await sell(store, "a", 1);
  const { existing } = await store.read([], "a");
  const broken = {
    scan: async (visit) => visit({ redemptions: [existing, { ...existing, id: "b", schema: 3 }], counters: {} }),
  };
  await assert.rejects(report(broken), { path: "redemptions[1].schema", message: /, in the redemption b$/ });
});
