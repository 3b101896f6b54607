// The synchronous stores on SQLite in their own runtimes: the store suite, the host's transaction, and a race of
// processes on one file.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import Database from "better-sqlite3";
import { audit } from "redeemable/host";
import { sqliteStore } from "redeemable/sqlite";
import { storeChecks } from "redeemable/store-suite";
import { joins } from "./joins.js";
import { run } from "./runtimes.js";

for (const [runtime, library] of [
  ["Node", "better-sqlite3"],
  ["Node", "libsql"],
  ["Node 22", "node:sqlite"],
  ["Node 22", "node:sqlite, odd"],
  ["Bun", "bun:sqlite"],
  ["Bun", "bun:sqlite, odd"],
  ["Bun", "node:sqlite"],
  ["Deno", "node:sqlite"],
])
  test(`${library} in ${runtime} is a store`, async () => {
    const { passed, failed } = JSON.parse(await run(runtime, "sqlite.js", library));
    assert.deepEqual(failed, []);
    assert.equal(passed, storeChecks.length + joins.length);
  });

test("processes of four runtimes sell from one file, and no ticket too many", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "redeemable-race-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "shop.sqlite");
  const db = new Database(file);
  db.pragma("journal_mode = WAL");
  const store = sqliteStore(db);
  store.migrate();
  db.exec("CREATE TABLE tickets (order_id TEXT PRIMARY KEY); CREATE TABLE hosts (name TEXT)");
  const hosts = [
    ["Node", "better-sqlite3"],
    ["Node", "libsql"],
    ["Node 22", "node:sqlite"],
    ["Bun", "bun:sqlite"],
    ["Deno", "node:sqlite"],
  ];
  const sold = await Promise.all(
    hosts.map(([runtime, library], index) =>
      run(runtime, "sell.js", library, file, `host ${index}`, hosts.length).then(Number),
    ),
  );
  assert.equal(
    sold.reduce((sum, one) => sum + one),
    200,
  );
  assert.ok(sold.filter((one) => one > 0).length > 1, `${sold}`);
  assert.equal(db.prepare("SELECT count(*) FROM tickets").pluck().get(), 200);
  assert.deepEqual((await store.read(["code/event:gala:HALF/uses"], null)).counters, {
    "code/event:gala:HALF/uses": 200,
  });
  assert.deepEqual(await audit(store), []);
  db.close();
});
