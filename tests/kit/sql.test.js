// Checks that the stores send exactly the statements of sql/. tests/python_kit/test_sql.py checks the stores in Python.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { batchStore } from "redeemable/batch";
import { mysqlStore } from "redeemable/mysql";
import { mysqlOver, sqliteOver } from "redeemable/over";
import { postgresStore } from "redeemable/postgres";
import { sqliteStore } from "redeemable/sqlite";
import { statements } from "../../tools/sql.mjs";
import { mysqlStatements, postgresStatements, sqliteStatements } from "../../pkg/js/dist/sql.js";
import { mysqlBridge, sqliteBridge } from "./bridges.js";
import { mysqlDatabase, postgresSchema, sqliteFile } from "./support.js";

const ROOT = new URL("../../", import.meta.url);
const text = (path) => readFileSync(new URL(path, ROOT), "utf8");
/** The script, in which each statement stands whole: one may be within others. */
function script(database) {
  const file = text(`sql/${database}-statements.sql`);
  const all = statements(file);
  return file.replaceAll(/\{(\w+)\}/g, (_, name) => all[name]);
}
/** The names of the statements in a script, without those that only Python or a Durable Object sends. */
const names = (database) =>
  script(database)
    .split("\n")
    .filter(
      (line) =>
        line.startsWith("-- name: ") && !/in (Python alone:|a Durable Object,) |, within other statements/.test(line),
    )
    .map((line) => /\w+$|\w+(?=,)/.exec(line.slice("-- name: ".length))[0]);

const record = (id, revision, state = "held") => ({
  id,
  revision,
  state,
  event_id: "gala",
  expires_at_ms: state === "held" ? 1 : null,
  charges: [{ key: "a", limit: 9, amount: 2 }],
  identities: ["email:ann@example.org"],
});
const add = (key, by) => ({ op: "add", key, by, at_most: null });
const PLAN = [{ op: "insert", redemption: record("o-1", 1) }, add("a", 2)];
const update = (revision, state) => ({
  op: "update",
  id: "o-1",
  revision,
  redemption: record("o-1", revision + 1, state),
});
const UPDATE = [update(2, "released"), add("a", -1)];

/** Calls every function of a store. `begin` begins a transaction of the host's, `exec` executes a text in it. */
async function askAll(store, begin, exec, end) {
  assert.equal(await store.commit(PLAN, () => {}), true);
  assert.deepEqual((await store.read(["a"], "o-1")).counters, { a: 2 });
  const both = await Promise.all([store.read(["a"], "o-9"), store.read([], "o-8")]);
  assert.deepEqual(
    both.map(({ counters, existing }) => [counters, existing]),
    [
      [{ a: 2 }, null],
      [{}, null],
    ],
  );
  for (const keys of [null, ["a"]]) {
    const { holds } = await store.find({ lapsed_by_ms: 1, keys, limit: 10 });
    assert.deepEqual(holds, [record("o-1", 1)]);
  }
  assert.equal(await store.commit([update(1, "held")]), true);
  assert.equal(await store.commit(UPDATE), true);
  await store.scan(() => {});
  const correct = (by, corrected) => [{ op: "correct", key: "a", by, corrected }];
  assert.equal(await store.commit(correct(5, 7)), false);
  const [{ key, used, must, corrected }] = await store.differences({ after: "", limit: 10 });
  assert.deepEqual([key, used, must, corrected], ["a", 1, 2, 0]);
  assert.equal(await store.commit(correct(1, 0)), true);
  assert.deepEqual(await store.differences({ after: "", limit: 10 }), []);
  for (const ops of [
    [{ op: "archive", id: "o-1", revision: 3 }],
    [{ op: "restore", id: "o-1" }],
    [{ op: "erase", id: "o-1", person: "email:ann@example.org", erased: "email:erased-1" }],
    [{ op: "open", key: "a", by: 1 }],
    [{ op: "open", key: "a", by: -1 }],
    [{ op: "forget", key: "a" }],
  ])
    assert.equal(await store.commit(ops), true, JSON.stringify(ops));
  assert.deepEqual(await store.person("email:ann@example.org"), []);
  assert.deepEqual((await store.old({ after: "", before_ms: null, event_id: "gala", limit: 1 })).length, 1);
  assert.equal(await store.commit([add("code/id:x/day/2026-11-29/uses", 1)]), true);
  assert.equal(await store.prune(() => true), 1);
  if (store.split) {
    const key = "code/id:x/uses";
    const most = { op: "add", key, by: 1, at_most: 5 };
    assert.deepEqual(await store.split(key, 2), [key]);
    for (const op of [most, most, add(key, -9), add("a", -9)]) assert.equal(await store.commit([op]), true);
    assert.deepEqual((await store.read([key, "a"], null)).counters, { [key]: 0, a: 0 });
  }
  if (!begin) return;
  const transaction = await begin();
  const joined = store.joining(transaction);
  try {
    assert.equal((await joined.read([], "o-1")).existing.revision, 3);
    assert.equal(await joined.commit([add("a", 1)]), true);
    assert.equal(await joined.commit(PLAN), false, "there is such a record, and the plan is undone");
    await exec(transaction, "SAVEPOINT own");
    await assert.rejects(joined.commit([add("a", 1)], () => exec(transaction, "RELEASE SAVEPOINT own")));
  } finally {
    await end(transaction);
  }
}

