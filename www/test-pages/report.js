// What an organiser reads in the report of a code. A regular ticket costs 45.00, and 36.00 with EARLY20.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";

async function buy(shop, email, quantity, total, isPaid) {
  const id = randomUUID();
  const lines = [{ ticket_type: "regular", quantity }];
  const wish = { codes: ["early20"], lines, identities: { email }, max_total: total };
  assert.equal((await shop.ask("/api/events/gala/orders", { id, ...wish })).status, "accepted");
  if (isPaid) {
    const payment = await shop.ask(`/api/orders/${id}/payments`, { max_total: total });
    await shop.ask("/api/payments", { id: payment.id });
  }
  return id;
}

/** What came in with a code, what was given away, who used it and when. */
export async function report(page, shop) {
  await page.open(`${shop.url}/#/codes/2`);
  await page.see("No order had this code then.");
  // Ann pays for two and three, Ben holds one, and Ann gives one back.
  await buy(shop, "ann@example.org", 2, 7200, true);
  const back = await buy(shop, "ann@example.org", 2, 7200, true);
  await shop.ask(`/api/orders/${back}/release`, { id: randomUUID(), tickets: [0] });
  await buy(shop, "ben@example.org", 1, 3600, false);
  await page.reload();
  const figures = () => page.texts(".figures > div");
  await page.find(".figures");
  // Three tickets are paid: 108.00 of 135.00. One is held: 36.00. Of 4 × 45.00, 4 × 9.00 is given away.
  assert.deepEqual(await figures(), [
    "Came in €108.00 3 tickets in 2 orders",
    "Given away €36.00 20% of €180.00",
    "Waits for payment €36.00 1 ticket",
    "Came back 1 ticket worth €36.00",
  ]);
  await page.click("//summary[.='The columns as a table']");
  assert.equal(await page.evaluate("document.querySelectorAll('.columns tbody tr').length"), 24);
  assert.match((await page.texts(".columns tbody tr")).join("|"), /€108\.00 €36\.00 €36\.00|€108\.00 €0\.00 €27\.00/);
  const drawn =
    "[...document.querySelectorAll('.columns svg rect')].filter((one) => Number(one.getAttribute('height')) > 20)";
  await page.until(`${drawn}.length >= 3`, "columns that are drawn");
  assert.deepEqual(await page.texts(".persons tbody tr"), [
    "ann@example.org 3 and 1 came back €108.00 €27.00",
    "ben@example.org 1 €36.00 €9.00",
  ]);
  assert.equal(
    await page.evaluate(
      "document.querySelector('.columns svg').getAttribute('aria-label').replace(/ in the last.*/, '')",
    ),
    "€108.00 came in, €36.00 waits for payment and €36.00 was given away, " +
      "by the hour in which the order was placed, in UTC.",
  );
  // The link leads to the CSV of the same orders: those of all codes, of this one, and each for both persons.
  const link = await page.evaluate("document.querySelector('a[download]').getAttribute('href')");
  const csv = await (await fetch(shop.url + link)).text();
  assert.match(csv, /\r\nEARLY20,EUR,,1,1,1,4500,900,3600,2,3,3,13500,2700,10800,0,1,1,4500,900,3600\r\n/);
  await page.choose("select[name=time]", "7");
  await page.until("/from_ms=\\d{13}$/.test(document.querySelector('a[download]').href)", "a time in the link");
  await page.until("document.querySelectorAll('.columns tbody tr').length > 6", "a column for each day");
  assert.deepEqual((await figures())[0], "Came in €108.00 3 tickets in 2 orders");
}
