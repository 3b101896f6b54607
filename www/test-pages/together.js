// Codes that apply by themselves, codes that are not needed, and what would take more off. Regular tickets cost 45.00.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { button } from "./browsers.js";

const total = (page, cents, status = "accepted") =>
  page.until(
    `document.querySelector('.quote[data-status="${status}"][data-total="${cents}"]') !== null`,
    `${status} at ${cents}`,
  );
const place = (page) =>
  page
    .until("!document.querySelector('button.hold')?.disabled", "a button that can be pressed")
    .then(() => page.click("button.hold"));

/** DAWN applies by itself and has two uses; TENTH and THIRD are typed, and do not combine. */
export const promos = [
  { code: "DAWN", discount_percent: 20, automatic: true, max_uses: 2 },
  { code: "TENTH", discount_percent: 10, max_uses: 50 },
  { code: "THIRD", discount_percent: 30, max_uses: 50 },
  { code: "TRAIN", discount_percent: 15, min_tickets: 2, max_uses: 50 },
];

/** Between the price and the order, somebody else gets a use of the promotion that applies by itself. */
export async function ranOut(page, shop) {
  await page.open(`${shop.url}/`);
  await page.find("input[name=regular]");
  await page.fill("input[name=email]", "ann@example.org");
  await page.fill("input[name=regular]", "2");
  await total(page, 7200);
  await page.see("DAWN applies by itself, and takes off €18.00.");
  assert.deepEqual(await page.texts(".stub .tag"), ["DAWN", "DAWN"]);

  const lines = [{ ticket_type: "regular", quantity: 1 }];
  const wish = { id: randomUUID(), codes: [], lines, identities: { email: "eve@example.org" }, max_total: 3600 };
  assert.equal((await shop.ask("/api/events/gala/orders", wish)).status, "accepted");
  const orders = async () => (await shop.ask("/api/codes/1/report")).held.orders;
  await place(page);
  await page.see("The price has changed: the total is now €90.00 instead of €72.00. Nothing was ordered yet.");
  await total(page, 9000);
  assert.equal(await page.evaluate("document.querySelectorAll('.stub .tag').length"), 0);
  assert.equal(await orders(), 1, "nothing was ordered");
  // The buyer agrees to the new price.
  await place(page);
  const id = await page.until("/^#\\/order\\/(.{36})$/.exec(location.hash)?.[1]", "the order");
  assert.equal((await shop.ask(`/api/orders/${id}`)).total, 9000);
}

/** Where what costs least counts, a typed code may not be needed. */
export async function cheapest(page, shop) {
  await page.open(`${shop.url}/#/codes`);
  await page.click("details.choose summary");
  await page.choose("select[name=choose]", "best");
  await page.click(button("Set it"));
  await page.see("What costs the buyer least counts.");
  assert.equal((await shop.ask("/api/codes")).policy.choose, "best");
  await page.open(`${shop.url}/#/`);
  await page.find("input[name=regular]");
  await page.fill("input[name=email]", "ann@example.org");
  await page.fill("input[name=regular]", "1");
  await total(page, 3600);
  // 45.00 less 30 % is 31.50, and less the 20 % that nobody types 36.00.
  await page.fill("input[name=codes]", "tenth, third");
  await total(page, 3150);
  await page.see("THIRD takes off €13.50.");
  await page.see("TENTH is not needed: without it you pay no more.");
  await page.fill("input[name=codes]", "tenth");
  await total(page, 3600);
  await page.see("DAWN applies by itself, and takes off €9.00.");
  await page.see("TENTH is not needed: without it you pay no more.");
}

/** Both stand together. A buyer must never learn that LATER and FRIENDS exist. */
export const offered = [
  { code: "PARTY", discount_percent: 20, automatic: true, combines: true, min_tickets: 3, max_uses: 60 },
  { code: "WORTH", discount_percent: 10, automatic: true, combines: true, min_subtotal: 30_000, currency: "EUR" },
  { code: "LATER", discount_percent: 90, automatic: true, min_tickets: 3, starts_at_ms: 4_000_000_000_000 },
  { code: "FRIENDS", discount_percent: 90, automatic: true, min_tickets: 3, only_for: { email: ["@friends.example"] } },
];

/** What one more ticket would take off, and what seven would. */
export async function oneMore(page, shop) {
  await page.open(`${shop.url}/`);
  await page.find("input[name=regular]");
  await page.fill("input[name=email]", "ann@example.org");
  await page.fill("input[name=regular]", "2");
  await total(page, 9000);
  // Three cost 135.00. Seven cost 315.00, and 252.00 with PARTY, of which WORTH takes 10 % off.
  const party =
    "PARTY: 20 % off. This code needs 1 more ticket in this order. With 1 Regular more, PARTY takes off €27.00. " +
    "Add 1 Regular";
  const worth = (missing, count) =>
    `WORTH: 10 % off. This code needs €${missing}.00 more in this order. ` +
    `With ${count} Regular more, WORTH takes off €25.20. Add ${count} Regular`;
  assert.deepEqual(await page.texts(".offers li"), [party, worth(210, 5)]);
  await page.click(button("Add 1 Regular"));
  await total(page, 10_800);
  await page.see("PARTY applies by itself, and takes off €27.00.");
  assert.deepEqual(await page.texts(".offers li"), [worth(165, 4)]);
  await page.click(button("Add 4 Regular"));
  await total(page, 22_680);
  assert.deepEqual(await page.texts(".offers li"), []);
  assert.equal(await page.evaluate("/LATER|FRIENDS/.test(document.body.innerText)"), false);
  await place(page);
  const id = await page.until("/^#\\/order\\/(.{36})$/.exec(location.hash)?.[1]", "the order");
  assert.equal((await shop.ask(`/api/orders/${id}`)).total, 22_680);
}
