// The organiser types what applies by itself and what stands together, and buyers pay the price worked out by hand. A
// regular ticket costs 45.00.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { openChromium } from "./browsers.js";
import { openForm, saved } from "./organise.js";
import { openShop } from "./shop.js";

/** Buys one regular ticket with these codes; returns what it costs and which codes are on it. */
async function buys(shop, ...codes) {
  const lines = [{ ticket_type: "regular", quantity: 1 }];
  const identities = { email: `${randomUUID()}@example.org` };
  const wish = { id: randomUUID(), codes, lines, identities, max_total: 4500 };
  const { status, quote } = await shop.ask("/api/events/gala/orders", wish);
  return [status, quote.total, quote.tickets[0].codes];
}

test("a code that applies by itself, on tickets of its own, and only one of its group", async (t) => {
  const promos = [
    { code: "TENNER", discount: { kind: "amount_per_ticket", amount: 1000 }, currency: "EUR", combines: true },
    { code: "SPRING5", discount_percent: 5, combines: true, group: "spring", max_uses: 50 },
  ];
  const shop = await openShop(t, { policy: {}, promos });
  const page = await openChromium(t);
  await openForm(page, shop, "DAWN");
  assert.deepEqual(await buys(shop), ["accepted", 4500, []]);
  await page.click("input[name=automatic]");
  await page.choose("select[name=combines]", "per_ticket");
  await page.fill("input[name=group]", "spring");
  assert.deepEqual(await saved(page, shop, "DAWN"), {
    code: "DAWN",
    discount: { kind: "percent", percent: 10 },
    max_uses: 50,
    automatic: true,
    combines: "per_ticket",
    group: "spring",
  });
  await page.see("applies by itself · with other codes, on other tickets · one of the group spring");
  assert.deepEqual(await buys(shop), ["accepted", 4050, ["DAWN"]]);
  // The ticket has one of the two, because DAWN shares no ticket.
  assert.deepEqual(await buys(shop, "tenner"), ["accepted", 3500, ["TENNER"]]);
  assert.deepEqual(await buys(shop, "spring5"), ["accepted", 4275, ["SPRING5"]]);

  // Also on the same ticket: TENNER comes first, and 35.00 less 10 % are 31.50. SPRING5 is still of the same group.
  await page.click("//a[.='Edit']");
  await page.find("select[name=combines]");
  await page.choose("select[name=combines]", "true");
  assert.equal((await saved(page, shop, "DAWN")).combines, true);
  const [, total, codes] = await buys(shop, "tenner");
  assert.deepEqual([total, codes.toSorted()], [3150, ["DAWN", "TENNER"]]);
  assert.deepEqual(await buys(shop, "spring5"), ["accepted", 4275, ["SPRING5"]]);

  // Used alone, it steps back behind what the buyer types.
  await page.click("//a[.='Edit']");
  await page.find("select[name=combines]");
  await page.choose("select[name=combines]", "false");
  assert.equal("combines" in (await saved(page, shop, "DAWN")), false);
  assert.deepEqual(await buys(shop, "tenner"), ["accepted", 3500, ["TENNER"]]);
});

test("what the engine warns of leads to its field, and a folded group says that there is something", async (t) => {
  const shop = await openShop(t, { policy: {}, promos: [] });
  const page = await openChromium(t);
  await page.open(`${shop.url}/#/codes/new`);
  await page.fill("input[name=code]", "MORNING-7K2M");
  await page.fill("input[name=max_uses]", "");
  await page.unfold();
  await page.click("input[name=automatic]");
  await page.see("Without a limit, every order gets it.");
  await page.see("Notice at “Applies by itself”: MORNING-7K2M applies to every order by itself, and nothing limits");
  await page.evaluate('void document.querySelectorAll("details.group").forEach((one) => { one.open = false; })');
  await page.click("//button[.='Applies by itself']");
  assert.equal(await page.evaluate("document.activeElement.name"), "automatic");
  assert.equal(await page.evaluate("document.activeElement.closest('details').open"), true);
  // Five tickets at least, of which at most three may be: the group of the fields says so.
  const group = "[...document.querySelectorAll('details.group')].filter((one) => one.querySelector('.tag'))";
  const text = (part) => `one.querySelector("${part}").innerText`;
  const titles = `${group}.map((one) => ${text("h2")} + ": " + ${text(".tag")})`;
  assert.deepEqual(await page.evaluate(titles), []);
  await page.unfold();
  await page.fill("input[name=min_tickets]", "5");
  await page.fill("input[name=max_tickets]", "3");
  await page.until(`${group}.length === 1`, "a group with a warning");
  assert.deepEqual(await page.evaluate(titles), ["What the order must hold: Warning"]);
});
