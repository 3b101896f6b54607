// What each call does on each store, with a clock that the test moves. Expected values are worked out by hand.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { audit, confirm, preview, redeem, release, sweep } from "redeemable/host";
import { STORES } from "./support.js";

const NOW = 1_800_000_000_000;
const HOLD = 600_000;
const DOCUMENTS = JSON.parse(readFileSync(new URL("../documents.json", import.meta.url), "utf8"));
const TEN = { code: "TEN", discount_percent: 10, max_uses: 3 };
const uses = (code) => `code/event:gala:${code}/uses`;
const spend = (code) => `code/event:gala:${code}/spend/EUR`;

/** A shop that sells seats for 1000, and writes a row for each ticket that is not released. */
async function openShop(t, open, promos, policy) {
  const opened = await open({ onDrift: (key) => assert.fail(`${key} has drifted`) });
  t.after(() => opened.close());
  const { store, put } = opened;
  const shop = { store, now: NOW, writes: 0 };
  // The synchronous stores take no promise from `write`.
  const write = (transaction, redemptions) => {
    shop.writes += 1;
    const written = redemptions.map(({ id, revision }) => put(transaction, `${id} ${revision}`));
    return written.some((each) => typeof each?.then === "function") ? Promise.all(written) : undefined;
  };
  const request = (id, quantity, codes, email, others) => ({
    codes,
    promos,
    policy,
    order: {
      id,
      event_id: "gala",
      currency: "EUR",
      lines: [{ ticket_type: "seat", unit_price: 1000, quantity }],
      identities: { email },
      hold_until_ms: shop.now + HOLD,
      ...others,
    },
  });
  return Object.assign(shop, {
    options: () => ({ now: () => shop.now, write }),
    preview: (id, quantity, codes = ["TEN"]) =>
      preview(store, request(id, quantity, codes, `${id}@example.org`), shop.options()),
    redeem: (id, quantity, codes = ["TEN"], email = `${id}@example.org`, others = {}) =>
      redeem(store, request(id, quantity, codes, email, others), shop.options()),
    confirm: (id, total, payment = "p-1", others = {}) =>
      confirm(store, { id, payment: { id: payment, total, currency: "EUR" }, ...others }, shop.options()),
    release: (id, reason, tickets, release_id) => release(store, { id, reason, tickets, release_id }, shop.options()),
    sweep: () => sweep(store, shop.options()),
    used: async (...keys) => {
      const { counters } = await store.read(keys, null);
      return keys.map((key) => counters[key] ?? 0);
    },
    record: async (id) => (await store.read([], id)).existing,
    rows: opened.rows,
  });
}

