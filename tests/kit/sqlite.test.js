// What can go wrong between a host and a SQLite file: other writers, and the host's own transactions and settings.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import Database from "better-sqlite3";
import { sqliteStore } from "redeemable/sqlite";
import { sqliteFile } from "./support.js";

const insert = (id) => ({
  op: "insert",
  redemption: { id, revision: 1, state: "held", event_id: "gala", expires_at_ms: 1_800_000_600_000, charges: [] },
});
const add = (key, by, at_most = null) => ({ op: "add", key, by, at_most });
function open(t) {
  const place = sqliteFile();
  t.after(() => place.close());
  return { ...place, store: sqliteStore(place.db) };
}
/** Runs a program on a database file, in another process. */
const host = (program, file) =>
  spawn(process.execPath, ["--input-type=module", "-e", program, file], {
    cwd: fileURLToPath(new URL(".", import.meta.url)),
    stdio: ["pipe", "pipe", "inherit"],
  });
const addTicket = (db) => {
  db.prepare("INSERT INTO tickets VALUES ('o-1', 0, 'held')").run();
};
const tickets = (db) => db.prepare("SELECT count(*) FROM tickets").pluck().get();

test("a transaction of another process that lasts too long makes the kit repeat", async (t) => {
  const { store, db, connect } = open(t);
  const other = connect();
  db.pragma("busy_timeout = 20");
  other.exec("BEGIN IMMEDIATE");
  assert.equal(await store.commit([add("a", 1)], addTicket), false);
  other.exec("COMMIT");
  assert.deepEqual([tickets(db), db.inTransaction], [0, false]);
  assert.equal(await store.commit([add("a", 1)], addTicket), true);
});

test("a correction that waits too long for a transaction makes the kit repeat, and a scan does not wait", async (t) => {
  const { store, db, connect } = open(t);
  const other = connect();
  await store.commit([add("a", 1)]);
  db.pragma("busy_timeout = 20");
  other.exec("BEGIN IMMEDIATE; UPDATE redeemable_counters SET used = 5");
  const correction = [{ op: "correct", key: "a", by: 2, corrected: 0 }];
  assert.equal(await store.commit(correction), false);
  let seen;
  await store.scan(({ counters }) => {
    seen = counters;
  });
  other.exec("COMMIT");
  assert.deepEqual([seen, db.inTransaction], [{ a: 1 }, false]);
  assert.equal(await store.commit(correction), true);
  assert.deepEqual((await store.read(["a"], null)).counters, { a: 7 });
});

test("a reader that blocks the COMMIT makes the kit repeat", async (t) => {
  const { store, db, connect } = open(t);
  db.pragma("busy_timeout = 20");
  // Without a write-ahead log, a writer cannot commit while another connection reads.
  assert.equal(db.pragma("journal_mode = DELETE", { simple: true }), "delete");
  const reader = connect();
  reader.pragma("journal_mode = DELETE");
  const rows = reader.prepare("SELECT 1 FROM sqlite_schema").iterate();
  rows.next();
  assert.equal(await store.commit([add("a", 1)], addTicket), false);
  rows.return();
  assert.deepEqual([tickets(db), db.inTransaction], [0, false]);
  assert.equal(await store.commit([add("a", 1)], addTicket), true);
});

test("write runs between the plan's records and its counters, on the host's connection", async (t) => {
  const { store, db } = open(t);
  await store.commit([add("a", 1)]);
  let seen;
  await store.commit([insert("o-1"), add("a", 5)], (transaction) => {
    assert.equal(transaction, db);
    seen = transaction
      .prepare("SELECT used, (SELECT count(*) FROM redeemable_redemptions) AS records FROM redeemable_counters")
      .get();
  });
  assert.deepEqual(seen, { used: 1, records: 1 });
});

test("an asynchronous write is refused, with what it has written so far", async (t) => {
  const { store, db } = open(t);
  await assert.rejects(
    store.commit([add("a", 1)], async (transaction) => {
      addTicket(transaction);
    }),
    /must not be asynchronous/,
  );
  await assert.rejects(
    store.commit([add("a", 1)], async () => {
      throw new Error("nobody waits for this one");
    }),
    /must not be asynchronous/,
  );
  assert.deepEqual([tickets(db), (await store.read(["a"], null)).counters], [0, {}]);
});

