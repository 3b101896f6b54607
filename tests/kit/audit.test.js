// Audit and repair: first with counters that are worked out by hand, then with hosts in processes of their own that
// sell while counters are spoilt and repaired.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { audit, confirm, redeem, release, repair } from "redeemable/host";
import { memoryStore } from "redeemable/memory";
import { report } from "redeemable/report";
import { audit as check } from "./audit.js";
import { DATABASES, sell, startHost, usesOf } from "./hosts.js";
import { STORES } from "./support.js";

const NOW = 1_800_000_000_000;
const now = () => NOW;
const [USES, SPEND] = ["code/event:gala:TEN/uses", "code/event:gala:TEN/spend/EUR"];
const add = (key, by) => ({ op: "add", key, by, at_most: null });
const order = (store, id, quantity, max_uses = 5) =>
  redeem(
    store,
    {
      codes: ["TEN"],
      promos: [{ code: "TEN", discount_percent: 10, max_uses }],
      order: {
        id,
        event_id: "gala",
        currency: "EUR",
        lines: [{ unit_price: 1000, quantity }],
        hold_until_ms: NOW + 1000,
      },
    },
    { now },
  );

for (const [name, open] of Object.entries(STORES)) {
  describe(`audit and repair on ${name}`, () => {
    const scene = (title, run) =>
      test(title, async (t) => {
        const { store, close, peer = store } = await open({ onDrift() {} });
        t.after(close);
        await run(store, peer);
      });
    const used = async (store) => (await store.read([USES, SPEND], null)).counters;

    scene("nothing differs, whatever was sold, confirmed and released", async (store) => {
      assert.deepEqual([await audit(store), await repair(store)], [[], []], "of nothing");
      await order(store, "a", 2);
      await order(store, "b", 3);
      await confirm(store, { id: "b", payment: { id: "p-1", total: 2700, currency: "EUR" } }, { now });
      await release(store, { id: "b", reason: "refunded", tickets: [1] }, { now });
      await release(store, { id: "a", reason: "payment_failed" }, { now });
      assert.deepEqual([await audit(store), await repair(store)], [[], []]);
      assert.deepEqual(await used(store), { [USES]: 2, [SPEND]: 200 });
    });

    scene("what differs is told by key and repaired, and the rest is left alone", async (store) => {
      await order(store, "a", 2);
      // One counter is too high, one is too low, and no record charges the third.
      await store.commit([add(USES, 2), add(SPEND, -150), add("code/event:gala:ZZZ/uses", 3)]);
      const drift = [
        { key: SPEND, used: 50, must: 200 },
        { key: USES, used: 4, must: 2 },
        { key: "code/event:gala:ZZZ/uses", used: 3, must: 0 },
      ];
      assert.deepEqual(await audit(store), drift);
      assert.deepEqual(await audit(store), drift, "an audit changes nothing");
      assert.equal((await order(store, "b", 2)).status, "rejected", "4 of 5 seem used");
      assert.deepEqual(await repair(store), drift);
      assert.deepEqual([await audit(store), await repair(store)], [[], []]);
      assert.deepEqual(await used(store), { [USES]: 2, [SPEND]: 200 });
      assert.equal((await order(store, "b", 3)).status, "accepted");
    });

    scene("a counter that is missing is 0", async (store) => {
      await store.commit((await order(memoryStore(), "a", 2)).ops.slice(0, 1));
      const drift = [
        { key: SPEND, used: 0, must: 200 },
        { key: USES, used: 0, must: 2 },
      ];
      assert.deepEqual([await audit(store), await repair(store), await audit(store)], [drift, drift, []]);
    });

    scene("a repair does not lower what was sold: above its limit a counter refuses", async (store) => {
      await order(store, "a", 5);
      await store.commit([add(USES, -4)]);
      assert.equal((await order(store, "b", 3)).status, "accepted", "nobody can know it yet");
      assert.deepEqual(await repair(store), [{ key: USES, used: 4, must: 8 }]);
      const {
        violations: [{ reason, remaining }],
      } = await order(store, "c", 1);
      assert.deepEqual([reason, remaining], ["uses_exhausted", 0]);
    });

    scene("two repairs at once do no harm, and each tells what it set", async (store, peer) => {
      await order(store, "a", 2);
      await store.commit([add(USES, 2), add(SPEND, 7)]);
      const told = (await Promise.all([repair(store), repair(peer)])).flat();
      assert.deepEqual(told.map(({ key, used, must }) => `${key} ${used} ${must}`).sort(), [
        `${SPEND} 207 200`,
        `${USES} 4 2`,
      ]);
      assert.deepEqual(await used(store), { [USES]: 2, [SPEND]: 200 });
    });

    scene("more records than a batch are added up", async (store) => {
      const {
        ops: [{ redemption }],
      } = await order(memoryStore(), "a", 2);
      await store.commit(
        Array.from({ length: 1001 }, (_, i) => ({ op: "insert", redemption: { ...redemption, id: `o-${i}` } })),
      );
      const drift = [
        { key: SPEND, used: 0, must: 200_200 },
        { key: USES, used: 0, must: 2002 },
      ];
      assert.deepEqual([await repair(store), await audit(store)], [drift, []]);
    });

    scene("a counter that was corrected meanwhile is compared again, and corrected by what is left", async (store) => {
      await order(store, "a", 3);
      await store.commit([add(USES, -2)]);
      const hasty = {
        ...store,
        async differences(asked) {
          const found = await store.differences(asked);
          // Somebody releases the order: more comes back than the counter holds, so it stops at 0.
          if (found.length > 0) await release(store, { id: "a", reason: "payment_failed" }, { now });
          return found;
        },
      };
      assert.deepEqual([await repair(hasty), await audit(store)], [[], []]);
      assert.deepEqual(await used(store), { [USES]: 0, [SPEND]: 0 });
    });
  });
}

