// An exchange whose answer is lost is asked for again, and made once; one that got dearer is not made.
import assert from "node:assert/strict";
import { test } from "node:test";
import { openChromium } from "./browsers.js";
import { paidOrder } from "./exchange.js";
import { openShop } from "./shop.js";

const EXCHANGE = /\/api\/orders\/[^/]+\/exchange$/;

/** Opens the order, and chooses what takes the place of its first ticket. */
async function choose(page, shop, id, type) {
  await page.open(`${shop.url}/#/order/${id}`);
  await page.click("input[name=back-0]");
  await page.fill(`.exchange input[name=${type}]`, "1");
  await page.until("document.querySelector('button.change')?.disabled === false", "a price");
}

test("lost answers of an exchange are asked for again, also after a reload", async (t) => {
  const shop = await openShop(t);
  const page = await openChromium(t);
  const id = await paidOrder(shop);
  await choose(page, shop, id, "vip");
  const sent = [];
  const lose = async (route) => {
    sent.push(route.request().postDataJSON().id);
    await route.fetch();
    await route.abort();
  };
  await page.raw.route(EXCHANGE, lose);
  await page.click("button.change");
  await page.see("The shop does not answer. Nothing is lost");
  await page.raw.unroute(EXCHANGE);
  await page.click("//button[.='Ask the shop again']");
  await page.see("€60.00 is due.");
  await page.click("//button[.='Keep my tickets']");
  assert.equal((await shop.ask(`/api/orders/${id}`)).total, 7200);

  // Nothing is due for a student's ticket. It is changed, but the page does not hear so.
  await page.fill(".exchange input[name=vip]", "0");
  await choose(page, shop, id, "student");
  await page.raw.route(EXCHANGE, lose);
  await page.click("button.change");
  await page.see("The shop does not answer. Nothing is lost");
  assert.equal((await shop.ask(`/api/orders/${id}`)).total, 3600, "the shop has changed it");
  await page.raw.unroute(EXCHANGE);
  await page.reload();
  await page.see("In place of tickets for €36.00.");
  assert.ok((await page.url()).endsWith(`#/order/${sent[1]}`));
  assert.deepEqual((await shop.ask(`/api/orders/${sent[1]}`)).total, 2000);
  const { confirmed } = await shop.ask("/api/codes/2/report");
  assert.deepEqual([confirmed.tickets, confirmed.paid], [2, 5600], "36.00 that are left, and 20.00 once");

  // A payment whose answer is lost is reported again, and kept once.
  const other = await paidOrder(shop, "ben@example.org");
  await choose(page, shop, other, "vip");
  await page.click("button.change");
  await page.see("€60.00 is due.");
  await page.raw.route("**/api/payments", async (route) => {
    await route.fetch();
    await route.abort();
  });
  await page.click("button.pay-due");
  await page.see("The shop does not answer. Nothing is lost");
  await page.raw.unroute("**/api/payments");
  await page.click("button.pay-due:enabled");
  await page.see("In place of tickets for €36.00, and €60.00 paid more.");
});

test("an exchange that got dearer is not made", async (t) => {
  const shop = await openShop(t);
  const page = await openChromium(t);
  const id = await paidOrder(shop);
  await choose(page, shop, id, "vip");
  // The organiser takes only 10 % off from now on: 108.00 less 36.00.
  const { codes } = await shop.ask("/api/codes");
  const { promo, revision } = codes.find((code) => code.id === 2);
  await shop.ask("/api/codes/2", { promo: { ...promo, discount_percent: 10 }, revision }, "PUT");
  await page.click("button.change");
  await page.see("The price has changed: €72.00 is due now. Nothing was changed yet.");
  await page.see("Change, for €72.00 more");
  await page.click("button.change:enabled");
  await page.see("€72.00 is due.");
});
