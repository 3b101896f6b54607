// The organiser types a code with the fields of one group of the form after the other, saves it, and buyers pay the
// price worked out by hand: regular 45.00, student 25.00, VIP 120.00. takes.test.js does so with what a code takes off.
import assert from "node:assert/strict";
import { test } from "node:test";
import { button, openChromium } from "./browsers.js";
import { box, buys, legend, openForm, saved, STORED } from "./organise.js";
import { event, openShop } from "./shop.js";

test("a first code takes five fields, and no group is open", async (t) => {
  const shop = await openShop(t, { policy: {} });
  const page = await openChromium(t, { timezoneId: "Europe/Berlin" });
  await page.open(`${shop.url}/#/codes/new`);
  await page.find("input[name=code]");
  assert.deepEqual(
    await page.evaluate(
      '[...document.querySelectorAll("form.edit :is(input, select, textarea)")]' +
        ".filter((field) => field.checkVisibility()).map(({ name }) => name)",
    ),
    ["code", "kind", "value", "max_uses", "ends_at_ms"],
  );
  await page.see("Write the code first.");
  await page.fill("input[name=code]", "FIRST");
  await page.choose("select[name=kind]", "amount_per_ticket");
  await page.fill("input[name=value]", "5");
  await page.fill("input[name=max_uses]", "20");
  await page.fill("input[name=ends_at_ms]", "2030-12-24T18:00");
  assert.deepEqual(await saved(page, shop, "FIRST"), {
    code: "FIRST",
    discount: { kind: "amount_per_ticket", amount: 500 },
    currency: "EUR",
    max_uses: 20,
    ends_at_ms: Date.UTC(2030, 11, 24, 17),
  });
  await buys(shop, "FIRST", { regular: 2 }, 8000);
});

test("hours are typed as times of day, also past midnight, by the clock that the organiser sets", async (t) => {
  const shop = await openShop(t, { policy: {}, promos: [] });
  const page = await openChromium(t);
  await openForm(page, shop, "NIGHT");
  await page.see("The event has no clock yet");
  await page.click(button("Add hours"));
  assert.equal(await page.until("document.activeElement.name", "the focus"), "weekly[0].days=1");
  for (const day of [1, 2, 3, 4, 7]) await page.click(box("weekly[0].days", day));
  const [from, to] = ["from_minute", "to_minute"].map((name) => `input[name="weekly[0].${name}"]`);
  await page.see("expected a time of day such as 22:00");
  await page.fill(from, "22:60");
  await page.see("expected a time of day such as 22:00, found 22:60");
  await page.fill(to, "02:00");
  await page.fill(from, "22:00");
  await page.see("On the next day.");
  const hours = (expected) =>
    page.until(
      `JSON.stringify(${STORED}.weekly[0]) === ${JSON.stringify(JSON.stringify(expected))}`,
      JSON.stringify(expected),
    );
  await hours({ days: [5, 6], from_minute: 1320, to_minute: 1560 });
  // Where the hours begin decides on which day they end.
  await page.fill(from, "1");
  await hours({ days: [5, 6], from_minute: 60, to_minute: 120 });
  await page.fill(from, "22");
  await hours({ days: [5, 6], from_minute: 1320, to_minute: 1560 });
  await saved(page, shop, "NIGHT");
  await page.see("Fri, Sat 22:00 to 02:00");
  await buys(shop, "NIGHT", { regular: 1 }, null);

  // At any time of any week: the code is accepted as soon as the event has a clock.
  await openForm(page, shop, "ALWAYS");
  await page.click(button("Add hours"));
  await page.fill(from, "0:00");
  await page.fill(to, "24:00");
  assert.deepEqual((await saved(page, shop, "ALWAYS")).weekly, [
    { days: [1, 2, 3, 4, 5, 6, 7], from_minute: 0, to_minute: 1440 },
  ]);
  await buys(shop, "ALWAYS", { regular: 1 }, null);
  await page.open(`${shop.url}/#/codes`);
  await page.click("//summary[.//h2[.='The event’s clock']]");
  await page.fill("input[name=zone]", "Europe/Berlim");
  await page.click(button("Set the clock"));
  await page.see("expected a time zone such as Europe/Berlin, found Europe/Berlim");
  await page.fill("input[name=zone]", "Europe/Berlin");
  await page.fill("input[name=from_year]", "2026");
  await page.fill("input[name=to_year]", "2040");
  await page.click(button("Set the clock"));
  await page.see("Europe/Berlin, 2026 to 2040.");
  await buys(shop, "ALWAYS", { regular: 1 }, 4050);
  // The form shows what is stored as it was typed.
  await page.open(`${shop.url}/#/codes/1/edit`);
  await page.find(from);
  assert.deepEqual(await page.evaluate(`['${from}', '${to}'].map((place) => document.querySelector(place).value)`), [
    "22:00",
    "02:00",
  ]);
});

