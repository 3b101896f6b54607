// What the tests of the organiser's form share: they type a code, save it, and buy with it.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";

export const STORED = 'JSON.parse(document.querySelector("form.edit pre").textContent)';
export const legend = (text) => `//fieldset[legend[normalize-space()="${text}"]]`;
export const box = (path, value) => `input[name="${path}=${value}"]`;

/** Opens the form for a new code, with all groups unfolded. */
export async function openForm(page, shop, code) {
  await page.open(`${shop.url}/#/codes/new`);
  await page.find("input[name=code]");
  await page.unfold();
  await page.fill("input[name=code]", code);
}

/** Saves the form, in spite of dangers, and returns the stored promotion. */
export async function saved(page, shop, code) {
  await page.until("document.querySelector('[data-wrong]') === null", "no mistake");
  if (await page.evaluate('document.querySelector("input[name=all_the_same]") !== null'))
    await page.click("input[name=all_the_same]");
  await page.click("button.save");
  await page.until("/^#\\/codes\\/\\d+$/.test(location.hash)", "the saved code");
  return (await shop.ask("/api/codes")).codes.find(({ promo }) => promo.code === code).promo;
}

/** Buys tickets such as `{ regular: 2 }` at this price; null: the code is refused. Returns the tickets' prices. */
export async function buys(shop, code, tickets, total, email = `${randomUUID()}@example.org`) {
  const lines = Object.entries(tickets).map(([ticket_type, quantity]) => ({ ticket_type, quantity }));
  const wish = { codes: [code], lines, identities: { email } };
  const previewed = await shop.ask("/api/events/gala/preview", wish);
  const bought = await shop.ask("/api/events/gala/orders", { id: randomUUID(), ...wish, max_total: total ?? 0 });
  const about = `${code} for ${JSON.stringify(tickets)}: ${JSON.stringify(bought.quote)}`;
  assert.deepEqual([previewed.status, bought.status], Array(2).fill(total === null ? "rejected" : "accepted"), about);
  if (total === null) return [];
  assert.deepEqual([previewed.quote.total, bought.order.total], [total, total], about);
  return bought.quote.tickets.map(({ price }) => price);
}
