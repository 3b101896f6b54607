// The organiser types a code with the fields of one group of the form after the other, saves it, and buyers pay the
// price worked out by hand: regular 45.00, student 25.00, VIP 120.00.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { button, openChromium } from "./browsers.js";
import { event, openShop } from "./shop.js";

const STORED = 'JSON.parse(document.querySelector("form.edit pre").textContent)';
const legend = (text) => `//fieldset[legend[normalize-space()="${text}"]]`;
const box = (path, value) => `input[name="${path}=${value}"]`;

/** Opens the form for a new code, with all groups unfolded. */
async function openForm(page, shop, code) {
  await page.open(`${shop.url}/#/codes/new`);
  await page.find("input[name=code]");
  await page.unfold();
  await page.fill("input[name=code]", code);
}

/** Saves the form, in spite of dangers, and returns the stored promotion. */
async function saved(page, shop, code) {
  await page.until("document.querySelector('[data-wrong]') === null", "no mistake");
  if (await page.evaluate('document.querySelector("input[name=all_the_same]") !== null'))
    await page.click("input[name=all_the_same]");
  await page.click("button.save");
  await page.until("/^#\\/codes\\/\\d+$/.test(location.hash)", "the saved code");
  return (await shop.ask("/api/codes")).codes.find(({ promo }) => promo.code === code).promo;
}

/** Buys tickets such as `{ regular: 2 }` at this price; null: the code is refused. Returns the tickets' prices. */
async function buys(shop, code, tickets, total, email = `${randomUUID()}@example.org`) {
  const lines = Object.entries(tickets).map(([ticket_type, quantity]) => ({ ticket_type, quantity }));
  const wish = { codes: [code], lines, identities: { email } };
  const previewed = await shop.ask("/api/preview", wish);
  const bought = await shop.ask("/api/orders", { id: randomUUID(), ...wish, expected_total: total ?? 0 });
  const about = `${code} for ${JSON.stringify(tickets)}: ${JSON.stringify(bought.quote)}`;
  assert.deepEqual([previewed.status, bought.status], Array(2).fill(total === null ? "rejected" : "accepted"), about);
  if (total === null) return [];
  assert.deepEqual([previewed.quote.total, bought.order.total], [total, total], about);
  return bought.quote.tickets.map(({ price }) => price);
}

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

test("which tickets, and another discount for each type", async (t) => {
  const shop = await openShop(t, { policy: {} });
  const page = await openChromium(t);
  await openForm(page, shop, "EXCEPT");
  await page.click(box("exclude_ticket_types", "vip"));
  await page.fill("input[name=max_tickets_per_order]", "1");
  await page.choose("select[name=pick]", "cheapest");
  assert.deepEqual(await saved(page, shop, "EXCEPT"), {
    code: "EXCEPT",
    discount: { kind: "percent", percent: 10 },
    max_uses: 50,
    exclude_ticket_types: ["vip"],
    max_tickets_per_order: 1,
    pick: "cheapest",
  });
  // Only the student ticket costs 10 percent less.
  assert.deepEqual(await buys(shop, "EXCEPT", { regular: 1, student: 1, vip: 1 }, 18_750), [4500, 2250, 12_000]);

  await openForm(page, shop, "KINDS");
  await page.choose("select[name=kind]", "by_type");
  const [first, second] = ["discounts[0]", "discounts[1]"];
  await page.click(box(`${first}.ticket_types`, "vip"));
  await page.choose(`select[name="${first}.discount.kind"]`, "fixed_price");
  await page.fill(`input[name="${first}.discount.price"]`, "100");
  await page.click(button("Add an entry"));
  await page.fill(`input[name="${second}.discount.percent"]`, "20");
  await page.choose(`select[name="${second}.discount.of"]`, "order");
  assert.deepEqual(await saved(page, shop, "KINDS"), {
    code: "KINDS",
    discounts: [
      { ticket_types: ["vip"], discount: { kind: "fixed_price", price: 10_000 } },
      { discount: { kind: "percent", percent: 20, of: "order" } },
    ],
    currency: "EUR",
    max_uses: 50,
  });
  // The two others together cost 70.00, and 56.00 with 20 percent off.
  assert.deepEqual(await buys(shop, "KINDS", { regular: 1, student: 1, vip: 1 }, 15_600), [3600, 2000, 10_000]);
});

test("groups of tickets: three for two, and an add-on with a ticket that is bought", async (t) => {
  const shop = await openShop(t, { policy: {} });
  const page = await openChromium(t);
  await openForm(page, shop, "THREE42");
  await page.choose("select[name=kind]", "per_group");
  await page.see("expected a number here");
  await page.fill('input[name="discount.size"]', "3");
  await page.fill('input[name="discount.max_groups"]', "1");
  assert.deepEqual((await saved(page, shop, "THREE42")).discount, {
    kind: "per_group",
    size: 3,
    discounted: 1,
    max_groups: 1,
  });
  await buys(shop, "THREE42", { regular: 2 }, null);
  assert.deepEqual(await buys(shop, "THREE42", { regular: 3 }, 9000), [3000, 3000, 3000]);
  await buys(shop, "THREE42", { regular: 7 }, 27_000);

  await openForm(page, shop, "ADDON");
  await page.choose("select[name=kind]", "per_group");
  await page.choose('select[name="discount.group"]', "buy");
  await page.click(box("discount.buy.ticket_types", "vip"));
  await page.choose('select[name="discount.discount.kind"]', "percent");
  await page.fill('input[name="discount.discount.percent"]', "50");
  await page.choose('select[name="discount.spread"]', "discounted");
  await page.click(box("ticket_types", "student"));
  await page.choose("select[name=count_by]", "group");
  const { discount, count_by } = await saved(page, shop, "ADDON");
  assert.deepEqual(
    [discount, count_by],
    [
      {
        kind: "per_group",
        discounted: 1,
        buy: { ticket_types: ["vip"], tickets: 1 },
        discount: { kind: "percent", percent: 50 },
        spread: "discounted",
      },
      "group",
    ],
  );
  assert.deepEqual(await buys(shop, "ADDON", { vip: 1, student: 2 }, 15_750), [12_000, 1250, 2500]);
  await buys(shop, "ADDON", { regular: 1, student: 1 }, null);
});

