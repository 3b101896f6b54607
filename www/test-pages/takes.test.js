// The organiser types what a code takes off, of each kind, and buyers pay the price worked out by hand: regular 45.00,
// student 25.00, VIP 120.00.
import assert from "node:assert/strict";
import { test } from "node:test";
import { button, openChromium } from "./browsers.js";
import { box, buys, openForm, saved, STORED } from "./organise.js";
import { openShop } from "./shop.js";

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
