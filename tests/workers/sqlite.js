// A program for Node, Bun and Deno: runs the store suite, and what goes beyond it, on a synchronous store over the
// library that its first argument names. It prints what failed, as JSON.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { storeChecks } from "redeemable/store-suite";
import { LIBRARIES } from "./libraries.js";
import { joins } from "./joins.js";

const { connect, storeOver } = await LIBRARIES[process.argv[2]]();

function open(options) {
  const folder = mkdtempSync(join(tmpdir(), "redeemable-sqlite-"));
  const connections = [];
  const another = () => {
    const db = connect(join(folder, "shop.sqlite"));
    db.exec("PRAGMA journal_mode = WAL; PRAGMA busy_timeout = 10000");
    connections.push(db);
    return db;
  };
  const db = another();
  const store = storeOver(db, options);
  store.migrate();
  db.exec("CREATE TABLE tickets (order_id TEXT PRIMARY KEY)");
  return {
    store,
    peer: storeOver(another(), options),
    db,
    another,
    async transaction(work) {
      db.exec("BEGIN IMMEDIATE");
      try {
        const result = await work(db);
        db.exec("COMMIT");
        return result;
      } catch (error) {
        db.exec("ROLLBACK");
        throw error;
      }
    },
    put: (transaction, text) => {
      transaction.prepare("INSERT INTO tickets VALUES (?)").run(text);
    },
    rows: () =>
      db
        .prepare("SELECT order_id FROM tickets ORDER BY 1")
        .all()
        .map(({ order_id }) => order_id),
    close() {
      for (const each of connections) each.close();
      rmSync(folder, { recursive: true });
    },
  };
}

const failed = [];
let passed = 0;
for (const { name, run } of [...storeChecks, ...joins])
  try {
    await run(open);
    passed += 1;
  } catch (error) {
    failed.push(`${name}: ${error.stack}`);
  }
console.log(JSON.stringify({ passed, failed }));
