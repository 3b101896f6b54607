// A view costs the shop the same whether or not the code exists: the time of an answer must not tell what its text
// hides.
import assert from "node:assert/strict";
import { test } from "node:test";
import { openCheckout } from "../checkout.js";
import { eventWith } from "./support.js";

/** How often one view reads the promotions' codes, and how many counters it asks the store for. */
async function costOf(typed, email) {
  let asked = 0;
  const reads = [];
  const counted = (promo) =>
    Object.defineProperty({ ...promo }, "code", {
      enumerable: true,
      get() {
        asked += 1;
        return promo.code;
      },
    });
  const promos = [
    { code: "TEN", discount_percent: 10, max_uses: 5 },
    { code: "OFF", discount_percent: 50, active: false },
    { code: "GUESTS", discount_percent: 50, only_for: { email: ["ann@example.org"] } },
    { code: "OVER", discount_percent: 50, ends_at_ms: 1_700_000_000_000 },
    { code: "ELSEWHERE", discount_percent: 50, events: ["ball"] },
  ].map(counted);
  const event = { ...eventWith([], { max_tickets_per_identity: 4 }) };
  const store = {
    read: async (keys) => {
      reads.push(keys.length);
      return { counters: {}, existing: null };
    },
  };
  const checkout = openCheckout({
    database: { store, writing: () => () => {} },
    codes: { list: async () => promos.map((promo) => ({ promo })) },
    policy: { read: async () => event.policy },
    event,
    now: () => 1_800_000_000_000,
  });
  asked = 0;
  const { view } = await checkout.view({ codes: typed, identities: email ? { email } : {} });
  return { asked, reads, shown: view.promos.length };
}

for (const email of [null, "bob@example.org"])
  test(`a code that nobody wrote takes as long as a hidden one, ${email ? "with" : "without"} an e-mail`, async () => {
    const unknown = await costOf(["NOBODY"], email);
    assert.equal(unknown.shown, 0);
    assert.ok(unknown.asked > 0 && unknown.reads.length === 1 && unknown.reads[0] > 0, JSON.stringify(unknown));
    for (const code of ["OFF", "GUESTS", "OVER", "ELSEWHERE"])
      assert.deepEqual(await costOf([code], email), unknown, code);
    assert.deepEqual(await costOf(["TEN"], email), { ...unknown, shown: 1 });
  });
