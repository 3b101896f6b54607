// The engine in the browser previews what the host charges: 200 random orders, one after the other, each with the uses
// that the earlier orders left.
import assert from "node:assert/strict";
import { test } from "node:test";
import { validateRedemption } from "redeemable";
import { zone } from "redeemable/host";
import { messages } from "redeemable/messages";
import { DATABASES, id, openHost } from "./support.js";

const ORDERS = 200;
const pool = { id: "partners", max_uses: 30 };
const event = {
  id: "gala",
  name: "Gala",
  currency: "EUR",
  hold_ms: 600_000,
  ticket_types: [
    { id: "regular", name: "Regular", price: 4500 },
    { id: "student", name: "Student", price: 2505 },
    { id: "vip", name: "VIP", price: 11_999 },
  ],
  policy: {
    max_free_tickets_per_identity: 4,
    identity_kinds: ["email"],
    zone: zone("Europe/Berlin", Date.UTC(2026, 0, 1), Date.UTC(2030, 0, 1)),
  },
  facts: { channel: "web" },
  promos: [
    { code: "CREW", discount: { kind: "free" }, max_uses: 20, ticket_types: ["regular"] },
    {
      code: "THIRD",
      discount_percent: 33.3333,
      rounding: "half_even",
      max_uses_per_identity: 6,
      combines: true,
      priority: 10,
    },
    {
      code: "TENNER",
      discount: { kind: "amount_per_ticket", amount: 1000 },
      currency: "EUR",
      budget: 35_500,
      when_short: "partial",
      combines: true,
    },
    { code: "SPLIT", discount: { kind: "amount_per_order", amount: 1001 }, max_uses: 40, combines: true },
    {
      code: "LAST",
      discount: { kind: "fixed_price", price: 1500 },
      max_uses: 40,
      max_uses_per_identity: 2,
      when_short: "partial",
      ticket_types: ["regular", "vip"],
    },
    { code: "RADIO", discount_percent: 15, pools: [pool], max_discount: 3000 },
    { code: "TRAIN", discount_percent: 12.5, pools: [pool], min_tickets: 2 },
    { code: "GUESTS", discount_percent: 50, only_for: { email: ["@0.example"] }, min_tickets: 3 },
    { code: "OFF", discount_percent: 99, active: false },
    {
      code: "KINDS",
      discounts: [
        { ticket_types: ["vip"], discount: { kind: "amount_per_ticket", amount: { EUR: 1999, USD: 2500 } } },
        { ticket_types: ["student"], discount: { kind: "percent", percent: 12.5, of: "order" } },
      ],
    },
    { code: "FAMILY", discount: { kind: "order_price", price: 9999 }, max_tickets: 4, max_uses: 20 },
    {
      code: "DAILY",
      discount_percent: 20,
      per_period: [{ every: "day", max_uses: 9, max_uses_per_identity: 2 }],
      when_short: "partial",
    },
    // The clock of the test's host stands: 15 January 2027, 09:00 in Berlin, a Friday.
    { code: "MORNING", discount_percent: 10, weekly: [{ days: [5], from_minute: 480, to_minute: 600 }] },
    { code: "EVENING", discount_percent: 10, weekly: [{ days: [4], from_minute: 1200, to_minute: 1500 }] },
    { code: "WEB", discount_percent: 10, only_if: [{ fact: "channel", is: "web" }] },
    { code: "DESK", discount_percent: 10, only_if: [{ fact: "channel", is: "desk" }] },
  ],
};

/** Random numbers that are the same in every run (a linear congruential generator, whose upper bits are used). */
function dice(seed) {
  let state = seed;
  return (sides) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * sides);
  };
}

