// What a buyer, an organiser and a curious visitor do, in any browser. All amounts follow from the prices in shop.js.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { button } from "./browsers.js";

const prices = (page) => page.values(".stub", "data-price").then((list) => list.map(Number));
const total = (page, cents) =>
  page.until(
    `document.querySelector('.quote[data-status="accepted"][data-total="${cents}"]') !== null`,
    `a total of ${cents}`,
  );
const place = (page) =>
  page
    .until("!document.querySelector('button.hold')?.disabled", "a button that can be pressed")
    .then(() => page.click("button.hold"));
const orderId = async (page) => {
  await page.until("/^#\\/order\\/[0-9a-f-]{36}$/.test(location.hash)", "the order's own address");
  return (await page.url()).split("/").at(-1);
};
const order = (code, quantity, email, max_total) => ({
  id: randomUUID(),
  codes: [code],
  lines: [{ ticket_type: "regular", quantity }],
  identities: { email },
  max_total,
});

/** Types a code, and expects the sentence that says why it is refused. */
async function refused(page, code, sentence) {
  await page.fill("input[name=codes]", code);
  await page.see(sentence);
  // The sentence may still be that of the order before, while the page asks the server.
  await page.until("document.querySelector('.quote').dataset.status !== 'asking'", "the server's answer");
  await page.see(sentence);
  assert.equal(await page.evaluate("document.querySelector('.quote').dataset.status"), "rejected", sentence);
  assert.equal(await page.evaluate("document.querySelector('button.hold').disabled"), true, "nothing to buy");
}

/** A buyer chooses tickets, is refused with a sentence, takes a partial discount, reloads, pays, gives one back. */
export async function buyer(page, shop) {
  await page.open(`${shop.url}/`);
  await page.find("input[name=regular]");
  assert.deepEqual(await page.texts("h1"), ["Gala evening"]);
  await page.see("Choose at least one ticket.");

  await page.fill("input[name=regular]", "1");
  await page.fill("input[name=email]", "ann@example.org");
  await total(page, 4500);
  await page.fill("input[name=codes]", "early20");
  await total(page, 3600);
  assert.deepEqual(await prices(page), [3600]);
  await page.fill("input[name=codes]", "Early20, tenner");
  await total(page, 2600);

  await refused(page, "nope", "NOPE: This code is not accepted.");
  await refused(page, "off", "OFF: This code is not accepted.");
  await refused(page, "guests", "GUESTS: This code is not accepted.");
  await refused(page, "soon", "SOON: This code is not accepted.");
  await refused(page, "train", "TRAIN: This code needs 1 more ticket in this order.");
  await refused(page, "pair, early20", "PAIR: This code does not apply to this order.");
  await page.fill("input[name=regular]", "5");
  const short =
    "EARLY20: This code is used up, or has been used as often as one person may use it, " +
    "or too little of it is left for this order.";
  await refused(page, "early20", short);

  // A reload loses nothing that was typed.
  await page.reload();
  await page.see(short);
  assert.equal(await page.evaluate("document.querySelector('input[name=email]').value"), "ann@example.org");

  // PAIR makes a ticket 10.00 and has two uses: three tickets cost 10 + 10 + 45.
  await page.fill("input[name=regular]", "3");
  await page.fill("input[name=codes]", "pair");
  await total(page, 6500);
  assert.deepEqual(await prices(page), [1000, 1000, 4500]);
  await page.see("2 of your 3 tickets get the discount. The total is €65.00. Take it?");
  await place(page);

  const id = await orderId(page);
  await page.see("Pay within");
  assert.match((await page.texts("[role=timer]"))[0], /^(10:00|9:\d\d)$/);
  assert.equal((await shop.ask(`/api/orders/${id}`)).state, "held");
  await page.reload();
  await page.click("button.pay");
  await page.see("Paid. The tickets are yours.");
  const paid = await shop.ask(`/api/orders/${id}`);
  assert.deepEqual(
    [paid.state, paid.total, paid.tickets.map(({ price }) => price)],
    ["confirmed", 6500, [1000, 1000, 4500]],
  );

  await page.click(".stub:nth-child(1) .act button");
  await page.see("€10.00 comes back.");
  await page.click(button("Yes, give it back"));
  await page.see("1 ticket given back. You get €10.00 back.");
  assert.deepEqual(
    (await shop.ask(`/api/orders/${id}`)).tickets.map(({ released }) => released?.reason),
    ["buyer_released", undefined, undefined],
  );

  await page.open(`${shop.url}/#/`);
  await page.see("2 tickets for €55.00 paid");
  // One use of PAIR came back.
  await page.fill("input[name=regular]", "1");
  await page.fill("input[name=codes]", "pair");
  await total(page, 1000);
}

