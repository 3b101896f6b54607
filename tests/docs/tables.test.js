// Checks the tables of the organisers' pages: the engine decides on each row, with the promotions above the table.
// Columns: order, currency, by, facts, code, at, promo (fields that the row adds), used before, spent before, step.
// Expected: answer, pays, discounted, uses, used after.
import assert from "node:assert/strict";
import { test } from "node:test";
import { checkPromo } from "redeemable/organiser";
import { confirm, redeem, release, sweep } from "redeemable/host";
import { memoryStore } from "redeemable/memory";
import { examplesOf, read } from "./support.js";

const NOW = 1_800_000_000_000;
const PAGES = ["docs/organiser.md", "docs/recipes.md"];
const KNOWN = [
  "order",
  "currency",
  "by",
  "facts",
  "code",
  "at",
  "count_by",
  "when_short",
  "used before",
  "spent before",
  "step",
  "answer",
  "pays",
  "discounted",
  "uses",
  "used after",
];
let given;
let tables = 0;
for (const example of PAGES.flatMap((page) => examplesOf(read(page)))) {
  if (example.json) given = example.json.promos ? example.json : { promos: [example.json].flat(), policy: null };
  else if (example.columns.includes("reason") && example.columns.includes("gives back per person"))
    releaseMatrix(example);
  else if (example.columns.includes("findings")) findings(example);
  else if (example.columns.some((name) => ["order", "step"].includes(name))) story(example, given, ++tables);
}

test("the tables are found", () => assert.ok(tables >= 31, `${tables} tables`));