for (const [name, workspace] of Object.entries(DATABASES))
  test(`${ORDERS} random orders on ${name} cost what their previews said`, async (t) => {
    const host = await openHost(await workspace(t, event), event);
    const roll = dice(20_261_122);
    const pick = (list) => list[roll(list.length)];
    const priceOf = Object.fromEntries(event.ticket_types.map(({ id, price }) => [id, price]));
    const told = (refusals) =>
      refusals.map(({ code, public_reason, to_qualify = null }) => ({ code, public_reason, to_qualify }));
    const seen = { accepted: 0, rejected: 0, discounted: 0, partial: 0, free: 0, mendable: 0 };
    const codes = { sold: new Set(), refused: new Set() };

    const decided = async ({ codes, lines, identities }) => {
      const {
        view: { codes: seen, promos, policy },
        now_ms,
      } = await host.post("/api/events/gala/view", { codes, identities });
      const priced = lines.map((line) => ({ ...line, unit_price: priceOf[line.ticket_type] }));
      const { violations, ...decision } = validateRedemption({
        codes: seen,
        promos,
        policy,
        order: { event_id: event.id, currency: event.currency, lines: priced, identities },
        now_ms,
      });
      return { ...decision, refusals: messages("en").refusal(violations) };
    };
    const asked = async (wish) => {
      const { code, ...decision } = await host.post("/api/events/gala/preview", wish);
      assert.equal(code, 200);
      return decision;
    };

    for (let n = 1; n <= ORDERS; n += 1) {
      const wish = {
        codes: Array.from({ length: pick([0, 1, 1, 1, 1, 2]) }, () =>
          pick([...event.promos.map(({ code }) => code), "crew", "tenner ", "last", "NOPE"]),
        ),
        lines: Array.from({ length: pick([1, 1, 2]) }, () => ({
          ticket_type: pick(["regular", "regular", "student", "vip"]),
          quantity: 1 + roll(4),
        })),
        identities: { email: `ann${roll(30)}@${roll(4)}.example` },
      };

      // Do what the page does: with one code decide in the browser, with several codes ask the host for the price.
      const preview = wish.codes.length > 1 ? await asked(wish) : await decided(wish);

      const bought = await host.post("/api/events/gala/orders", { id: id(n), ...wish, max_total: preview.quote.total });
      const about = JSON.stringify({ n, wish, preview: preview.quote, bought });
      assert.equal(bought.status, preview.status, about);
      assert.deepEqual(bought.quote, preview.quote, about);
      assert.deepEqual(told(bought.refusals), told(preview.refusals), about);
      if (bought.status === "accepted") assert.equal(bought.order.total, preview.quote.total, about);

      seen[bought.status] += 1;
      for (const code of bought.quote.tickets.flatMap((ticket) => ticket.codes)) codes.sold.add(code);
      for (const { code } of bought.refusals) codes.refused.add(code);
      if (bought.status === "accepted" && bought.quote.discount > 0) seen.discounted += 1;
      if (preview.applied.some(({ partial }) => partial)) seen.partial += 1;
      if (bought.refusals.some(({ to_qualify }) => to_qualify)) seen.mendable += 1;
      if (bought.order?.state === "confirmed") seen.free += 1;
      if (bought.order?.state === "held" && roll(2)) await host.pay(n, bought.order.total);
      if (bought.order && roll(4) === 0) await host.release(n, pick(["buyer_released", "forfeited"]), [0]);
    }
    t.diagnostic(JSON.stringify(seen));
    for (const code of ["KINDS", "FAMILY", "DAILY", "MORNING", "WEB"])
      assert.ok(codes.sold.has(code), `${code} was sold`);
    for (const code of ["DAILY", "EVENING", "DESK"]) assert.ok(codes.refused.has(code), `${code} was refused`);
    // If all orders were refused, or all were at full price, the prices would agree, too. So count the kinds.
    assert.ok(
      seen.accepted >= 50 &&
        seen.rejected >= 20 &&
        seen.discounted >= 30 &&
        seen.partial >= 3 &&
        seen.free >= 1 &&
        seen.mendable >= 3,
      JSON.stringify(seen),
    );
  });
