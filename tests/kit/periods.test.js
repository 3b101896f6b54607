// `zone`, `prune`, and what `audit` says of counters of days, weeks and months.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { audit, prune, redeem, release, repair, zone } from "redeemable/host";
import { STORES } from "./support.js";

const zones = JSON.parse(readFileSync(new URL("../zones.json", import.meta.url), "utf8"));

describe("zone", () => {
  for (const { about, name, from_ms, to_ms, zone: offsets } of zones.cases) {
    test(`${name}: ${about}`, () => assert.equal(JSON.stringify(zone(name, from_ms, to_ms)), JSON.stringify(offsets)));
  }
  for (const { name, from_ms, to_ms, path, message } of zones.errors) {
    test(`refuses ${name} from ${from_ms} to ${to_ms}`, () =>
      assert.throws(() => zone(name, from_ms, to_ms), { code: "invalid_request", path, message }));
  }
});

// Sunday, 29 November 2026, 11:00 in UTC. Clocks in Berlin show 12:00.
const NOW = 1_795_950_000_000;
const DAY = 24 * 60 * 60 * 1000;
const ANN = "email:ann@example.org";
const SCOPE = "code/event:gala:TEN";
const KEYS = [
  `${SCOPE}/day/2026-11-29/uses`,
  `${SCOPE}/day/2026-11-29/by/${ANN}`,
  `${SCOPE}/week/2026-W48/uses`,
  `${SCOPE}/month/2026-11/uses`,
];
// The moments at which these periods are over everywhere on earth, 14 hours after their end in UTC:
// 30 November (the end of the Sunday, and of its week) and 1 December, each at 14:00.
const OVER = { day: 1_796_047_200_000, week: 1_796_047_200_000, month: 1_796_133_600_000 };

const order = (store, id, now) =>
  redeem(
    store,
    {
      codes: ["TEN"],
      promos: [
        {
          code: "TEN",
          discount_percent: 10,
          per_period: [
            { every: "month", max_uses: 50 },
            { every: "day", max_uses: 3, max_uses_per_identity: 2 },
            { every: "week", max_uses: 9 },
          ],
        },
      ],
      policy: { zone: zone("Europe/Berlin", NOW - DAY, NOW + DAY) },
      order: {
        id,
        event_id: "gala",
        currency: "EUR",
        identities: { email: "ann@example.org" },
        lines: [{ unit_price: 1000, quantity: 2 }],
        hold_until_ms: now + 1000,
      },
    },
    { now: () => now },
  );

for (const [name, open] of Object.entries(STORES)) {
  describe(`counters of periods on ${name}`, () => {
    const scene = (title, run) =>
      test(title, async (t) => {
        const drifted = [];
        const { store, close } = await open({ onDrift: (key) => drifted.push(key) });
        t.after(close);
        await run(store, drifted);
      });
    const used = async (store) => (await store.read(KEYS, null)).counters;

    scene("what is sold on a day is counted on that day", async (store) => {
      assert.equal((await order(store, "a", NOW)).status, "accepted");
      assert.deepEqual(await used(store), Object.fromEntries(KEYS.map((key) => [key, 2])));
      const again = await order(store, "b", NOW);
      const short = again.violations.map(({ reason, counter }) => [reason, counter]);
      assert.deepEqual(short, [
        ["period_uses_exhausted", KEYS[0]],
        ["period_identity_uses_exhausted", KEYS[1]],
      ]);
      // The hold lapses at 12:00:01. Twelve hours later, at Monday 00:00, nobody has used the code yet.
      assert.equal((await order(store, "c", NOW + DAY / 2)).status, "accepted");
    });

    scene("audit leaves out periods that ended long ago, and prune deletes them", async (store, drifted) => {
      await order(store, "a", NOW);
      await store.commit(KEYS.map((key) => ({ op: "add", key, by: 1, at_most: null })));
      const differing = async (now) => (await audit(store, { now: () => now })).map(({ key }) => key);
      assert.deepEqual(await differing(OVER.day + 400 * DAY), [...KEYS].sort());
      assert.deepEqual(await differing(OVER.day + 400 * DAY + 1), [KEYS[3]]);
      assert.deepEqual(await differing(OVER.month + 400 * DAY + 1), []);
      assert.deepEqual(await repair(store, { now: () => OVER.month + 400 * DAY + 1 }), []);

      const at = (now) => ({ now: () => now });
      const late = { code: "invalid_request", path: "before_ms" };
      await assert.rejects(prune(store, OVER.day + 1, at(OVER.day + 400 * DAY)), late);
      assert.equal(await prune(store, OVER.day, at(OVER.day + 400 * DAY)), 0);
      assert.equal(await prune(store, OVER.day + 1, at(OVER.day + 1 + 400 * DAY)), 3);
      assert.deepEqual(await used(store), { [KEYS[3]]: 3 });
      assert.equal(await prune(store, OVER.month + 1, at(OVER.month + 1 + 400 * DAY)), 1);

      // What comes back for a period that was pruned has nothing to come back to.
      await release(store, { id: "a", reason: "payment_failed" }, at(OVER.month + 1 + 400 * DAY));
      assert.deepEqual([drifted, await used(store)], [[], {}]);
      assert.deepEqual(await differing(OVER.month + 400 * DAY + 1), []);
    });
  });
}