test("what the order must hold", async (t) => {
  const shop = await openShop(t, { policy: {} });
  const page = await openChromium(t);
  await openForm(page, shop, "CHILD");
  await page.choose("select[name=kind]", "free");
  await page.click(box("ticket_types", "student"));
  await page.fill("input[name=max_tickets_per_order]", "1");
  await page.fill("input[name=max_subtotal]", "60.00");
  await page.choose("select[name=subtotal_of]", "scope");
  await page.click(button("Add a requirement"));
  await page.click(box("requires[0].ticket_types", "regular"));
  await page.click(button("Add a requirement"));
  await page.click(box("requires[1].ticket_types", "vip"));
  await page.fill('input[name="requires[1].min_tickets"]', "");
  await page.see("expected at least one of");
  await page.fill('input[name="requires[1].max_tickets"]', "0");
  assert.deepEqual(await saved(page, shop, "CHILD"), {
    code: "CHILD",
    discount: { kind: "free" },
    max_uses: 50,
    ticket_types: ["student"],
    max_tickets_per_order: 1,
    max_subtotal: 6000,
    currency: "EUR",
    subtotal_of: "scope",
    requires: [
      { min_tickets: 1, ticket_types: ["regular"] },
      { ticket_types: ["vip"], max_tickets: 0 },
    ],
  });
  await buys(shop, "CHILD", { student: 1 }, null);
  await buys(shop, "CHILD", { student: 1, regular: 1, vip: 1 }, null);
  // Three students cost 75.00, more than 60.00; the regular tickets do not count.
  await buys(shop, "CHILD", { student: 3, regular: 1 }, null);
  assert.deepEqual(await buys(shop, "CHILD", { student: 2, regular: 2 }, 11_500), [0, 2500, 4500, 4500]);
});

test("for whom: conditions on what the shop knows", async (t) => {
  const facts = { channel: "web", orders_before: 0, tags: ["press"], member: true };
  const shop = await openShop(t, { policy: {}, facts });
  const page = await openChromium(t);
  await openForm(page, shop, "NEWS");
  await page.see("This shop knows: channel, orders_before, tags, member.");
  const add = (fact, operator, value, path) => async () => {
    await page.fill(`input[name="${path}.fact"]`, fact);
    await page.choose(`select[name="${path}.operator"]`, operator);
    await page.fill(`input[name="${path}.${operator}"]`, value);
  };
  await page.click(button("Add a condition"));
  await add("orders_before", "at_most", "0", "only_if[0]")();
  await page.click(button("Add a condition"));
  await add("channel", "is_not", "web", "only_if[1]")();
  await page.click(`(${legend("Condition 2")}//button[.="Or …"])[1]`);
  await add("tags", "in", "crew, press", "only_if[1].any[1]")();
  await page.click(button("Add a condition"));
  await add("member", "is", "yes", "only_if[2]")();
  assert.deepEqual((await saved(page, shop, "NEWS")).only_if, [
    { fact: "orders_before", at_most: 0 },
    {
      any: [
        { fact: "channel", is_not: "web" },
        { fact: "tags", in: ["crew", "press"] },
      ],
    },
    { fact: "member", is: true },
  ]);
  await page.see("if channel is something else than web or tags is one of crew, press");
  await buys(shop, "NEWS", { regular: 1 }, 4050);
  await page.click("//a[.='Edit']");
  await page.find('input[name="only_if[1].any[0].fact"]');
  await page.click(`${legend("Or")}//button[.="Remove"]`);
  await page.until(`${STORED}.only_if[1].fact === "channel"`, "one alternative is a condition of its own");
  await saved(page, shop, "NEWS");
  await buys(shop, "NEWS", { regular: 1 }, null);
});

