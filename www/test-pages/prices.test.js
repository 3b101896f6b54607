// What the page says before is what the shop charges after, on 200 random orders; and nothing that goes wrong on the way costs an order or sells it twice.
import assert from "node:assert/strict";
import { test } from "node:test";
import { openChromium } from "./browsers.js";
import { event, openShop } from "./shop.js";

const ORDERS = 200;
const CODES = [[], ["early20"], ["TENNER"], ["early20", "tenner"], ["tenner", " Early20 "], [" three "], ["train"], ["crew"], ["nope"], ["train", "crew"]];
/** Limits that an order of this size now and then meets. */
const promos = [
  { code: "CREW", discount: { kind: "free" }, max_uses: 60, ticket_types: ["regular"] },
  { code: "EARLY20", discount_percent: 20, max_uses: 600, max_uses_per_identity: 9, combines: true, priority: 10 },
  { code: "TENNER", discount: { kind: "amount_per_ticket", amount: 1000 }, currency: "EUR", budget: 500_000, when_short: "partial", combines: true },
  { code: "THREE", discount_percent: 33.3333, max_uses: 110, when_short: "partial", rounding: "half_even" },
  { code: "TRAIN", discount: { kind: "amount_per_order", amount: 1001 }, pools: [{ id: "partners", max_uses: 18 }], min_tickets: 2 },
];

/** The same orders in every run. */
function random(seed) {
  let state = seed;
  return (below) => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return Math.floor((state / 2 ** 32) * below);
  };
}

test("previewed price equals charged price", async (t) => {
  const shop = await openShop(t, { promos, announced: [], policy: { max_free_tickets_per_identity: 3 } });
  const page = await openChromium(t);
  const pick = random(20_261_122);
  await page.open(`${shop.url}/`);
  const seen = { accepted: 0, rejected: 0, discounted: 0 };
  for (let round = 0; seen.accepted < ORDERS; round += 1) {
    assert.ok(round < 2 * ORDERS, "too few orders are accepted");
    await page.find("input[name=regular]");
    const quantities = event.ticket_types.map(({ id }) => [id, pick(4)]);
    if (quantities.every(([, quantity]) => quantity === 0)) quantities[0][1] = 1;
    const codes = CODES[pick(CODES.length)];
    const email = `guest${pick(100)}@example.org`;
    const wanted = { ...Object.fromEntries(quantities.map(([id, quantity]) => [id, String(quantity)])), email, codes: codes.join(",") };
    const there = await page.evaluate('Object.fromEntries([...document.querySelectorAll("form input")].map(({ name, value }) => [name, value]))');
    for (const [name, text] of Object.entries(wanted)) if (there[name] !== text) await page.fill(`input[name=${name}]`, text);
    const preview = await page.until(`((quote) => quote && quote.dataset.status !== "asking" && {
      status: quote.dataset.status, total: Number(quote.dataset.total), prices: [...document.querySelectorAll(".stub")].map((stub) => Number(stub.dataset.price)),
    })(document.querySelector(".quote"))`, "a price");
    const what = JSON.stringify({ codes, quantities, email });
    assert.equal(preview.prices.length, quantities.reduce((sum, [, quantity]) => sum + quantity, 0), what);
    seen[preview.status] += 1;
    if (preview.status === "rejected") {
      const lines = quantities.filter(([, quantity]) => quantity > 0).map(([ticket_type, quantity]) => ({ ticket_type, quantity }));
      const answer = await shop.ask("/api/orders", { codes, lines, identities: { email }, expected_total: preview.total });
      assert.deepEqual([answer.status, answer.quote.total], ["rejected", preview.total], what);
      continue;
    }
    await page.click("button.hold");
    const id = await page.until("/^#\\/order\\/(.{36})$/.exec(location.hash)?.[1]", "the order");
    const order = await shop.ask(`/api/orders/${id}`);
    assert.deepEqual({ total: order.total, prices: order.tickets.map(({ price }) => price) }, { total: preview.total, prices: preview.prices }, what);
    if (preview.total > 0) {
      // The payment is taken only when it is exactly what the record says.
      const paid = await shop.ask(`/api/orders/${id}/pay`, { total: preview.total });
      assert.deepEqual([paid.status, paid.pay_back], ["confirmed", 0], what);
    }
    if (order.tickets.some(({ price, unit_price }) => price < unit_price)) seen.discounted += 1;
    await page.raw.evaluate(() => { location.hash = "#/"; });
  }
  t.diagnostic(JSON.stringify(seen));
  assert.ok(seen.discounted >= 50 && seen.rejected >= 20, `the orders are of all kinds: ${JSON.stringify(seen)}`);
});

test("an answer that is lost, a shop that is busy or away: nothing is lost and nothing is sold twice", async (t) => {
  const shop = await openShop(t);
  const page = await openChromium(t);
  const orders = "**/api/orders";
  await page.open(`${shop.url}/`);
  await page.fill("input[name=vip]", "1");
  await page.fill("input[name=email]", "lea@example.org");
  await page.fill("input[name=codes]", "pair");
  await page.see("PAIR takes off €110.00.");

  await page.raw.route(orders, (route) => route.fulfill({ status: 503, json: { error: { code: "busy", path: "", message: "too many orders at once" } } }));
  await page.click("button.hold");
  await page.see("nothing was stored. Please try again.");

  // The order arrives, its answer does not.
  await page.raw.unroute(orders);
  const placed = [];
  await page.raw.route(orders, async (route) => {
    await route.fetch();
    placed.push(route.request().postDataJSON().id);
    await route.abort();
  });
  await page.click("button.hold");
  await page.see("The shop does not answer. Nothing is lost");
  await page.until("!document.querySelector('button.hold').disabled", "the button again");
  await page.click("button.hold");
  await page.until("!document.querySelector('button.hold').disabled", "the button again");
  await page.raw.unroute(orders);
  // Even a reload finds the order whose answer was lost.
  await page.reload();
  await page.see("1 ticket for €10.00 waiting for payment");
  assert.deepEqual(placed, [placed[0], placed[0]], "asked again under the same id");
  const [pair] = (await shop.ask("/api/codes")).codes.filter(({ promo }) => promo.code === "PAIR");
  assert.equal(pair.figures.uses.used, 1);

  await page.raw.route("**/api/**", (route) => route.abort());
  await page.reload();
  await page.see("The shop does not answer.");
  await page.raw.unroute("**/api/**");
  await page.click("//button[.='Try again']");
  await page.see("Your orders");
});
