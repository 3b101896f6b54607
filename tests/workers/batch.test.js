// The stores over batches: libSQL's client on a file, and Neon's client over a stand-in for its service on PostgreSQL.
// worker.test.js runs the store on D1.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { createClient } from "@libsql/client";
import { neon, neonConfig } from "@neondatabase/serverless";
import pg from "pg";
import { batchStore, libsqlBatchStore, neonStore } from "redeemable/batch";
import { audit, redeem, repair } from "redeemable/host";
import { postgresStore } from "redeemable/postgres";
import { storeSuite } from "redeemable/store-suite";
import { neonService } from "./neon.js";

const DATABASE_URL = process.env.DATABASE_URL;
assert.ok(DATABASE_URL, "these tests need PostgreSQL: run scripts/postgres node --test tests/workers/batch.test.js");

async function openLibsql(options) {
  const folder = mkdtempSync(join(tmpdir(), "redeemable-libsql-"));
  const clients = [0, 1].map(() => createClient({ url: `file:${join(folder, "shop.sqlite")}`, timeout: 10_000 }));
  const [client, another] = clients;
  await client.execute("PRAGMA journal_mode = WAL");
  const store = libsqlBatchStore(client, options);
  await store.migrate();
  await client.execute("CREATE TABLE tickets (order_id TEXT PRIMARY KEY)");
  return {
    client,
    store,
    peer: libsqlBatchStore(another, options),
    put: (batch, text) => batch.add({ sql: "INSERT INTO tickets VALUES (?)", args: [text] }),
    end: (batch) => batch.add("COMMIT"),
    rows: async () =>
      (await client.execute("SELECT order_id FROM tickets ORDER BY 1")).rows.map(({ order_id }) => order_id),
    set: (key, used) =>
      client.execute({ sql: "UPDATE redeemable_counters SET used = ? WHERE key = ?", args: [used, key] }),
    close() {
      for (const each of clients) each.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/** With `named`, the store has the schema as an option, and the connections know nothing of it. */
const openNeon = (named) => async (options) => {
  const schema = `neon_${randomUUID().replaceAll("-", "")}`;
  const config = { connectionString: DATABASE_URL, options: `-c search_path=${schema}`, max: 8 };
  const admin = new pg.Pool(config);
  await admin.query(`CREATE SCHEMA ${schema}`);
  const service = await neonService(named ? { connectionString: DATABASE_URL, max: 8 } : config);
  neonConfig.fetchEndpoint = () => service.url;
  const sql = neon("postgresql://shop:secret@event.example/shop");
  let begun = 0;
  const begin = (batch) => {
    begun += 1;
    batch.add(sql.query("SELECT set_config('search_path', $1, true)", [schema]));
  };
  const store = neonStore(sql, named ? { ...options, schema, begin } : options);
  await store.migrate();
  await admin.query("CREATE TABLE tickets (order_id text PRIMARY KEY)");
  return {
    store,
    begun: () => begun,
    // The service keeps connections of its own, so each request may run beside every other.
    peer: postgresStore(admin, options),
    put: (transaction, text) =>
      transaction.add
        ? transaction.add(sql`INSERT INTO tickets VALUES (${text})`)
        : transaction.query("INSERT INTO tickets VALUES ($1)", [text]),
    end: (batch) => batch.add(sql`COMMIT`),
    rows: async () =>
      (await admin.query("SELECT order_id FROM tickets ORDER BY 1")).rows.map(({ order_id }) => order_id),
    set: (key, used) => admin.query("UPDATE redeemable_counters SET used = $1 WHERE key = $2", [used, key]),
    async close() {
      await service.close();
      await admin.query(`DROP SCHEMA ${schema} CASCADE`);
      await admin.end();
    },
  };
};

const promos = [{ code: "HALF", discount_percent: 50, max_uses: 30 }];
const USES = "code/event:gala:HALF/uses";
const order = (id) => ({
  id,
  event_id: "gala",
  currency: "EUR",
  lines: [{ unit_price: 1000, quantity: 1 }],
  hold_until_ms: Date.now() + 600_000,
});

for (const [name, open] of [
  ["libSQL, in batches", openLibsql],
  ["Neon over HTTP", openNeon(false)],
  ["Neon over HTTP, in a schema of the host's", openNeon(true)],
]) {
  storeSuite(name, open);

  describe(`${name}: `, () => {
    /** Opens a store for one test, and sells by it. */
    const opened = async (t) => {
      const place = await open({ onDrift() {} });
      t.after(() => place.close());
      const write = (batch, redemptions) => {
        for (const { id } of redemptions) place.put(batch, id);
      };
      const buy = (store, id) => redeem(store, { codes: ["half"], promos, order: order(id) }, { write, attempts: 50 });
      const used = async () => (await place.store.read([USES], null)).counters[USES];
      return { ...place, write, buy, used };
    };

    test("60 buyers at once use 30 uses up, exactly", async (t) => {
      const { store, peer, buy, used, rows, begun } = await opened(t);
      const answers = await Promise.all(
        Array.from({ length: 60 }, (_, i) => buy(i % 2 && name.startsWith("lib") ? peer : store, `o-${i}`)),
      );
      assert.equal(answers.filter(({ status }) => status === "accepted").length, 30);
      assert.deepEqual([await used(), (await rows()).length, await audit(store)], [30, 30, []]);
      // Each buyer reads and then, while there are uses, commits: the hook runs first in each.
      if (name.includes("of the host's")) assert.ok(begun() >= 60 + 30, `${begun()}`);
    });

    test("an error of the host's own statement is thrown, and nothing is stored", async (t) => {
      const { store, put, rows, buy, used } = await opened(t);
      await buy(store, "o-1");
      const write = (batch) => put(batch, "o-1");
      await assert.rejects(
        redeem(store, { codes: ["half"], promos, order: order("o-2") }, { write }),
        /unique constraint/i,
      );
      assert.deepEqual([await used(), await rows(), await audit(store)], [1, ["o-1"], []]);
    });

    test("a write that ends the transaction is an error, and no counter is changed", async (t) => {
      const { store, end, used } = await opened(t);
      await assert.rejects(
        redeem(store, { codes: ["half"], promos, order: order("o-1") }, { write: end }),
        /transaction (ended within write|has been rolled back)/,
      );
      assert.equal(await used(), undefined);
    });

    test("a statement that is added too late is an error", async (t) => {
      const { store, put, rows } = await opened(t);
      let batch;
      const write = (given) => {
        batch = given;
      };
      await redeem(store, { codes: ["half"], promos, order: order("o-1") }, { write });
      assert.throws(() => put(batch, "o-1"), /the batch is sent/);
      assert.deepEqual(await rows(), []);
    });

    test("repairs while buyers buy, also two at once, lose and add no use", async (t) => {
      const { store, buy, used, set } = await opened(t);
      for (let i = 0; i < 4; i += 1) await buy(store, `before-${i}`);
      for (const wrong of [9, 0]) {
        await set(USES, wrong);
        const selling = (async () => {
          for (let i = 0; i < 8; i += 1) await buy(store, `${wrong}-${i}`);
        })();
        const repaired = await Promise.all([repair(store, { attempts: 50 }), repair(store, { attempts: 50 })]);
        await selling;
        assert.ok(repaired.flat().length >= 1, JSON.stringify(repaired));
        assert.deepEqual(await audit(store), []);
      }
      assert.equal(await used(), 20);
    });
  });
}

test("a host that is no database is refused", () => {
  assert.throws(() => batchStore({ database: "oracle" }), { path: "host.database" });
  assert.throws(() => batchStore({ database: "sqlite", query() {} }), { path: "host.query" });
});