test("the stores send SQLite every statement of sql/, with question marks in place of names", async () => {
  const sent = new Set();
  /** Notes each statement of a connection of better-sqlite3 by its text, when it runs. */
  const watched = (db) => ({
    get inTransaction() {
      return db.inTransaction;
    },
    exec: (sql) => db.exec(sql),
    prepare(sql) {
      const statement = db.prepare(sql);
      const noting =
        (ask) =>
        (...values) => {
          sent.add(sql);
          return statement[ask](...values);
        };
      return { run: noting("run"), get: noting("get"), all: noting("all"), pluck: () => statement.pluck() };
    },
  });
  const alone = sqliteFile();
  const connection = watched(alone.db);
  const bridged = sqliteFile();
  const { query, transaction } = sqliteBridge(bridged.db);
  const noting = (sql, values, inside) => {
    sent.add(sql.replace(/ RETURNING 1 AS done$/, ""));
    return query(sql, values, inside);
  };
  const batched = sqliteFile();
  const batch = batched.db.transaction((statements) =>
    statements.map(({ text, values }) => {
      sent.add(text);
      const statement = batched.db.prepare(text);
      if (statement.reader) return statement.all(...values);
      statement.run(...values);
      return [];
    }),
  );
  try {
    // The host and the store share the connection.
    const begin = (db, given) => () => {
      db.exec("BEGIN");
      return given;
    };
    const exec = (db, text) => db.exec(text);
    const isFree = (db) => assert.equal(db.inTransaction, false);
    await askAll(sqliteStore(connection), begin(alone.db, connection), exec, isFree);
    await askAll(sqliteOver({ query: noting, transaction }), begin(bridged.db, bridged.db), exec, isFree);
    const statement = (text, values) => ({ text, values });
    const store = batchStore({ database: "sqlite", statement, batch: async (statements) => batch(statements) });
    await askAll(store);
  } finally {
    for (const { close } of [alone, bridged, batched]) close();
  }
  const ends = ["BEGIN", "BEGIN IMMEDIATE", "COMMIT"];
  assert.deepEqual(
    [...sent].filter((sql) => !ends.includes(sql)).sort(),
    names("sqlite")
      .map((name) => sqliteStatements[name].replaceAll(/:\w+/g, "?"))
      .sort(),
  );
  for (const name of names("sqlite")) assert.ok(script("sqlite").includes(sqliteStatements[name]), name);
});