/** Somebody else takes a use before the buyer presses the button. Then a hold lapses, and the order is placed again. */
export async function lateBuyer(page, shop) {
  await page.open(`${shop.url}/`);
  await page.find("input[name=regular]");
  await page.fill("input[name=email]", "ben@example.org");
  await page.fill("input[name=regular]", "2");
  await page.fill("input[name=codes]", "pair");
  await total(page, 2000);
  const { order: faster } = await shop.ask("/api/events/gala/orders", order("PAIR", 1, "eve@example.org", 1000));
  const payment = await shop.ask(`/api/orders/${faster.id}/payments`, { max_total: 1000 });
  await shop.ask("/api/payments", { id: payment.id });
  await place(page);
  await page.see("The price has changed: the total is now €55.00 instead of €20.00. Nothing was ordered yet.");
  await page.see("1 of your 2 tickets gets the discount.");
  await total(page, 5500);
  await place(page);
  const id = await orderId(page);
  await page.see("The time to pay ran out, and the tickets went back.");
  assert.equal((await shop.ask(`/api/orders/${id}`)).state, "released");
  await page.click("button.pay");
  await page.see("Paid. The tickets are yours.");
  assert.deepEqual((await shop.ask(`/api/orders/${id}`)).total, 5500);
}

/** An organiser writes a code, with mistakes at first, watches its uses, tries a lower limit, uses the ledger. */
export async function organiser(page, shop) {
  await page.open(`${shop.url}/#/codes`);
  await page.find('[data-code="CREW"]');
  assert.match((await page.texts('[data-code="CREW"] .gauge'))[0], /^Uses 0 of 20/);

  await page.click("//a[.='New code']");
  await page.fill("input[name=code]", " crew");
  await page.find('[data-wrong="code"]');
  await page.see("another code is spelt like this one");
  await page.fill("input[name=code]", "Spring");
  await page.fill("input[name=value]", "120");
  await page.fill("input[name=max_uses]", "ten");
  await page.find('[data-wrong="value"]');
  await page.see("expected a number from 0 to 100 with at most 4 decimals, found 120");
  await page.find('[data-wrong="max_uses"]');
  await page.click("button.save");
  assert.equal(
    await page.until("document.activeElement.name", "the focus on a field"),
    "value",
    "the first field that is wrong",
  );
  await page.fill("input[name=value]", "25");
  await page.fill("input[name=max_uses]", "10");
  await page.until("document.querySelector('[data-wrong]') === null", "no mistake");
  await page.click("button.save");
  await page.see("Nobody has used this code yet.");
  const [spring] = (await shop.ask("/api/codes")).codes.filter(({ promo }) => promo.code === "Spring");
  assert.deepEqual(spring.promo, { code: "Spring", discount: { kind: "percent", percent: 25 }, max_uses: 10 });

  // With this code a regular ticket costs 33.75, and three cost 101.25.
  const { order: three } = await shop.ask("/api/events/gala/orders", order("spring", 3, "cleo@example.org", 10_125));
  await shop.ask("/api/events/gala/orders", order("spring", 1, "dan@example.org", 3375));
  await page.see("0 paid 4 held 6 left");
  await page.fill("input[name=what-if]", "3");
  await page.see(
    "Lowering max_uses from 10 to 3: 4 used, 0 left; nobody who holds a ticket is affected, " +
      "and nobody new is accepted while none is left.",
  );
  await page.see("1 to 10 Regular tickets: refused. SPRING has no uses left (4 of 3 used); the order needs more.");
  await page.fill("input[name=what-if]", "5");
  await page.see("Lowering max_uses from 10 to 5: 4 used, 1 left; nobody who holds a ticket is affected.");
  await page.see("1 Regular ticket: the next buyer pays €33.75.");
  await page.see("2 to 10 Regular tickets: refused. SPRING has 1 use left (4 of 5 used); the order needs more.");
  assert.deepEqual(
    (await shop.ask("/api/codes")).codes.find(({ id }) => id === spring.id).promo.max_uses,
    10,
    "asking changes nothing",
  );

  const row = (id) => `//table[contains(@class,"ledger")]//tr[.//a[contains(@href,"${id}")]]`;
  await page.click(`${row(three.id)}//button[.="Confirm payment"]`);
  await page.see(`Order ${three.id.slice(0, 8)} is confirmed.`);
  await page.see("3 paid 1 held 6 left");
  // A no-show keeps its uses, and no refund is owed. A cancellation gives the uses back.
  await page.choose(`${row(three.id)}//select`, "no_show");
  await page.click(`${row(three.id)}//button[.="Release"]`);
  await page.see(`3 tickets of order ${three.id.slice(0, 8)} released.`);
  assert.equal(await page.evaluate("document.body.innerText.includes('Refund')"), false);
  await page.see("3 paid 1 held 6 left");
  await page.choose(`//tr[@data-event="held"]//select`, "organizer_cancelled");
  await page.click(`//tr[@data-event="held"]//button[.="Release"]`);
  await page.see("3 paid 0 held 7 left");
  await page.see("3 uses now, 4 at most; the limit is 10.");
  await page.click("//summary[.='The same as a table']");
  assert.match((await page.texts(".chart tbody tr")).at(-1), / 3 10$/);

  // Somebody else saves an edit first. What was typed stays in the form, and the other edit stays stored.
  await page.click("//a[.='Edit']");
  await page.fill("input[name=max_uses]", "5");
  await shop.ask(
    `/api/codes/${spring.id}`,
    { promo: { ...spring.promo, max_uses: 8 }, revision: spring.revision },
    "PUT",
  );
  await page.click("button.save");
  await page.see("Somebody else has edited this code.");
  assert.equal(await page.evaluate("document.querySelector('input[name=max_uses]').value"), "5");
  await page.click("//a[.='Cancel']");
  await page.see("3 of 8");
  await page.click("//a[.='Edit']");
  await page.until("document.querySelector('input[name=max_uses]')?.value === '8'", "the newer limit");
  await page.fill("input[name=max_uses]", "5");
  await page.see("Lowering max_uses from 8 to 5: 3 used, 2 left; nobody who holds a ticket is affected.");
  await page.fill("input[name=value]", "30");
  await page.see("“It takes off”: new orders are priced by it; who holds a ticket keeps its price.");
  await page.see(
    "1 to 2 Regular tickets: accepted. 3 to 10 Regular tickets: refused. " +
      "SPRING has 2 uses left (3 of 5 used); the order needs more.",
  );
  await page.click("button.save");
  await page.see("3 of 5");
}

