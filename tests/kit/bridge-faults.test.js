// What a library between the driver and the store may do to an error, and bridges that are no bridges.
import assert from "node:assert/strict";
import { test } from "node:test";
import { mysqlOver, postgresOver, sqliteOver } from "redeemable/over";
import { mysqlBridge, pgBridge, sqliteBridge } from "./bridges.js";
import { TICKET, add, insert } from "./postgres-support.js";
import { mysqlDatabase, postgresSchema, sqliteFile } from "./support.js";

const STORES = { postgresOver, sqliteOver, mysqlOver };
/** A store whose database answers every statement of a plan with this error. */
const failing = (over, error) =>
  over({
    async query(text) {
      if (/^(?:SAVEPOINT|RELEASE|ROLLBACK)/.test(text)) return [];
      throw error;
    },
    transaction: (work) => work({}),
  });
/** How libraries wrap the error of a driver. */
const WRAPPED = {
  "as it is": (fault) => fault,
  "a cause (Drizzle, MikroORM)": (cause) => new Error("failed query", { cause }),
  TypeORM: (driverError) => Object.assign(new Error("query failed"), { driverError }),
  Sequelize: (original) => Object.assign(new Error("database error"), { parent: original, original }),
  Prisma: ({ code, errno }) =>
    Object.assign(new Error("raw query failed"), {
      code: "P2010",
      meta: { driverAdapterError: { cause: { originalCode: String(errno ?? code), kind: "postgres" } } },
    }),
  twice: (cause) => new Error("outer", { cause: new Error("inner", { cause }) }),
};
const fault = (fields) => Object.assign(new Error("the driver's"), fields);
const REPEATED = {
  postgresOver: [{ code: "40001" }, { code: "40P01" }, { code: "55P03" }, { code: "RDM01" }],
  mysqlOver: [
    { errno: 1213, code: "ER_LOCK_DEADLOCK" },
    { errno: 1205, code: "ER_LOCK_WAIT_TIMEOUT" },
    { errno: 1020 },
    { errno: 3101 },
  ],
  sqliteOver: [{ code: "SQLITE_BUSY" }, { code: "SQLITE_BUSY_SNAPSHOT" }, { code: "SQLITE_LOCKED_SHAREDCACHE" }],
};

for (const [name, over] of Object.entries(STORES)) {
  test(`${name} finds the code of an error that asks for a repetition, however it is wrapped`, async () => {
    for (const [how, wrap] of Object.entries(WRAPPED)) {
      for (const fields of REPEATED[name]) {
        const error = wrap(fault(fields));
        const store = failing(over, error);
        const told = `${how} ${JSON.stringify(fields)}`;
        assert.equal(await store.commit([add("a", 1)]), false, told);
        assert.equal(await store.prune(() => true), null, told);
        for (const call of [(joined) => joined.commit([add("a", 1)]), (joined) => joined.read(["a"], "o-1")])
          await assert.rejects(call(store.joining({})), (thrown) => {
            assert.equal(thrown.code, "repeat_transaction", told);
            assert.equal(thrown.cause, error);
            return true;
          });
      }
    }
  });

  test(`${name} throws every other error as it is`, async () => {
    // 5 is NOT_FOUND where a host calls a service by gRPC, and SQLITE_BUSY only as the `errcode` of Node's own SQLite.
    for (const fields of [{ code: "23505" }, { code: 5 }, { errno: 1146 }, { code: "SQLITE_FULL" }, {}]) {
      const error = new Error("wrapped", { cause: fault(fields) });
      const store = failing(over, error);
      const isThat = (thrown) => thrown === error;
      await assert.rejects(store.commit([add("a", 1)]), isThat);
      await assert.rejects(store.differences({ after: "", limit: 1 }), isThat);
      await assert.rejects(store.joining({}).commit([add("a", 1)]), isThat);
    }
    const looped = fault({ code: "loop" });
    looped.cause = looped;
    await assert.rejects(failing(over, looped).commit([add("a", 1)]), (thrown) => thrown === looped);
  });

  test(`${name} refuses what is no bridge`, () => {
    const query = async () => [];
    for (const [bridge, message] of [
      [{ query }, "expected a function, found undefined"],
      [{ query, transaction: 1 }, "expected a function, found number"],
      [{ query, transaction: query, migrate: query }, "unknown field, expected one of query, transaction, ambient"],
      [{ query, transaction: query, ambient: 1 }, "expected true or false, found number"],
      [null, "expected an object, found null"],
    ])
      assert.throws(() => over(bridge), { code: "invalid_request", message, path: /^bridge/ });
    assert.throws(() => over({ query, transaction: query }, { ondrift: 1 }), { path: "options.ondrift" });
  });
}