test("the store sends PostgreSQL every statement of sql/, with numbers in place of names", async () => {
  const { pool, close } = await postgresSchema();
  const inner = pool();
  const sent = new Set();
  const watched = {
    totalCount: 0,
    async connect() {
      const client = await inner.connect();
      return {
        on: (...given) => client.on(...given),
        removeListener: (...given) => client.removeListener(...given),
        release: (broken) => client.release(broken),
        query(sql, values) {
          for (const part of sql.split("; ")) if (!/^(BEGIN|COMMIT|.*SAVEPOINT own)$/.test(part)) sent.add(part);
          return client.query(sql, values);
        },
      };
    },
  };
  try {
    const store = postgresStore(watched);
    const begin = async () => {
      const client = await watched.connect();
      await client.query("BEGIN");
      return client;
    };
    await askAll(
      store,
      begin,
      (client, text) => client.query(text),
      (client) => client.release(true),
    );
    assert.equal(await store.commit([add("b", 1)]), true, "without writes of the host's own");
    const statement = (text, values) => ({ text, values });
    const batched = batchStore({
      database: "postgres",
      statement,
      async batch(statements) {
        const client = await watched.connect();
        await client.query("BEGIN");
        const results = [];
        for (const { text, values } of statements) results.push((await client.query(text, values)).rows);
        await client.query("COMMIT");
        client.release();
        return results;
      },
    });
    await batched.scan(() => {});
  } finally {
    await close();
  }
  assert.deepEqual(
    [...sent].sort(),
    names("postgres")
      .map((name) => postgresStatements[name].text)
      .sort(),
  );
  for (const { text: numbered, names: words } of Object.values(postgresStatements)) {
    const named = numbered.replaceAll(/\$(\d+)/g, (_, number) => `:${words[number - 1]}`);
    assert.ok(script("postgres").includes(`\n${named};\n`), named);
  }
});

test("the store sends MariaDB every statement of sql/, with question marks in place of names", async () => {
  const { admin, close } = await mysqlDatabase();
  const sent = new Set();
  const watched = {
    async getConnection() {
      const client = await admin.getConnection();
      const query = client.query.bind(client);
      client.query = (asked, values) => {
        // A savepoint has a number of its own, and a statement of a plan of the store's own says how long it waits.
        const text = (asked.sql ?? asked).replace(/(redeemable_(?:join|write))_\d+$/, "$1");
        sent.add(text.replace(/^\/\*M! SET STATEMENT .* FOR \*\/ /, ""));
        return query(asked, values);
      };
      return client;
    },
  };
  const begin = async () => {
    const client = await watched.getConnection();
    await client.execute("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED");
    await client.beginTransaction();
    return client;
  };
  try {
    await askAll(
      mysqlStore(watched),
      begin,
      (client, text) => client.execute(text),
      (client) => client.destroy(),
    );
    // Only a store over a bridge asks how many rows have changed.
    await mysqlOver(mysqlBridge(watched)).commit([add("b", 1)]);
  } finally {
    await close();
  }
  const all = Object.values(mysqlStatements).map(({ text }) => text);
  for (const text of sent) if (!all.includes(text)) sent.delete(text);
  assert.deepEqual(
    [...sent].sort(),
    names("mysql")
      .map((name) => mysqlStatements[name].text)
      .sort(),
  );
  for (const { text: marked, names: words } of Object.values(mysqlStatements)) {
    const named = words.reduce((sql, word) => sql.replace("?", () => `:${word}`), marked);
    assert.ok(script("mysql").includes(`\n${named};\n`), named);
  }
});

test("a scan shows more counters than a call may have arguments", async () => {
  const { db, close } = sqliteFile();
  try {
    db.exec(`INSERT INTO redeemable_counters (key, used)
      WITH RECURSIVE number(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < 200000)
      SELECT 'c' || n, n FROM number`);
    const seen = [];
    await sqliteOver(sqliteBridge(db)).scan(({ counters }) => seen.push(Object.keys(counters).length));
    assert.deepEqual(seen, [200_000]);
  } finally {
    close();
  }
});

test("the sources of the kits contain no statement that reads or writes data", () => {
  const sources = ["pkg/js/", "pkg/python/src/redeemable/"].flatMap((folder) =>
    readdirSync(new URL(folder, ROOT))
      .filter((name) => /\.(js|py)$/.test(name))
      .map((name) => `${folder}${name}`),
  );
  assert.ok(sources.includes("pkg/js/postgres.js") && sources.includes("pkg/python/src/redeemable/sqlite.py"));
  const statement = /["'`]\s*(?:SELECT|INSERT|UPDATE|DELETE|WITH|SAVEPOINT|RELEASE)\s/g;
  const found = sources.flatMap((path) => (text(path).match(statement) ?? []).map((match) => [path, match]));
  assert.deepEqual(found, []);
});