test("records that are too large for one call together are added up: 400 of 1000 tickets", async (t) => {
  const { store, close } = await STORES.SQLite({ onDrift() {} });
  t.after(close);
  const {
    ops: [{ redemption }],
  } = await order(memoryStore(), "a", 1000, 1000);
  await store.commit(
    Array.from({ length: 400 }, (_, i) => ({ op: "insert", redemption: { ...redemption, id: `o-${i}` } })),
  );
  assert.deepEqual(await repair(store), [
    { key: SPEND, used: 0, must: 40_000_000 },
    { key: USES, used: 0, must: 400_000 },
  ]);
});

test("a database that asks to repeat is asked again, eight times in all", async () => {
  const store = memoryStore();
  await order(store, "a", 2);
  await store.commit([add(USES, 1)]);
  let asked = 0;
  const unlucky = (losses) => ({
    ...store,
    commit: async (...given) => (++asked > losses ? store.commit(...given) : false),
  });
  await assert.rejects(repair(unlucky(Infinity), { attempts: 2 }), { code: "busy", attempts: 2 });
  assert.equal(asked, 2);
  asked = 0;
  assert.deepEqual(await repair(unlucky(7)), [{ key: USES, used: 3, must: 2 }]);
  assert.equal(asked, 8);
  await assert.rejects(repair(store, { attempts: 0 }), { path: "options.attempts" });
  await assert.rejects(repair(store, { write() {} }), { code: "invalid_request", path: "options.write" });
});

for (const [name, { hosts: count, open }] of Object.entries(DATABASES)) {
  test(`${name}: ${count} hosts sell, orders are archived, counters repaired; no limit is exceeded`, async (t) => {
    const database = await open();
    t.after(() => database.close());
    const hosts = await Promise.all(Array.from({ length: count }, (_, n) => startHost(database.place(n))));
    t.after(() => {
      for (const host of hosts) host.kill();
    });
    const operator = await startHost(database.place(0), "operator.js");
    t.after(() => operator.kill());
    /** All hosts sell until their buyers are served, while the operator works. Returns how much is used. */
    const wave = async (code, buyers, spoil) => {
      const task = { code, limit: 250, atOnce: 8, settle: true, spoil };
      const repairing = sell(operator, task, (message) => Object.assign(operator, message));
      assert.deepEqual(
        await Promise.all(
          hosts.map((host, n) => sell(host, { ...task, name: `${code}${buyers}h${n}`, buyers }, () => {})),
        ),
        Array(count).fill("done"),
      );
      // The last buyer may have given a ticket back, and nobody is left who would take its use.
      const late = { ...task, name: `${code}late`, buyers: 4, atOnce: 1, settle: false };
      if (!spoil) assert.equal(await sell(hosts[0], late, () => {}), "done");
      operator.send("stop");
      assert.equal(await repairing, "done");
      const tables = await database.tables();
      check(tables);
      assert.ok(usesOf(tables, code) <= 250);
      return usesOf(tables, code);
    };
    let repaired = 0;
    let archived = 0;
    for (let waves = 1; repaired < 30; waves += 1) {
      assert.ok(waves <= 20, "counters were repaired while buyers bought");
      await wave(`W${waves}`, 60, true);
      repaired += operator.differing;
      archived += operator.archived;
      t.diagnostic(`${operator.rounds} repairs set ${operator.differing} counters`);
    }
    // While nobody spoils counters, an audit never finds anything, and each limit is reached exactly.
    let audits = 0;
    for (let waves = 1; audits < 20; waves += 1) {
      assert.ok(waves <= 20, "audits were made while buyers bought");
      assert.equal(await wave(`F${waves}`, 250, false), 250);
      assert.equal(operator.differing, 0);
      audits += operator.rounds;
    }
    assert.ok(archived > 0);
    t.diagnostic(`${audits} audits while buyers bought, ${archived} orders archived while counters were repaired`);
  });
}

test("a record that was released and placed again many times can still be read", async () => {
  const store = memoryStore();
  // The record remembers each release of the unpaid order under the release's id.
  for (let i = 0; i < 100; i += 1) {
    await order(store, "a", 1000, 1000);
    await release(store, { id: "a", reason: "buyer_released", release_id: `r${i}` }, { now });
  }
  await order(store, "a", 1);
  await assert.rejects(release(store, { id: "a", reason: "buyer_released", release_id: "another" }, { now }), {
    path: "release.id",
  });
  const { existing: record } = await store.read([], "a");
  // If `few` did not count the releases, it would put more of these records into one call than the engine takes.
  const records = Array.from({ length: 180 }, (_, i) => ({ ...record, id: `b${i}` }));
  const { rows } = await report({ scan: async (visit) => visit({ redemptions: records, counters: {} }) });
  const { uses, discount } = rows.find(({ code }) => code !== null).held;
  assert.deepEqual([uses, discount], [180, 18_000]);
  assert.equal((await release(store, { id: "a", reason: "buyer_released" }, { now })).status, "released");
});