for (const [name, open] of Object.entries(STORES)) {
  describe(`the kit on ${name}`, () => {
    const scene = (title, promos, run, policy) =>
      test(title, async (t) => run(await openShop(t, open, promos, policy)));

    scene("an order is redeemed once, and answered again", [TEN], async (shop) => {
      const first = await shop.redeem("a", 2, [" ten "]);
      assert.deepEqual(
        [
          first.status,
          first.replayed,
          first.quote.subtotal,
          first.quote.discount,
          first.quote.total,
          first.applied[0].remaining,
        ],
        ["accepted", false, 2000, 200, 1800, 1],
      );
      assert.deepEqual(await shop.used(uses("TEN"), spend("TEN")), [2, 200]);
      const stored = await shop.record("a");
      assert.deepEqual(stored, first.ops[0].redemption);
      assert.deepEqual([stored.state, stored.revision, stored.expires_at_ms], ["held", 1, NOW + HOLD]);

      const again = await shop.redeem("a", 2, ["TEN"]);
      assert.deepEqual([again.status, again.replayed, again.ops, again.quote.total], ["accepted", true, [], 1800]);
      assert.deepEqual(await shop.used(uses("TEN"), spend("TEN")), [2, 200]);
      assert.deepEqual(await shop.rows(), ["a 1"]);
      assert.equal(shop.writes, 1, "nothing is written for a replay");

      shop.now += 1000;
      const extended = await shop.redeem("a", 2);
      assert.deepEqual([extended.replayed, extended.ops.map(({ op }) => op)], [true, ["update"]]);
      assert.equal((await shop.record("a")).expires_at_ms, NOW + 1000 + HOLD);
      assert.deepEqual(await shop.used(uses("TEN"), spend("TEN")), [2, 200]);
    });

    scene("an order that changes is judged without itself", [TEN], async (shop) => {
      await shop.redeem("a", 3);
      const amended = await shop.redeem("a", 2);
      assert.deepEqual([amended.status, amended.replayed, amended.quote.total], ["accepted", false, 1800]);
      assert.deepEqual(await shop.used(uses("TEN"), spend("TEN")), [2, 200]);
      assert.equal((await shop.redeem("a", 4)).status, "rejected");
      assert.deepEqual(await shop.used(uses("TEN"), spend("TEN")), [2, 200]);
      assert.deepEqual([(await shop.record("a")).revision, await shop.rows()], [2, ["a 1", "a 2"]]);
      const stale = await shop.confirm("a", 2700);
      assert.deepEqual([stale.status, stale.money], ["stale_payment", "returned"]);
      await shop.redeem("a", 3);
      assert.deepEqual(
        [(await shop.confirm("a", 2700)).status, (await shop.record("a")).state],
        ["already_returned", "held"],
        "changed back, and what went back buys nothing",
      );
      await shop.redeem("a", 2);
      assert.deepEqual(
        [
          (await shop.confirm("a", 1800, "p-2")).status,
          (await shop.record("a")).payments.map(({ id, outcome }) => [id, outcome]),
        ],
        [
          "confirmed",
          [
            ["p-1", "returned"],
            ["p-2", "kept"],
          ],
        ],
      );
      const other = await shop.redeem("a", 1);
      assert.deepEqual([other.status, other.violations[0].reason], ["rejected", "already_confirmed"]);
    });

    scene("a refusal stores nothing", [TEN], async (shop) => {
      const refused = await shop.redeem("a", 4);
      assert.deepEqual(
        [
          refused.status,
          refused.ops,
          refused.violations.map(({ reason, limit, used, remaining }) => [reason, limit, used, remaining]),
        ],
        ["rejected", [], [["uses_exhausted", 3, 0, 3]]],
      );
      assert.equal((await shop.redeem("b", 1, ["NOPE"])).violations[0].reason, "unknown_code");
      assert.deepEqual(
        [await shop.record("a"), await shop.used(uses("TEN")), await shop.rows(), shop.writes],
        [null, [0], [], 0],
      );
    });

    scene(
      "lapsed holds make room, those that are in the way and no others",
      [
        { ...TEN, max_uses: 2 },
        { code: "OTHER", discount_percent: 50, max_uses: 1 },
      ],
      async (shop) => {
        await shop.redeem("a", 2);
        await shop.redeem("b", 1, ["OTHER"]);
        shop.now += HOLD - 1;
        assert.equal((await shop.redeem("c", 1)).violations[0].reason, "uses_exhausted");
        shop.now += 1;
        const decision = await shop.redeem("c", 1);
        assert.deepEqual(
          decision.ops.map(({ op, id, redemption, key, by }) => [op, id ?? redemption?.id ?? key, by ?? null]),
          [
            ["update", "a", null],
            ["insert", "c", null],
            ["add", spend("TEN"), -100],
            ["add", uses("TEN"), -1],
          ],
        );
        assert.deepEqual([(await shop.record("a")).state, (await shop.record("b")).state], ["released", "held"]);
        assert.deepEqual(await shop.used(uses("TEN"), spend("TEN"), uses("OTHER"), spend("OTHER")), [1, 100, 1, 500]);
        assert.deepEqual(
          (await shop.rows()).sort(),
          ["a 1", "a 2", "b 1", "c 1"],
          "the host is told of the order that made room",
        );
      },
    );

    scene(
      "a lapsed hold makes room for a promotion that nobody typed, if that helps",
      [{ code: "EARLY", discount_percent: 10, max_uses: 2, automatic: true }],
      async (shop) => {
        assert.equal((await shop.redeem("a", 2, [])).quote.total, 1800);
        const full = await shop.redeem("b", 1, []);
        assert.deepEqual(
          [full.status, full.quote.total, full.passed_over],
          ["accepted", 1000, [{ code: "EARLY", reason: "uses_exhausted", counter: uses("EARLY") }]],
        );
        shop.now += HOLD;
        // Three do not fit, whatever is released: the hold stays.
        assert.equal((await shop.redeem("c", 3, [])).quote.total, 3000);
        assert.equal((await shop.record("a")).state, "held");
        const decision = await shop.redeem("d", 2, []);
        assert.deepEqual([decision.quote.total, decision.passed_over], [1800, []]);
        assert.deepEqual([(await shop.record("a")).state, await shop.used(uses("EARLY"))], ["released", [2]]);
      },
    );

    scene(
      "a buyer who agreed to the price of a promotion gets it, if a lapsed hold makes room",
      [{ code: "HALF", discount_percent: 50, max_uses: 1, automatic: true }],
      async (shop) => {
        await shop.redeem("a", 1, []);
        shop.now += HOLD;
        assert.equal((await shop.preview("b", 1, [])).quote.total, 500);
        const agreed = (id, max_total) => shop.redeem(id, 1, [], undefined, { max_total });
        assert.deepEqual((await agreed("c", 499)).violations[0].reason, "price_changed");
        assert.equal((await shop.record("a")).state, "held");
        const decision = await agreed("b", 500);
        assert.deepEqual([decision.status, decision.quote.total], ["accepted", 500]);
        assert.deepEqual([(await shop.record("a")).state, await shop.used(uses("HALF"))], ["released", [1]]);
      },
    );

    scene(
      "a lapsed hold makes room for the better offer, although another one is used up",
      [
        { code: "HALF", discount_percent: 50, max_uses: 1, automatic: true },
        { code: "FIFTH", discount_percent: 20, max_uses: 1, automatic: true },
        { code: "TENTH", discount_percent: 10, max_uses: 5, automatic: true },
      ],
      async (shop) => {
        assert.equal((await shop.redeem("a", 1, [])).quote.total, 500);
        shop.now += HOLD / 2;
        assert.equal((await shop.redeem("b", 1, [])).quote.total, 800);
        shop.now += HOLD / 2;
        assert.equal((await shop.redeem("c", 1, [])).quote.total, 500);
        assert.equal((await shop.record("a")).state, "released");
      },
      { choose: "best" },
    );

    scene(
      "a person's own lapsed hold makes room",
      [{ ...TEN, max_uses: null, max_uses_per_identity: 1 }],
      async (shop) => {
        await shop.redeem("a", 1, ["TEN"], "ann@example.org");
        assert.equal(
          (await shop.redeem("b", 1, ["TEN"], "Ann+b@example.org")).violations[0].reason,
          "identity_uses_exhausted",
        );
        shop.now += HOLD;
        assert.equal((await shop.redeem("b", 1, ["TEN"], "Ann+b@example.org")).status, "accepted");
        assert.equal((await shop.record("a")).state, "released");
      },
    );

    scene(
      "a policy's cap counts free tickets over all orders",
      [{ code: "COMP", discount: { kind: "free" } }],
      async (shop) => {
        const first = await shop.redeem("a", 2, ["COMP"], "ann@example.org");
        assert.deepEqual([first.quote.payment, (await shop.record("a")).state], ["none", "confirmed"]);
        assert.equal(
          (await shop.redeem("b", 1, ["COMP"], "ann@example.org")).violations[0].reason,
          "free_tickets_exhausted",
        );
        assert.equal((await shop.release("a", "buyer_released")).refundable, 0);
        assert.equal((await shop.redeem("b", 1, ["COMP"], "ann@example.org")).status, "accepted");
      },
      { max_free_tickets_per_identity: 2 },
    );

    scene(
      "a payment confirms, in time or late, while the tickets still fit",
      [{ ...TEN, max_uses: 1 }],
      async (shop) => {
        assert.equal(await shop.confirm("a", 900), null);
        await shop.redeem("a", 1);
        shop.now += HOLD + 1;
        assert.equal((await shop.confirm("a", 900)).status, "confirmed", "lapsed, but nobody has taken it back");
        assert.equal((await shop.confirm("a", 900)).status, "already_confirmed");
        const twice = await shop.confirm("a", 900, "p-2");
        assert.deepEqual([twice.status, twice.money], ["paid_twice", "returned"]);
        await shop.release("a", "refunded");
        const again = await shop.confirm("a", 900);
        assert.deepEqual(
          [again.status, again.money],
          ["already_confirmed", "kept"],
          "what is owed for the tickets was said by the release",
        );
        const other = await shop.confirm("a", 900, "p-3");
        assert.deepEqual([other.status, other.money], ["released", "returned"]);

        await shop.redeem("b", 1);
        shop.now += HOLD;
        assert.equal(await shop.sweep(), 1);
        assert.deepEqual(await shop.used(uses("TEN"), spend("TEN")), [0, 0]);
        assert.equal((await shop.confirm("b", null)).status, "confirmed", "released, but it still fits");
        assert.deepEqual(await shop.used(uses("TEN"), spend("TEN")), [1, 100]);

        await shop.release("b", "refunded");
        await shop.redeem("c", 1);
        shop.now += HOLD;
        await shop.redeem("d", 1);
        const late = await shop.confirm("c", 900);
        assert.deepEqual(
          [late.status, late.violations.map(({ reason, used, limit }) => [reason, used, limit])],
          ["late_payment_conflict", [["uses_exhausted", 1, 1]]],
        );
        assert.deepEqual([(await shop.record("c")).state, await shop.used(uses("TEN"))], ["released", [1]]);
        assert.equal(
          (await shop.confirm("c", 900, "p-1", { over_limit: true })).status,
          "already_returned",
          "what went back stays back",
        );
        const asked = await shop.confirm("c", 900, "p-2", { dry: true });
        assert.deepEqual(
          [asked.status, asked.money, asked.ops],
          ["late_payment_conflict", "returned", []],
          "only asked",
        );
        assert.equal(
          (await shop.confirm("c", 900, "p-2", { over_limit: true })).status,
          "confirmed",
          "the host has decided to exceed the limit",
        );
        assert.deepEqual(await shop.used(uses("TEN"), spend("TEN")), [2, 200]);
        assert.deepEqual((await shop.confirm("c", 900)).money, "returned", "the first one stays where it went");
      },
    );

    scene("a release gives back what its reason says, once", [TEN], async (shop) => {
      assert.equal(await shop.release("a", "refunded"), null);
      await shop.redeem("a", 3);
      await shop.confirm("a", 2700);
      const one = await shop.release("a", "buyer_released", [1, 1]);
      assert.deepEqual([one.status, one.tickets, one.refundable], ["released", [1], 900]);
      assert.deepEqual(await shop.used(uses("TEN"), spend("TEN")), [2, 200]);
      assert.deepEqual((await shop.release("a", "forfeited", [0])).tickets, [0]);
      assert.deepEqual(await shop.used(uses("TEN"), spend("TEN")), [2, 200], "forfeited tickets keep theirs");
      const rest = await shop.release("a", "refunded");
      assert.deepEqual([rest.tickets, rest.refundable], [[2], 900]);
      assert.deepEqual(
        [(await shop.release("a", "refunded")).status, await shop.used(uses("TEN"), spend("TEN"))],
        ["already_released", [1, 100]],
      );
      assert.deepEqual(await shop.rows(), ["a 1", "a 2", "a 3", "a 4", "a 5"]);
    });

    scene("a release with an id is answered again as it was", [TEN], async (shop) => {
      await shop.redeem("a", 2);
      await shop.confirm("a", 1800);
      const first = await shop.release("a", "buyer_released", [0], "r-1");
      assert.deepEqual([first.status, first.tickets, first.refundable], ["released", [0], 900]);
      const lost = await shop.release("a", "buyer_released", [0], "r-1");
      assert.deepEqual([lost.status, lost.tickets, lost.refundable, lost.ops], ["already_released", [0], 900, []]);
      const other = await shop.release("a", "refunded", [0], "r-2");
      assert.deepEqual([other.status, other.tickets, other.refundable], ["already_released", [], 0]);
      assert.deepEqual(
        [await shop.used(uses("TEN")), (await shop.record("a")).releases.map(({ id, refundable }) => [id, refundable])],
        [[1], [["r-1", 900]]],
      );
    });

    scene("a sweep releases every hold that has lapsed, and no other", [{ ...TEN, max_uses: null }], async (shop) => {
      for (let i = 0; i < 105; i += 1) await shop.redeem(`lapsed-${i}`, 1);
      await shop.redeem("paid", 1);
      await shop.confirm("paid", 900);
      shop.now += 1;
      await shop.redeem("open", 1);
      shop.now += HOLD - 1;
      assert.equal(await shop.sweep(), 105);
      assert.equal(await shop.sweep(), 0);
      assert.deepEqual(
        [(await shop.record("open")).state, (await shop.record("paid")).state, (await shop.record("lapsed-104")).state],
        ["held", "confirmed", "released"],
      );
      assert.deepEqual(await shop.used(uses("TEN"), spend("TEN")), [2, 200]);
    });

    const heavy = (count) =>
      ["A", "B"].map((code) => ({
        code,
        discount_percent: 1,
        combines: true,
        pools: Array.from({ length: count }, (_, n) => ({ id: `${code}${n}`, budget: 1_000_000 })),
      }));
    scene("the heaviest order is sold, answered again, paid, given back and swept", heavy(24), async (shop) => {
      // Two codes with 24 pools each; codes and pools count uses and money: 100 counters, and each of 1000 tickets
      // charges all of them.
      const { ops } = await shop.redeem("a", 1000, ["A", "B"]);
      assert.equal(
        ops[0].redemption.charges.reduce((sum, { tickets }) => sum + tickets.length, 0),
        100_000,
      );
      assert.equal((await shop.redeem("a", 1000, ["A", "B"])).replayed, true);
      // 1 % off 1000 leaves 990, and 1 % off 990 leaves 980.1, which is rounded to 980.
      assert.equal((await shop.confirm("a", 980_000)).status, "confirmed");
      assert.equal((await shop.release("a", "refunded", [0])).refundable, 980);
      assert.equal((await shop.redeem("b", 1000, ["A", "B"])).status, "accepted");
      shop.now += HOLD;
      assert.deepEqual([await shop.sweep(), await audit(shop.store)], [1, []]);
      assert.deepEqual(
        await shop.used(uses("A"), spend("A"), "pool/B23/uses", "pool/B23/spend/EUR"),
        [999, 9990, 999, 9990],
      );
    });

    scene("an order that is heavier than that is an error before anything is stored", heavy(25), async (shop) => {
      await assert.rejects(shop.redeem("a", 1000, ["A", "B"]), {
        code: "invalid_request",
        path: "order.lines",
        message: "expected at most 100000 ticket references in charges, found 104000",
      });
      assert.equal(await shop.record("a"), null);
    });

    // The request has every field that there is, so a limit for which the kit lacks something fails here.
    test("an order under every limit is sold, and gives back what it has charged", async (t) => {
      const { usage: _, now_ms, ...request } = DOCUMENTS.validateRedemption;
      const shop = await openShop(t, open);
      shop.now = now_ms;
      assert.equal((await preview(shop.store, request, shop.options())).status, "accepted");
      assert.equal((await redeem(shop.store, request, shop.options())).status, "accepted");
      assert.deepEqual(await audit(shop.store), []);
      await shop.release(request.order.id, "buyer_released");
      const charged = (await shop.record(request.order.id)).charges.map(({ key }) => key);
      assert.deepEqual(new Set(await shop.used(...charged)), new Set([0]));
    });

    scene("a preview sees the counters and stores nothing", [TEN], async (shop) => {
      await shop.redeem("a", 2);
      const seen = await shop.preview("a", 2);
      assert.deepEqual(
        [seen.status, seen.replayed, seen.ops, seen.violations[0].reason],
        ["rejected", false, [], "uses_exhausted"],
      );
      const fits = await shop.preview("b", 1);
      assert.deepEqual([fits.status, fits.ops, fits.quote.total, fits.applied[0].remaining], ["accepted", [], 900, 0]);
      assert.deepEqual([await shop.record("b"), await shop.used(uses("TEN")), shop.writes], [null, [2], 1]);
    });

    scene("many buyers at once share what there is", [{ ...TEN, max_uses: 5 }], async (shop) => {
      // A buyer who is told "busy" asks again, as a browser would.
      const buy = (id) =>
        shop.redeem(id, 1).catch((error) => (error.code === "busy" ? buy(id) : Promise.reject(error)));
      const answers = await Promise.all(Array.from({ length: 12 }, (_, i) => buy(`o-${i}`)));
      assert.equal(answers.filter(({ status }) => status === "accepted").length, 5);
      assert.deepEqual(await shop.used(uses("TEN"), spend("TEN")), [5, 500]);
      assert.equal((await shop.rows()).length, 5);
    });
  });
}