test("tiers: by tickets for all of them or from a number on, and by what they cost", async (t) => {
  const shop = await openShop(t, { policy: {} });
  const page = await openChromium(t);
  const tier = (n, name) => `input[name="discount.tiers[${n}].${name}"]`;
  await openForm(page, shop, "MORE");
  await page.choose("select[name=kind]", "tiers");
  await page.fill(tier(0, "from"), "3");
  await page.fill(tier(0, "discount.percent"), "10");
  await page.click(button("Add a tier"));
  await page.fill(tier(1, "from"), "2");
  await page.fill(tier(1, "discount.percent"), "20");
  await page.find('[data-wrong="discount.tiers[1].from"]');
  await page.fill(tier(1, "from"), "5");
  assert.deepEqual((await saved(page, shop, "MORE")).discount, {
    kind: "tiers",
    by: "tickets",
    mode: "volume",
    tiers: [
      { from: 3, discount: { kind: "percent", percent: 10 } },
      { from: 5, discount: { kind: "percent", percent: 20 } },
    ],
  });
  await page.see("from 3 tickets: 10 % off, from 5 tickets: 20 % off");
  await buys(shop, "MORE", { regular: 3 }, 12_150);
  await buys(shop, "MORE", { regular: 5 }, 18_000);

  await page.click("//a[.='Edit']");
  await page.find(tier(0, "from"));
  await page.choose('select[name="discount.mode"]', "graduated");
  await page.click("//button[@aria-label='Remove tier 1']");
  await page.until(`${STORED}.discount.tiers.length === 1`, "one tier");
  await page.fill(tier(0, "from"), "3");
  await page.fill(tier(0, "discount.percent"), "50");
  await saved(page, shop, "MORE");
  // The third ticket costs half.
  assert.deepEqual(await buys(shop, "MORE", { regular: 3 }, 11_250), [4500, 4500, 2250]);

  await openForm(page, shop, "SPEND");
  await page.choose("select[name=kind]", "tiers");
  await page.choose('select[name="discount.by"]', "subtotal");
  await page.fill(tier(0, "from"), "100.00");
  await page.choose('select[name="discount.tiers[0].discount.kind"]', "amount_per_order");
  await page.fill(tier(0, "discount.amount"), "15");
  const { discount, currency } = await saved(page, shop, "SPEND");
  assert.deepEqual(discount.tiers, [{ from: 10_000, discount: { kind: "amount_per_order", amount: 1500 } }]);
  assert.equal(currency, "EUR");
  await buys(shop, "SPEND", { regular: 3 }, 12_000);
  await buys(shop, "SPEND", { regular: 2 }, null);
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

test("how it is worked out: prices in two currencies, the rounding, of what a percent is taken", async (t) => {
  const shop = await openShop(t, { policy: {} });
  const page = await openChromium(t);
  await openForm(page, shop, "PARTY");
  await page.choose("select[name=kind]", "order_price");
  await page.fill("input[name=value]", "99");
  await page.fill("input[name=max_tickets]", "4");
  await page.fill("input[name=budget]", "1000");
  await page.fill("input[name=another_currency]", "USD");
  await page.click(button("Add the currency"));
  await page.fill('input[name="discount.price.USD"]', "110.50");
  await page.fill('input[name="budget.USD"]', "1200");
  assert.deepEqual(await saved(page, shop, "PARTY"), {
    code: "PARTY",
    discount: { kind: "order_price", price: { EUR: 9900, USD: 11_050 } },
    max_uses: 50,
    max_tickets: 4,
    budget: { EUR: 100_000, USD: 120_000 },
  });
  // 99.00 for 115.00: of the 16.00, 6.2609 and 3.4783 fall on each, and the cents left go to the largest remainders.
  const prices = await buys(shop, "PARTY", { regular: 2, student: 1 }, 9900);
  assert.deepEqual(prices, [3874, 3874, 2152]);
  await page.click("//a[.='Edit']");
  await page.find('input[name="budget.USD"]');
  await page.see("in EUR and USD");
  await page.unfold();
  await page.click("//button[@aria-label='Remove USD']");
  await page.until(`${STORED}.currency === "EUR"`, "plain amounts");
  assert.deepEqual((await saved(page, shop, "PARTY")).discount, { kind: "order_price", price: 9900 });

  await openForm(page, shop, "HALF");
  await page.fill("input[name=value]", "33.3333");
  await page.choose('select[name="discount.of"]', "order");
  await page.choose('select[name="discount.at"]', "list");
  await page.choose("select[name=rounding]", "half_down");
  const { discount, rounding } = await saved(page, shop, "HALF");
  assert.deepEqual([discount, rounding], [{ kind: "percent", percent: 33.3333, of: "order", at: "list" }, "half_down"]);
  // 70.00 less 33.3333 percent are 46.66669, rounded once: 46.67.
  await buys(shop, "HALF", { regular: 1, student: 1 }, 4667);
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
