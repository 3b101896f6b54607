// Whoever holds a counter, for example in a console, does not hold the shop: a plan waits for it no longer than two
// seconds, or less if the host says so. In a transaction of the host's it waits as the host says.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { audit, redeem } from "redeemable/host";
import { mysqlStore } from "redeemable/mysql";
import { mysqlOver, postgresOver } from "redeemable/over";
import { postgresStore } from "redeemable/postgres";
import { mysqlBridge, pgBridge } from "./bridges.js";
import { mysqlDatabase, postgresSchema } from "./support.js";

const NOW = 1_800_000_000_000;
const now = () => NOW;
const request = (id) => ({
  codes: ["TEN"],
  promos: [{ code: "TEN", discount_percent: 10, max_uses: 9 }],
  order: {
    id,
    event_id: "gala",
    currency: "EUR",
    lines: [{ unit_price: 1000, quantity: 1 }],
    hold_until_ms: NOW + 60_000,
  },
});

/** What it takes to begin a transaction, and to ask for and set how long a session waits for a lock. */
const POSTGRES = {
  open: postgresSchema,
  begin: "BEGIN",
  asks: "SELECT current_setting('lock_timeout') AS waits",
  waits: ["0", "1h"],
  longer: (config) => ({ options: `${config.options} -c lock_timeout=3600000` }),
  shorter: (config) => ({ options: `${config.options} -c lock_timeout=20` }),
};
const MYSQL = {
  open: mysqlDatabase,
  begin: "START TRANSACTION",
  asks: "SELECT @@innodb_lock_wait_timeout AS waits",
  waits: ["50", "3600"],
  longer: 3600,
  shorter: 1,
};
const KINDS = {
  "pg's pool": [POSTGRES, postgresStore, pgBridge],
  "a bridge over PostgreSQL": [POSTGRES, (pool) => postgresOver(pgBridge(pool)), pgBridge],
  "mysql2's pool": [MYSQL, mysqlStore, mysqlBridge],
  "a bridge over MariaDB": [MYSQL, (pool) => mysqlOver(mysqlBridge(pool)), mysqlBridge],
};

describe("a counter that somebody holds", { concurrency: true }, () => {
  for (const [name, [database, storeOn, bridge]] of Object.entries(KINDS)) {
    describe(name, { concurrency: true }, () => {
      const rowsOf = (answer) => (Array.isArray(answer) ? answer[0] : answer.rows);
      const waits = async (client) => String(rowsOf(await client.query(database.asks))[0].waits);

      /** Opens stores of the host's with each setting, sells one order, and lets another session hold all counters. */
      async function opened(t) {
        const place = await database.open();
        t.after(() => place.close());
        const set = (setting) => {
          if (typeof setting === "function") return place.pool(setting(place.config));
          const pool = place.pool();
          pool.on("connection", (connection) => connection.query(`SET innodb_lock_wait_timeout = ${setting}`));
          return pool;
        };
        const pools = [place.pool(), set(database.longer), set(database.shorter)];
        const [store, longer, shorter] = pools.map((pool) => storeOn(pool));
        await redeem(store, request("first"), { now });
        const client = await (place.admin.getConnection?.() ?? place.admin.connect());
        await client.query(database.begin);
        await client.query("SELECT * FROM redeemable_counters FOR UPDATE");
        const letGo = async () => {
          await client.query("COMMIT");
          client.release();
        };
        return { stores: [store, longer], store, shorter, transaction: bridge(pools[0]).transaction, letGo };
      }

      for (const [setting, index] of [
        ["no limit of the host's", 0],
        ["a longer one", 1],
      ])
        test(`a plan waits no longer than two seconds for a counter, with ${setting}`, async (t) => {
          const { stores, letGo } = await opened(t);
          const store = stores[index];
          const seen = [];
          const write = async (transaction) => {
            seen.push(await waits(transaction));
          };
          // The counters are let go only afterwards, so without a limit these calls would wait for ever.
          await assert.rejects(redeem(store, request("held"), { now, write, attempts: 1 }), { code: "busy" });
          await assert.rejects(redeem(store, request("held"), { now, attempts: 1 }), { code: "busy" });
          await letGo();
          assert.equal((await redeem(store, request("held"), { now, write })).status, "accepted");
          // The host's own statements wait as the host says.
          assert.deepEqual(seen, [database.waits[index], database.waits[index]]);
          assert.deepEqual(await audit(store, { now }), []);
        });

      if (database === POSTGRES)
        test("plans that go together wait less, and the host's own statements as the host says", async (t) => {
          const { stores, letGo } = await opened(t);
          const [store, other] = stores;
          const seen = [];
          const write = async (transaction) => {
            seen.push(await waits(transaction));
          };
          const order = [];
          const ends = async (name, call) =>
            order.push(
              `${name} ${await call.then(
                ({ status }) => status,
                ({ code }) => code,
              )}`,
            );
          await Promise.all([
            ends("alone", redeem(other, request("alone"), { now, attempts: 1 })),
            ends("without a code", redeem(store, { ...request("free"), codes: [] }, { now, write })),
            ends("with", redeem(store, request("with"), { now, write, attempts: 1 })),
          ]);
          await letGo();
          assert.deepEqual(order, ["without a code accepted", "alone busy", "with busy"]);
          // Both writes of the group, and then of each plan by itself.
          assert.deepEqual(seen, ["0", "0", "0", "0"]);
        });

      test("a smaller limit of the host's stays", async (t) => {
        const { store, shorter, letGo } = await opened(t);
        const order = [];
        const busy = async (name, tried) => {
          await assert.rejects(tried, { code: "busy" });
          order.push(name);
        };
        await Promise.all([
          busy("two seconds", redeem(store, request("held"), { now, attempts: 1 })),
          busy("less", redeem(shorter, request("also held"), { now, attempts: 1 })),
        ]);
        assert.deepEqual(order, ["less", "two seconds"]);
        await letGo();
      });

      test("in a transaction of the host's, a plan waits as long as the host says", async (t) => {
        const { store, transaction, letGo } = await opened(t);
        const joined = transaction(async (own) => {
          await redeem(store, request("joined"), { now, transaction: own });
          return "sold";
        });
        joined.catch(() => {});
        // Longer than a plan of the store's own would wait.
        assert.equal(await Promise.race([joined, setTimeout(3000, "waits")]), "waits");
        await letGo();
        assert.equal(await joined, "sold");
        assert.deepEqual(await audit(store, { now }), []);
      });
    });
  }
});