test("docs/organiser.md has a link to each recipe", () => {
  const needs = [...read("docs/recipes.md").matchAll(/^### (.*)$/gm)].map(([, need]) => need);
  const linked = [...read("docs/organiser.md").matchAll(/\[([^\]]+)\]\(recipes\.md#[^)]+\)/g)].map(([, need]) => need);
  const lower = (need) => need[0].toLowerCase() + need.slice(1);
  assert.deepEqual(linked.toSorted(), needs.map(lower).toSorted());
});

test("docs/organiser.md says of each kind of discount what it takes off", () => {
  const isTable = ({ heading, rows }) => heading === "What it takes off" && rows;
  const { rows } = examplesOf(read("docs/organiser.md")).find(isTable);
  const told = rows.map(({ "`discount`": discount }) =>
    discount.startsWith("{") ? JSON.parse(discount).kind : "percent",
  );
  const kinds = JSON.parse(read("contract/schema.json")).$defs.Discount.oneOf.map(({ properties }) => properties.kind);
  assert.deepEqual(new Set(told), new Set(kinds.map((kind) => kind.const)));
});

/** `checkPromo` finds in the promotion of each row exactly the problems that the row names. */
function findings({ heading, rows }) {
  tables += 1;
  for (const row of rows) {
    test(`${heading}: ${row.promotions}`, () => {
      const found = checkPromo({ promos: [JSON.parse(row.promotions)].flat(), now_ms: NOW });
      assert.equal(
        found.map(({ severity, problem }) => `${severity} ${problem}`).join(", ") || "nothing",
        row.findings,
      );
    });
  }
}

for (const page of PAGES)
  for (const { heading, json } of examplesOf(read(page)).filter((example) => example.json))
    test(`checkPromo finds no danger and no warning in ${page}, ${heading}`, () => {
      const { promos, policy } = json.promos ? json : { promos: [json].flat() };
      const bad = checkPromo({ promos, policy, now_ms: NOW }).filter(({ severity }) => severity !== "notice");
      assert.deepEqual(bad, []);
    });

function story({ heading, columns, rows }, { promos, policy }, number) {
  test(`${heading}, table ${number}`, async (t) => {
    assert.deepEqual(
      columns.filter((name) => !KNOWN.includes(name)),
      [],
    );
    const single = columns.some((name) => name.endsWith(" before"));
    let store;
    let bought;
    for (const [index, row] of rows.entries()) {
      if (single || index === 0) store = memoryStore();
      await t.test(Object.values(row).join(" | "), async () => {
        const added = Object.fromEntries(
          ["count_by", "when_short"].filter((name) => row[name]).map((name) => [name, row[name]]),
        );
        const known = promos.map((promo) => ({ ...promo, ...added }));
        const codes = row.code === "–" ? [] : (row.code ?? known[0].code).split(" + ");
        const key = scopeOf(known.find(({ code }) => code === codes[0]?.toUpperCase()) ?? known[0]);
        const now = row.at ? Date.parse(row.at) : NOW;
        for (const [column, counter] of [
          ["used before", `${key}/uses`],
          ["spent before", `${key}/spend/EUR`],
        ]) {
          const by = column === "used before" ? Number(row[column] ?? 0) : cents(row[column] ?? "0.00");
          if (by > 0) await store.commit([{ op: "add", key: counter, by, at_most: null }]);
        }
        const step = row.step ?? `buys ${row.order}`;
        const [, what] = step.match(/^buys (.*)$/) ?? [];
        if (what) {
          const order = {
            id: `order-${index}`,
            event_id: "gala",
            currency: row.currency ?? "EUR",
            lines: linesOf(what),
            identities: row.by && row.by !== "–" ? { email: row.by } : {},
            facts: factsOf(row.facts ?? "–"),
            // Where rows have a time, the holds of one day do not lapse before the end of the table.
            hold_until_ms: now + (row.at ? 40 * 3_600_000 : 900_000),
          };
          bought = await redeem(store, { codes, promos: known, policy, order }, { now: () => now });
          if (bought.status === "accepted") bought.id = order.id;
          expect(row, bought);
        } else {
          await carryOut(step, store, bought);
        }
        if (row["used after"]) {
          const { counters } = await store.read([`${key}/uses`], null);
          assert.equal(counters[`${key}/uses`] ?? 0, Number(row["used after"]), "used after");
        }
      });
    }
  });
}

/** Compares a row with the decision. */
function expect(row, { status, quote, applied, violations }) {
  const answer = status === "accepted" ? "accepted" : violations.map(({ reason }) => reason).join(", ");
  const sum = (field) => applied.reduce((total, one) => total + one[field], 0);
  const found = {
    answer,
    pays: status === "accepted" ? (quote.total / 100).toFixed(2) : "–",
    discounted: status === "accepted" ? String(sum("tickets")) : "–",
    uses: status === "accepted" ? String(sum("uses")) : "–",
  };
  for (const [column, value] of Object.entries(found))
    if (row[column] !== undefined) assert.equal(value, row[column], column);
}

async function carryOut(step, store, { id, quote }) {
  if (step === "pays")
    assert.equal(
      (
        await confirm(
          store,
          { id, payment: { id: `${id} paid`, total: quote.total, currency: quote.currency } },
          { now: () => NOW },
        )
      ).status,
      "confirmed",
    );
  else if (step === "lapses unpaid") assert.equal(await sweep(store, { now: () => NOW + 900_000 }), 1);
  else {
    const [, count, reason] = step.match(/^gives back (\d+|all) as (\w+)$/);
    const { existing } = await store.read([], id);
    const left = existing.tickets.flatMap(({ released }, index) => (released ? [] : [index]));
    const tickets = count === "all" ? null : left.slice(0, Number(count));
    assert.equal((await release(store, { id, reason, tickets }, { now: () => NOW })).status, "released");
  }
}

/**
 * Releases a paid order of one ticket, with a limit per person, for each reason of the table.
 * The two reasons that end holds are tried on an unpaid order.
 */
function releaseMatrix({ heading, rows }) {
  tables += 1;
  for (const row of rows) {
    test(`${heading}: ${row.reason}`, async () => {
      const store = memoryStore();
      const promos = [
        { code: "TEN", discount_percent: 10, max_uses_per_identity: 2, pools: [{ id: "p", max_uses: 9 }] },
      ];
      const order = {
        id: "o",
        event_id: "gala",
        currency: "EUR",
        identities: { email: "ann@example.org" },
        hold_until_ms: NOW + 1,
        lines: [{ unit_price: 4500, quantity: 1 }],
      };
      await redeem(store, { codes: ["ten"], promos, order }, { now: () => NOW });
      const endsHolds = ["hold_expired", "payment_failed"].includes(row.reason);
      if (!endsHolds)
        await confirm(store, { id: "o", payment: { id: "p", total: 4050, currency: "EUR" } }, { now: () => NOW });
      assert.equal((await release(store, { id: "o", reason: row.reason }, { now: () => NOW })).status, "released");
      const keys = [
        "code/event:gala:TEN/uses",
        "code/event:gala:TEN/spend/EUR",
        "pool/p/uses",
        "pool/p/spend/EUR",
        "code/event:gala:TEN/by/email:ann@example.org",
      ];
      const { counters } = await store.read(keys, null);
      const [by, ...shared] = keys.map((key) => counters[key]).reverse();
      assert.ok(
        shared.every((value) => (value === 0) === (row["gives back uses, pools, budget"] === "yes")),
        `${shared}`,
      );
      assert.equal(by === 0, row["gives back per person"] === "yes");
      if (endsHolds) {
        await redeem(store, { codes: ["ten"], promos, order: { ...order, id: "o-2" } }, { now: () => NOW });
        await confirm(store, { id: "o-2", payment: { id: "p-2", total: 4050, currency: "EUR" } }, { now: () => NOW });
        assert.equal(
          (await release(store, { id: "o-2", reason: row.reason }, { now: () => NOW })).status,
          "already_confirmed",
        );
      }
      assert.equal(row["a paid order"], endsHolds ? "stays as it is" : "is released");
    });
  }
}

const cents = (text) => Math.round(Number(text) * 100);
const scopeOf = ({ id, code }) => (id ? `code/id:${id}` : `code/event:gala:${code}`);

/** The facts of an order that are written as `member: true`. */
function factsOf(text) {
  const [, name, value] = text.match(/^(\w+): (.+)$/) ?? [];
  return name ? { [name]: JSON.parse(value) } : {};
}

/** The lines of an order that is written as `2 × vip 90.00 + 1 × 45.00`. */
function linesOf(text) {
  return text.split(" + ").map((part) => {
    const [, quantity, ticket_type, price] = part.match(/^(\d+) × (?:(\w+) )?(\d+\.\d\d)$/);
    return { ticket_type: ticket_type ?? null, unit_price: cents(price), quantity: Number(quantity) };
  });
}
