// Runs the programs of the pages in docs/stacks: each sells the same codes, and no use too many.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { neonConfig } from "@neondatabase/serverless";
import pg from "pg";
import { audit, redeem } from "redeemable/host";
import { neonService } from "./neon.js";
import { here, RUNTIMES } from "./runtimes.js";
import { start } from "./workerd.js";

/** `put(id, cart)` buys, and answers the status of the response beside what is in it. */
async function sells(put) {
  const cart = (quantity, email, max_total) => ({ codes: ["early20"], quantity, email, max_total });
  const id = randomUUID();
  const first = await put(id, cart(2, "ann@example.org", 7200)); // 2 × 45.00 less 20 %
  assert.deepEqual(first, { status: "accepted", total: 7200 });
  assert.deepEqual(await put(id, cart(2, "ann@example.org", 7200)), first, "sent again");
  assert.equal((await put(randomUUID(), cart(1, "ann@example.org", 3600))).status, "rejected", "a third for Ann");
  const bob = randomUUID();
  for (const total of [3599, undefined])
    assert.deepEqual(await put(bob, cart(1, "bob@example.org", total)), { status: "price_changed", total: 3600 });
  assert.equal((await put(bob, cart(1, "bob@example.org", 3600))).status, "accepted", "Bob agrees");
  const answers = await Promise.all(
    Array.from({ length: 30 }, (_, i) => put(randomUUID(), cart(1, `buyer${i}@example.org`, 3600))),
  );
  // Ann has used 2 of the 20 uses, and Bob 1.
  assert.equal(answers.filter(({ status }) => status === "accepted").length, 17);
  assert.equal(answers.filter(({ status }) => status === "rejected").length, 13);
}

/** Asks a server as a page does. */
const asking = (ask, path) => (id, cart) => ask(`${path}${id}`, { method: "PUT", body: JSON.stringify(cart) });

for (const [name, path] of [
  ["durable", "/events/gala/orders/"],
  ["d1", "/orders/"],
])
  test(`docs/stacks/${name === "d1" ? "d1" : "durable-objects"}.md sells`, async (t) => {
    const config = JSON.parse(readFileSync(join(here, "pages", name, "wrangler.jsonc"), "utf8"));
    const classes = (config.migrations ?? []).flatMap(({ new_sqlite_classes }) => new_sqlite_classes);
    const objects = (config.durable_objects?.bindings ?? []).map(({ name, class_name }) => [
      name,
      { className: class_name, useSQLite: classes.includes(class_name) },
    ]);
    const running = await start(join("pages", name, config.main), {
      durableObjects: Object.fromEntries(objects),
      d1Databases: (config.d1_databases ?? []).map(({ binding }) => binding),
    });
    t.after(() => running.stop());
    await sells(asking(running.ask, path));
    assert.equal((await running.ask("/orders/1", { method: "PUT" })).status, 404);
    if (name !== "d1") return;
    const worker = await running.worker.getWorker();
    assert.equal((await worker.scheduled({ cron: "* * * * *" })).outcome, "ok");
  });

for (const [name, runtime] of [
  ["bun", "Bun"],
  ["node", "Node 22"],
])
  test(`docs/stacks/${name === "bun" ? "bun" : "node-sqlite"}.md sells`, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), "redeemable-page-"));
    const [program, ...options] = RUNTIMES[runtime];
    const server = spawn(program, [...options, join(here, "pages", name, "shop.js")], {
      cwd: folder,
      env: { ...process.env, PORT: "0" },
      stdio: ["ignore", "pipe", "inherit"],
    });
    t.after(async () => {
      const ended = once(server, "exit");
      server.kill();
      await ended;
      rmSync(folder, { recursive: true });
    });
    const [url] = await server.stdout.setEncoding("utf8").take(1).toArray();
    const ask = async (path, init) => {
      const response = await fetch(new URL(path, url.trim()), init);
      return { status: response.status, ...(await response.json()) };
    };
    await sells(asking(ask, "/orders/"));
    assert.equal((await ask("/orders/1", { method: "PUT" })).status, 404);
  });

test("docs/stacks/neon.md sells", async (t) => {
  const schema = `neon_${randomUUID().replaceAll("-", "")}`;
  const { DATABASE_URL } = process.env;
  assert.ok(DATABASE_URL, "these tests need PostgreSQL: run scripts/postgres node --test tests/workers/pages.test.js");
  const config = { connectionString: DATABASE_URL, options: `-c search_path=${schema}`, max: 8 };
  const admin = new pg.Pool(config);
  await admin.query(`CREATE SCHEMA ${schema}`);
  const service = await neonService(config);
  t.after(async () => {
    await service.close();
    await admin.query(`DROP SCHEMA ${schema} CASCADE`);
    await admin.end();
  });
  neonConfig.fetchEndpoint = () => service.url;
  process.env.DATABASE_URL = "postgresql://shop:secret@event.example/shop";
  const shop = await import("./pages/neon/shop.js");
  process.env.DATABASE_URL = DATABASE_URL;
  await shop.migrate();
  await sells((id, cart) => shop.buy(id, cart).catch(({ message }) => ({ status: 409, error: message })));
  assert.equal((await admin.query("SELECT count(*)::int AS n FROM tickets")).rows[0].n, 20);
  assert.equal(await shop.release(), 0);
});

test("docs/stacks/neon.md sells by libSQL's batches", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "redeemable-page-"));
  t.after(() => rmSync(folder, { recursive: true }));
  process.env.TURSO_DATABASE_URL = `file:${join(folder, "shop.sqlite")}`;
  const { client, store, write } = await import("./pages/libsql/shop.js");
  await store.migrate();
  await client.execute("CREATE TABLE tickets (order_id TEXT, position INTEGER, price INTEGER)");
  const promos = [{ code: "EARLY20", discount_percent: 20, max_uses: 20 }];
  const order = { id: "o-1", event_id: "gala", currency: "EUR", lines: [{ unit_price: 4500, quantity: 2 }] };
  order.hold_until_ms = Date.now() + 600_000;
  const { quote } = await redeem(store, { codes: ["early20"], promos, order }, { write });
  assert.equal(quote.total, 7200);
  assert.deepEqual(
    (await client.execute("SELECT price FROM tickets")).rows.map(({ price }) => price),
    [3600, 3600],
  );
  assert.deepEqual(await audit(store), []);
  client.close();
});