test("more limits: per day, per person of a pool, and what one use of a person is", async (t) => {
  const shop = await openShop(t, { policy: { max_tickets_per_identity: 2 } });
  await shop.ask("/api/clock", { name: "Europe/Berlin", from_year: 2026, to_year: 2040 }, "PUT");
  const page = await openChromium(t);
  await openForm(page, shop, "DAILY");
  await page.fill('input[name="day.max_uses"]', "3");
  await page.fill('input[name="month.max_uses_per_identity"]', "1");
  await page.choose("select[name=count_by_identity]", "order");
  await page.click(button("Add a shared limit"));
  await page.fill('input[name="pools[0].id"]', "partners");
  await page.fill('input[name="pools[0].max_uses_per_identity"]', "2");
  await page.fill('input[name="lifts.max_tickets_per_identity"]', "3");
  await page.fill("input[name=id]", "daily-2026");
  const { code, discount, max_uses, ...limits } = await saved(page, shop, "DAILY");
  assert.deepEqual([code, discount, max_uses], ["DAILY", { kind: "percent", percent: 10 }, 50]);
  assert.deepEqual(limits, {
    per_period: [
      { every: "day", max_uses: 3 },
      { every: "month", max_uses_per_identity: 1 },
    ],
    count_by_identity: "order",
    pools: [{ id: "partners", max_uses_per_identity: 2 }],
    lifts: { max_tickets_per_identity: 3 },
    id: "daily-2026",
  });
  await page.see("3 a day");
  // Three tickets are one use of this person, whom the code allows a third ticket. A fourth is too many in a day.
  await buys(shop, "DAILY", { regular: 3 }, 12_150, "ann@example.org");
  await buys(shop, "DAILY", { student: 1 }, null, "bob@example.org");
  await page.click("//a[.='Edit']");
  await page.find('input[name="day.max_uses"]');
  assert.equal(await page.evaluate("document.querySelector('input[name=id]').readOnly"), true);
  await page.fill('input[name="day.max_uses"]', "");
  await page.until(`${STORED}.per_period.length === 1`, "the day has no limit");
  await page.until(
    `document.querySelector('input[name="month.max_uses_per_identity"]').value === "1"`,
    "the month has",
  );
  await saved(page, shop, "DAILY");
  await buys(shop, "DAILY", { student: 1 }, 2250, "bob@example.org");
  await buys(shop, "DAILY", { student: 1 }, null, "bob@example.org");
});

test("a stored code that is opened and saved without a change is the same, byte for byte", async (t) => {
  const odd = [
    { max_uses: null, discount_percent: 5, code: "SHORT", single_use: true, active: true, pools: [] },
    {
      code: "MIXED",
      discount: { at: "list", percent: 10, kind: "percent" },
      budget: 5000,
      max_discount: { USD: 100, CHF: 200 },
      only_for: { npub: ["npub1xyz"], email: ["@example.org"] },
      release: { refunded: { uses: "keep" } },
      per_period: [{ max_uses: 3, every: "month" }],
      only_if: [{ any: [{ is: "5", fact: "size" }] }],
      weekly: [{ to_minute: 2000, days: [3, 1], from_minute: 60 }],
      requires: [{ max_tickets: 0, ticket_types: ["gone"] }],
      exclude_events: [],
      id: "m",
      starts_at_ms: 1_700_000_000_123,
      pick: "dearest",
      rounding: "half_up",
    },
    {
      code: "GROUPS",
      discount: { spread: "group", discounted: 2, kind: "per_group", size: 5, discount: { kind: "free" }, buy: null },
      count_by: "order",
    },
    {
      code: "TIERS",
      discounts: [
        {
          discount: {
            tiers: [
              { discount: { kind: "none" }, from: { EUR: 1, USD: 1 } },
              { discount: { kind: "order_price", price: { EUR: 100 } }, from: { EUR: 5000, USD: 6000 } },
            ],
            mode: "volume",
            kind: "tiers",
            by: "subtotal",
          },
        },
      ],
      max_tickets: 4,
    },
  ];
  const shop = await openShop(t, { policy: {}, promos: [...event.promos, ...odd] });
  const page = await openChromium(t);
  const before = (await shop.ask("/api/codes")).codes;
  for (const { id, promo } of before) {
    await page.open(`${shop.url}/#/codes/${id}/edit`);
    await page.until(`document.querySelector("input[name=code]")?.value === "${promo.code}"`, promo.code);
    if (await page.evaluate('document.querySelector("input[name=all_the_same]") !== null'))
      await page.click("input[name=all_the_same]");
    await page.click("button.save");
    await page.until(`location.hash === "#/codes/${id}"`, "the saved code");
  }
  const after = (await shop.ask("/api/codes")).codes;
  assert.equal(JSON.stringify(after.map(({ promo }) => promo)), JSON.stringify(before.map(({ promo }) => promo)));
  assert.deepEqual(
    after.map(({ revision }) => revision),
    before.map(() => 2),
  );
});