/**
 * An organiser is warned of a code that gives every seat away, and can save it only after ticking a box. With a limit
 * there is no such warning. The shop has no policy.
 */
export async function warned(page, shop) {
  const free =
    "Danger at “It takes off”: VIP makes tickets free without any limit: whoever learns the code can take every seat.";
  const orders = "Danger at “A use is”: one use of VIP makes a whole order free, up to 1000 tickets.";
  const short =
    "Warning at “Code”: VIP is short enough to be found by trying, and takes half of the price or more off.";
  const found = (place, ...expected) =>
    page.until(
      `[...document.querySelectorAll("${place} .findings li")]
        .map((item) => item.innerText.replace(/\\s+/g, " ").trim()).join() === ${JSON.stringify(expected.join())}`,
      expected.join(),
    );
  const box = "document.querySelector('input[name=all_the_same]')";
  const stored = async () =>
    (await shop.ask("/api/codes")).codes.map(({ promo }) => promo).filter(({ code }) => code === "vip");
  /** Presses “save”. The focus moves to the box, and nothing is stored. */
  async function held() {
    await page.until(`${box}?.checked === false`, "a box that is not ticked");
    await page.click("button.save");
    await page.until("document.activeElement.name === 'all_the_same'", "the focus on the box");
    await page.see("There is a danger: remove it, or tick this box.");
    assert.deepEqual(await stored(), []);
  }

  async function agree() {
    await page.click("input[name=all_the_same]");
    await page.until("document.querySelector('main [aria-invalid=true]') === null", "nothing in the way");
  }

  await page.open(`${shop.url}/#/codes/new`);
  await page.fill("input[name=code]", "vip");
  await page.fill("input[name=value]", "100");
  await found("[role=status]", short);
  await page.fill("input[name=max_uses]", "");
  await found("[role=status]", free, short);
  await held();
  await page.fill("input[name=max_uses]", "20");
  await found("[role=status]", short);
  await page.until(`${box} === null`, "nothing to agree to");
  // The organiser has agreed to this promotion only. After a change with another danger, the form asks again.
  await page.fill("input[name=max_uses]", "");
  await agree();
  await page.unfold();
  await page.choose("select[name=count_by]", "order");
  await page.fill("input[name=max_uses]", "5");
  await found("[role=status]", orders, short);
  await held();
  await agree();
  await page.click("button.save");
  await page.see("Nobody has used this code yet.");
  assert.deepEqual(await stored(), [
    { code: "vip", discount: { kind: "percent", percent: 100 }, max_uses: 5, count_by: "order" },
  ]);
  await found("main", orders, short);
  await page.click("//a[.='All codes']");
  await found("[data-code=vip]", orders, short);
  // Of the shop's codes, only TRAIN gets this notice, because only TRAIN asks for a number of tickets.
  await found(
    "[data-code=TRAIN]",
    "Notice at “Tickets at least”: min_tickets of TRAIN is checked only when an order is placed: " +
      "a ticket keeps its price when the others are released.",
  );
  await found("[data-code=CREW]");
}

