// A Galera cluster of three nodes, that of scripts/galera, with hosts in both languages.
// ROUNDS is how many rounds of each fault are played; by default one of each, but for one that is left out by chance.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import mysql from "mysql2/promise";
import { audit, confirm, redeem, split } from "redeemable/host";
import { mysqlStore } from "redeemable/mysql";
import { mysqlOver } from "redeemable/over";
import { mysqlBridge } from "../bridges.js";
import * as galera from "../faults/galera.js";
import { run } from "../faults/run.js";

const ROUNDS = Number(process.env.ROUNDS ?? 1);
const leftOut = process.env.ROUNDS ? null : galera.kinds[Math.floor(Math.random() * galera.kinds.length)];
const urls = process.env.GALERA_URLS?.split(" ") ?? [];

/** A pool on a node; a store reads only what is not behind if the setting says so. */
function poolOn(n, waits = 1) {
  const pool = mysql.createPool({ uri: urls[n], connectionLimit: 8 });
  pool.on("connection", (connection) => connection.query(`SET SESSION wsrep_sync_wait = ${waits}`));
  return pool;
}

const promos = [{ code: "EARLY", discount_percent: 20, max_uses: 100 }];
const request = (id, quantity = 1) => ({
  codes: ["early"],
  promos,
  order: {
    id,
    event_id: "gala",
    currency: "EUR",
    lines: [{ unit_price: 1000, quantity }],
    hold_until_ms: Date.now() + 600_000,
  },
});
const USES = "code/event:gala:EARLY/uses";

test(`${ROUNDS} rounds of each fault on Galera lose nothing, count nothing twice`, async (t) => {
  const kinds = galera.kinds.filter((kind) => kind !== leftOut);
  const seed = Math.floor(Math.random() * 2 ** 30);
  const played = await run({ ...galera, kinds }, ROUNDS, seed, (line) => t.diagnostic(line));
  assert.deepEqual(
    Object.entries(played).map(([kind, { met }]) => [kind, met]),
    kinds.map((kind) => [kind, ROUNDS]),
  );
});

describe("three nodes", () => {
  let pools;
  before(() => {
    pools = [0, 1, 2].map((n) => poolOn(n));
  });
  after(() => Promise.all(pools.map((pool) => pool.end())));
  const emptied = async () => {
    await mysqlStore(pools[0]).migrate();
    for (const table of ["redemptions", "counters", "held", "persons", "archive", "parts"])
      await pools[0].query(`DELETE FROM redeemable_${table}`);
  };

  test("a payment is known at a node that is behind the node that sold", async (t) => {
    await emptied();
    const stores = [mysqlStore(pools[0]), mysqlStore(pools[1])];
    await redeem(stores[1], request("first"));
    const lagging = poolOn(1, 0);
    t.after(() => lagging.end());
    const behind = await lagging.getConnection();
    t.after(() => behind.destroy());
    // While this lock is held, the node stores nothing that others send.
    await behind.query("FLUSH TABLES WITH READ LOCK");
    await redeem(stores[0], request("order"));
    assert.deepEqual(
      (await behind.query("SELECT id FROM redeemable_redemptions"))[0].map(({ id }) => String(id)),
      ["first"],
    );
    const paid = confirm(stores[1], { id: "order", payment: { id: "p", total: 800, currency: "EUR" } });
    paid.catch(() => {});
    await new Promise((resume) => {
      setTimeout(resume, 200);
    });
    await behind.query("UNLOCK TABLES");
    assert.equal((await paid).status, "confirmed");
  });

  test("a store refuses a connection whose reads may be behind, also in the host's transaction", async (t) => {
    await emptied();
    const pool = poolOn(1, 0);
    t.after(() => pool.end());
    const bridge = mysqlBridge(pool, { setsIsolation: false });
    const behind = { message: /may be behind .*: expected wsrep_sync_wait = 1, found 0$/ };
    for (const store of [mysqlStore(pool), mysqlOver(bridge)]) {
      await assert.rejects(redeem(store, request("a")), behind);
      await assert.rejects(
        bridge.transaction((transaction) => redeem(store, request("a"), { transaction })),
        behind,
      );
    }
    assert.deepEqual((await pools[0].query("SELECT id FROM redeemable_redemptions"))[0], []);
  });

  for (const parts of [1, 6]) {
    const how = parts === 1 ? "one row" : `${parts} parts`;
    test(`three nodes sell 100 uses out at once, exactly, from ${how}`, async (t) => {
      await emptied();
      const stores = pools.map((pool) => mysqlStore(pool));
      if (parts > 1) await split(stores[0], USES, parts);
      const sold = new Map();
      const buy = async (id, node, wanted) => {
        for (let quantity = wanted; quantity > 0; ) {
          try {
            const decision = await redeem(stores[node], request(id, quantity));
            if (decision.status === "accepted") return sold.set(id, quantity);
            quantity = Math.min(...decision.violations.map(({ remaining }) => remaining));
          } catch (error) {
            if (error.code !== "busy") throw error;
          }
        }
        return undefined;
      };
      const began = performance.now();
      // 240 wanted uses: 60 buyers of 1 to 3 tickets at two nodes each, as if each had clicked twice.
      await Promise.all(
        Array.from({ length: 60 }, (_, n) => n).flatMap((n) =>
          [n, n + 1].map((node) => buy(`o${n}`, node % 3, 1 + (n % 3))),
        ),
      );
      t.diagnostic(`${sold.size} orders in ${Math.round(performance.now() - began)} ms`);
      const total = [...sold.values()].reduce((sum, quantity) => sum + quantity, 0);
      assert.equal(total, 100);
      for (const store of stores) {
        assert.deepEqual(await audit(store), []);
        assert.equal((await store.read([USES])).counters[USES], 100);
      }
    });
  }
});