test("Prisma's own codes, and those of Node's own SQLite, ask for a repetition", async () => {
  for (const over of Object.values(STORES))
    assert.equal(await failing(over, fault({ code: "P2034" })).commit([add("a", 1)]), false);
  for (const errcode of [5, 6, 261, 517])
    assert.equal(await failing(sqliteOver, fault({ code: "ERR_SQLITE_ERROR", errcode })).commit([add("a", 1)]), false);
});

test("a library that throws another error, or none, hides no failure of a plan", async (t) => {
  const { pool, admin, close } = await postgresSchema();
  t.after(() => close());
  const { query, transaction } = pgBridge(pool());
  const replacing = {
    query,
    transaction: (...given) => transaction(...given).catch(() => Promise.reject(new Error("no"))),
  };
  const swallowing = { query, transaction: (...given) => transaction(...given).catch(() => undefined) };
  const write = (client) => client.query(TICKET, ["o-1"]);
  for (const bridge of [replacing, swallowing]) {
    const store = postgresOver(bridge);
    assert.equal(await store.commit([insert("o-1"), add("a", 2, 1)], write), false);
    const refusal = new Error("no such seat");
    await assert.rejects(
      store.commit([insert("o-1"), add("a", 1)], () => {
        throw refusal;
      }),
      (error) => error === refusal,
    );
  }
  assert.deepEqual((await admin.query("SELECT * FROM tickets")).rows, []);
});

test("a store over a bridge to SQLite takes the lock before it reads, so that it waits and never fails", async (t) => {
  const { db, connect, close } = sqliteFile();
  t.after(() => close());
  const store = sqliteOver(sqliteBridge(db));
  const other = connect();
  other.pragma("busy_timeout = 0");
  const isLocked = () => assert.throws(() => other.exec("INSERT INTO tickets VALUES ('o-1', 0, 'held')"), /locked/);
  await store.commit([add("code/id:x/day/2026-11-29/uses", 2)]);
  const isOver = () => {
    isLocked();
    return true;
  };
  assert.equal(await store.prune(isOver), 1);
  assert.equal(await store.commit([add("a", 1)], isLocked), true);
  assert.deepEqual((await store.read(["a"])).counters, { a: 1 });
});

test("PostgreSQL gets texts and null alone, whatever the driver would make of numbers", async (t) => {
  const { pool, close } = await postgresSchema();
  t.after(() => close());
  const bridge = pgBridge(pool());
  const sent = [];
  const store = postgresOver({
    query(text, values, client) {
      sent.push(...values);
      return bridge.query(text, values, client);
    },
    transaction: bridge.transaction,
  });
  assert.equal(await store.commit([insert("o-1"), add("a", 1)], () => {}), true);
  assert.equal(await store.commit([add("a", 1)]), true);
  await store.read(["a"], null);
  for (const keys of [null, ["a"]]) await store.find({ lapsed_by_ms: 1, keys, limit: 10 });
  await store.commit([{ op: "correct", key: "a", by: 5, corrected: 0 }]);
  await store.differences({ after: "", limit: 9 });
  await store.person("email:ann@example.org");
  await store.old({ after: "", before_ms: 1, event_id: null, limit: 9 });
  await store.scan(() => {});
  await store.prune(() => true);
  assert.deepEqual([...new Set(sent.map((value) => typeof value))].sort(), ["object", "string"]);
  assert.deepEqual([...new Set(sent.filter((value) => typeof value === "object"))], [null]);
  assert.deepEqual(await store.read(["a", "a\u0000"], "o-\u0000"), {
    counters: { a: 7 },
    existing: null,
    archived: false,
  });
});

test("on MariaDB few names of savepoints are used, because some drivers prepare every text", async (t) => {
  const { pool, close } = await mysqlDatabase();
  t.after(() => close());
  const { query, transaction } = mysqlBridge(pool());
  const texts = new Set();
  const noting = (text, ...given) => {
    texts.add(text);
    return query(text, ...given);
  };
  const store = mysqlOver({ query: noting, transaction });
  for (let plan = 0; plan < 20; plan += 1) {
    assert.equal(await store.commit([add("a", 1)], () => {}), true);
    await transaction(async (tx) => assert.equal(await store.joining(tx).commit([add("a", 1)], () => {}), true));
  }
  const savepoints = [...texts].filter((text) => text.includes("SAVEPOINT"));
  // The mark of the one, and the savepoint and mark of the other: each is set and released, and the savepoint tried.
  assert.equal(savepoints.length, 7, savepoints.join("\n"));
});