test("a transaction that ends within write is an error, and nothing more is stored", async (t) => {
  const { store, db } = open(t);
  await assert.rejects(
    store.commit([add("a", 1), add("b", 1, 0)], (transaction) => {
      addTicket(transaction);
      assert.throws(() => transaction.exec("INSERT OR ROLLBACK INTO tickets VALUES ('o-1', 0, 'held')"), {
        code: "SQLITE_CONSTRAINT_PRIMARYKEY",
      });
    }),
    /ended within write/,
  );
  await assert.rejects(
    store.commit([add("a", 1)], (transaction) => {
      transaction.exec("COMMIT; BEGIN");
    }),
    /ended within write/,
  );
  assert.deepEqual([tickets(db), (await store.read(["a"], null)).counters], [0, {}]);
});

test("the store does not join a transaction that the host has open", async (t) => {
  const { store, db } = open(t);
  db.exec("BEGIN");
  await assert.rejects(store.commit([add("a", 1)]), /in a transaction/);
  await assert.rejects(
    store.prune(() => true),
    /in a transaction/,
  );
  await assert.rejects(
    store.scan(() => {}),
    /in a transaction/,
  );
  db.exec("ROLLBACK");
  assert.equal(await store.commit([add("a", 1)]), true);
});

test("the store works when the host reads numbers as bigint", async (t) => {
  const { db } = open(t);
  db.defaultSafeIntegers(true);
  const store = sqliteStore(db, { onDrift: (key) => assert.equal(key, "a") });
  await store.commit([add("a", 1)]);
  await store.commit([add("a", -2)]);
  assert.deepEqual((await store.read(["a"], null)).counters, { a: 0 });
});

test("a drifted counter is a warning in the log", async (t) => {
  const { store } = open(t);
  const warn = t.mock.method(console, "warn", () => {});
  await store.commit([add("a", -1)]);
  assert.match(warn.mock.calls[0].arguments[0], /the counter a held less/);
});

test("a file that cannot be written, or has no tables, is an error", async (t) => {
  const { file } = open(t);
  const db = new Database(file, { readonly: true });
  t.after(() => db.close());
  await assert.rejects(sqliteStore(db).commit([add("a", 1)]), { code: "SQLITE_READONLY" });
  const empty = new Database(":memory:");
  await assert.rejects(sqliteStore(empty).read(["a"], null), /no such table/);
  const store = sqliteStore(empty);
  await assert.rejects(store.read([], null), /no such table/);
  store.migrate();
  assert.deepEqual(await store.read(["a"], null), { counters: {}, existing: null, archived: false });
});

test("a read sees one moment while another process writes", async (t) => {
  const { file, store } = open(t);
  await store.commit([add("a", 1000)]);
  const mover = `
    import Database from "better-sqlite3";
    import { sqliteStore } from "redeemable/sqlite";
    const store = sqliteStore(new Database(process.argv[1], { timeout: 10_000 }));
    const move = (key, by) => ({ op: "add", key, by, at_most: null });
    for (let moved = 0; moved < 1000; moved += 1) await store.commit([move("a", -1), move("z", 1)]);`;
  const other = host(mover, file);
  const ended = once(other, "exit");
  // There are so many keys that another process could commit between the first and the last.
  const keys = ["a", ...Array.from({ length: 200 }, (_, i) => `k${i}`), "z"];
  for (let z = 0; z < 1000; ) {
    assert.equal(other.exitCode ?? 0, 0);
    const { counters } = await store.read(keys, "o-1");
    z = counters.z ?? 0;
    assert.equal(counters.a + z, 1000);
    await new Promise((resume) => {
      setImmediate(resume);
    });
  }
  assert.deepEqual(await ended, [0, null]);
});

test("hosts that start together make the tables once", async (t) => {
  const { file } = open(t);
  const fresh = join(file, "..", "fresh.sqlite");
  new Database(fresh).pragma("journal_mode = WAL");
  const starter = `
    import Database from "better-sqlite3";
    import { sqliteStore } from "redeemable/sqlite";
    const store = sqliteStore(new Database(process.argv[1], { timeout: 10_000 }));
    process.stdin.once("data", async () => {
      store.migrate();
      await store.commit([{ op: "add", key: "a", by: 1, at_most: null }]);
      process.exit(0);
    });
    console.log("ready");`;
  const hosts = Array.from({ length: 4 }, () => host(starter, fresh));
  const ended = hosts.map((each) => once(each, "exit"));
  await Promise.all(hosts.map((each) => once(each.stdout, "data")));
  for (const each of hosts) each.stdin.write("go\n");
  for (const [code] of await Promise.all(ended)) assert.equal(code, 0);
  const db = new Database(fresh);
  t.after(() => db.close());
  assert.deepEqual((await sqliteStore(db).read(["a"], null)).counters, { a: 4 });
});
