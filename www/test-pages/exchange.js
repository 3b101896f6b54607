// A buyer changes paid tickets for others. Regular tickets cost 45.00, students' 25.00 and VIPs' 120.00; EARLY20 takes
// off 20 %.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";

const order = (page) => page.until("/^#\\/order\\/(.{36})$/.exec(location.hash)?.[1]", "the order");
/** What the page says that is due. */
const due = (page, cents) =>
  page.until(`document.querySelector('.exchange .sums')?.dataset.due === "${cents}"`, `${cents} due`);
const asked = (page, id) => page.evaluate(`JSON.parse(localStorage.getItem("exchanging ${id}"))`);

/** An order of two regular tickets at 36.00 each, paid. */
export async function paidOrder(shop, email = "ann@example.org") {
  const id = randomUUID();
  const lines = [{ ticket_type: "regular", quantity: 2 }];
  const wish = { id, codes: ["EARLY20"], lines, identities: { email }, max_total: 7200 };
  assert.equal((await shop.ask("/api/events/gala/orders", wish)).status, "accepted");
  const payment = await shop.ask(`/api/orders/${id}/payments`, { max_total: 7200 });
  assert.equal((await shop.ask("/api/payments", { id: payment.id })).money, "kept");
  return id;
}

/** One of two tickets becomes a dearer one; the second payment of what is due is returned. */
export async function exchange(page, shop) {
  const id = await paidOrder(shop);
  await page.open(`${shop.url}/#/order/${id}`);
  await page.see("Change my tickets");
  await page.click("input[name=back-0]");
  await page.fill(".exchange input[name=student]", "1");
  // A student's ticket costs 20.00 with the code, and 36.00 go back.
  await due(page, 0);
  await page.see("€16.00 is left over, and stays with the shop.");
  await page.fill(".exchange input[name=student]", "0");
  await page.fill(".exchange input[name=vip]", "1");
  await page.fill("input[name=exchange-codes]", "nope");
  await page.see("NOPE: This code is not accepted.");
  assert.equal(await page.evaluate("document.querySelector('button.change').disabled"), true);
  await page.fill("input[name=exchange-codes]", "early20");
  // 120.00 less 20 % are 96.00: 60.00 more than what goes back.
  await due(page, 6000);
  await page.click("button.change:enabled");
  await page.see("€60.00 is due. The tickets are changed when it is paid");
  const { wanted } = await asked(page, id);
  const second = await shop.ask(`/api/orders/${id}/exchange`, wanted);
  assert.deepEqual([second.status, second.payment.total], ["payment_due", 6000]);
  assert.equal((await shop.ask(`/api/orders/${id}`)).total, 7200, "nothing has changed yet");

  // The payment is still to be made after a reload.
  await page.reload();
  await page.click("button.pay-due:enabled");
  await page.see("In place of tickets for €36.00, and €60.00 paid more.");
  assert.equal(await order(page), wanted.id);
  const made = await shop.ask(`/api/orders/${wanted.id}`);
  assert.deepEqual([made.state, made.total, made.exchanged.due], ["confirmed", 9600, 6000]);
  assert.deepEqual(await page.values(".stub", "data-price"), ["9600"]);

  // Another window has asked for a payment, too, and pays it.
  const kept = JSON.stringify({ wanted, payment: second.payment });
  await page.evaluate(`localStorage.setItem("exchanging ${id}", ${JSON.stringify(kept)})`);
  await page.open(`${shop.url}/#/order/${id}`);
  await page.reload();
  await page.see("changed for others");
  await page.click("button.pay-due:enabled");
  await page.see("This order was paid before, so this payment goes back.");
  assert.equal(await asked(page, id), null);
  assert.equal((await shop.ask(`/api/orders/${wanted.id}`)).total, 9600);
  // The other ticket can still be changed, for one that costs as much. It is the only one, so it is chosen already.
  assert.equal(await page.evaluate("document.querySelector('input[name=back-1]').checked"), true);
  await page.fill(".exchange input[name=regular]", "1");
  await due(page, 0);
  await page.click("button.change:enabled");
  await page.see("In place of tickets for €36.00.");
  assert.notEqual(await order(page), id);
  assert.equal((await shop.ask(`/api/orders/${id}`)).state, "released");
}
