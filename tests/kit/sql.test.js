// Checks that the stores send exactly the statements of sql/. tests/python_kit/test_sql.py checks the stores in Python.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { mysqlStore } from "redeemable/mysql";
import { postgresStore } from "redeemable/postgres";
import { sqliteStore } from "redeemable/sqlite";
import { mysqlStatements, postgresStatements, sqliteStatements } from "../../pkg/js/dist/sql.js";
import { mysqlDatabase, postgresSchema, sqliteFile } from "./support.js";

const ROOT = new URL("../../", import.meta.url);
const text = (path) => readFileSync(new URL(path, ROOT), "utf8");
const script = (database) => text(`sql/${database}-statements.sql`);
/** The names of the statements in a script, without those that only Python sends. */
const names = (database) =>
  script(database)
    .split("\n")
    .filter((line) => line.startsWith("-- name: ") && !line.includes("in Python alone: "))
    .map((line) => /\w+$|\w+(?=,)/.exec(line.slice("-- name: ".length))[0]);

const record = (id, revision, state = "held") => ({
  id,
  revision,
  state,
  event_id: "gala",
  expires_at_ms: state === "held" ? 1 : null,
  charges: [{ key: "a" }],
});
const add = (key, by) => ({ op: "add", key, by, at_most: null });
const PLAN = [{ op: "insert", redemption: record("o-1", 1) }, add("a", 2)];
const UPDATE = [{ op: "update", id: "o-1", revision: 1, redemption: record("o-1", 2, "released") }, add("a", -1)];

/** Calls every function of a store. */
async function askAll(store) {
  assert.equal(await store.commit(PLAN, () => {}), true);
  assert.deepEqual((await store.read(["a"], "o-1")).counters, { a: 2 });
  for (const keys of [null, ["a"]]) {
    const { holds } = await store.find({ lapsed_by_ms: 1, keys, limit: 10 });
    assert.deepEqual(holds, [record("o-1", 1)]);
  }
  assert.equal(await store.commit(UPDATE), true);
  await store.scan(() => {});
  assert.equal(await store.recount("a", ({ length }) => length), 1);
  assert.equal(await store.commit([add("code/id:x/day/2026-11-29/uses", 1)]), true);
  assert.equal(await store.prune(() => true), 1);
}

test("the store sends SQLite every statement of sql/, with question marks in place of names", async () => {
  const { db, close } = sqliteFile();
  const sent = new Set();
  // A statement is noted by its text when it runs.
  const prepare = (sql) => {
    const statement = db.prepare(sql);
    const noting =
      (ask) =>
      (...values) => {
        sent.add(sql);
        return statement[ask](...values);
      };
    return { run: noting("run"), get: noting("get"), all: noting("all"), pluck: () => statement.pluck() };
  };
  const watched = {
    get inTransaction() {
      return db.inTransaction;
    },
    exec: (sql) => sent.add(sql) && db.exec(sql),
    prepare,
  };
  try {
    const store = sqliteStore(watched);
    await askAll(store);
    db.exec("BEGIN");
    const joined = store.joining(watched);
    await joined.read([], "o-1");
    for (const expected of [true, false])
      assert.equal(await joined.commit([{ op: "insert", redemption: record("o-2", 1) }]), expected);
    db.exec("COMMIT");
  } finally {
    close();
  }
  const begins = ["BEGIN", "BEGIN IMMEDIATE", "COMMIT"];
  assert.deepEqual(
    [...sent].filter((sql) => !begins.includes(sql)).sort(),
    names("sqlite")
      .filter((name) => !["read", "find"].includes(name))
      .map((name) => sqliteStatements[name].replaceAll(/:\w+/g, "?"))
      .sort(),
  );
  for (const [name, named] of Object.entries(sqliteStatements))
    if (name !== "find") assert.ok(script("sqlite").includes(`\n${named};\n`), named);
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
          for (const part of sql.split("; ")) if (!/^(BEGIN|COMMIT)$/.test(part)) sent.add(part);
          return client.query(sql, values);
        },
      };
    },
  };
  try {
    const store = postgresStore(watched);
    await askAll(store);
    assert.equal(await store.commit([add("b", 1)]), true, "without writes of the host's own");
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
      client.query = (asked) => {
        if (asked.sql) sent.add(asked.sql);
        return query(asked);
      };
      return client;
    },
  };
  try {
    await askAll(mysqlStore(watched));
  } finally {
    await close();
  }
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

test("the sources of the kits contain no statement that reads or writes data", () => {
  const sources = ["pkg/js/", "pkg/python/src/redeemable/"].flatMap((folder) =>
    readdirSync(new URL(folder, ROOT))
      .filter((name) => /\.(js|py)$/.test(name))
      .map((name) => `${folder}${name}`),
  );
  assert.ok(sources.includes("pkg/js/postgres.js") && sources.includes("pkg/python/src/redeemable/_sql.py"));
  const statement = /["'`]\s*(?:SELECT|INSERT|UPDATE|DELETE|WITH|SAVEPOINT|RELEASE)\s/g;
  const found = sources.flatMap((path) => (text(path).match(statement) ?? []).map((match) => [path, match]));
  assert.deepEqual(found, []);
});