/** The organiser's functions are a wasm file of their own, which is downloaded only in the organiser's views. */
export async function downloads(page, shop) {
  const parts =
    "performance.getEntriesByType('resource').map(({ name }) => /(\\w+)_bg.*[.]wasm$/.exec(name)?.[1]).filter(Boolean)";
  const downloaded = (part) => page.until(`${parts}.includes("${part}")`, part);
  await page.open(`${shop.url}/`);
  await page.see("Choose at least one ticket.");
  await page.fill("input[name=regular]", "1");
  await page.fill("input[name=codes]", "pair");
  await total(page, 1000);
  await downloaded("redeemable");
  assert.deepEqual(await page.evaluate(parts), ["redeemable"]);
  await page.click("//nav//a[.='Organise']");
  await page.find('[data-code="CREW"]');
  await downloaded("organiser");
}

/** Five hundred buyers for fifty uses: the naive host oversells, and the host with the kit does not. */
export async function stampede(page, shop) {
  await page.open(`${shop.url}/#/stampede`);
  await page.find("button.start");
  await page.fill("input[name=uses]", "1001");
  await page.until("document.querySelector('button.start').disabled", "a button that waits for a number in range");
  await page.fill("input[name=uses]", "50");
  await page.click("button.start");
  await page.until("document.querySelector('.run.redeemable')?.dataset.done === 'true'", "the end of both runs");
  const sold = (host) => page.evaluate(`Number(document.querySelector('.run.${host}').dataset.sold)`);
  const naive = await sold("naive");
  assert.ok(naive > 50, `checking and then counting sold ${naive}`);
  assert.equal(await sold("redeemable"), 50);
  await page.see(`Oversold: the limit was 50, so ${naive - 50} were too many.`);
  await page.see("Stopped at exactly 50 of 50; 450 buyers were told that it is used up.");
  await page.see(`Of 50 uses, checking and then counting sold ${naive}; this shop sold 50.`);
  assert.equal(await page.evaluate("document.querySelectorAll('.chart canvas').length"), 1, "both on one chart");
  await page.click("//summary[.='The same as a table']");
  assert.equal((await page.texts(".chart tbody tr")).at(-1), `500 ${naive} 50 50`);
}
