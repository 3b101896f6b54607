// Tenants in one PostgreSQL database, and hosts behind PgBouncer. tests/python_kit races tenants, in both languages.
import assert from "node:assert/strict";
import { test } from "node:test";
import pg from "pg";
import { audit, redeem } from "redeemable/host";
import { postgresOver } from "redeemable/over";
import { postgresStore } from "redeemable/postgres";
import { storeSuite } from "redeemable/store-suite";
import { pgBridge } from "./bridges.js";
import { add, insert, now, request } from "./postgres-support.js";
import { databaseUrl, postgresSchema } from "./support.js";
import { openNamed, openSecured, over, poolerUrl } from "./tenants.js";

const direct = () => ({ connectionString: databaseUrl() });
const pooled = (more) => () => ({ connectionString: poolerUrl(), ...more });
storeSuite("PostgreSQL, a schema named, over a bridge", openNamed(direct, over));
storeSuite("PostgreSQL, a schema named, behind PgBouncer", openNamed(pooled()));
storeSuite("PostgreSQL, a schema named, behind PgBouncer, pipelined", openNamed(pooled({ pipeline: true })));
storeSuite("PostgreSQL, row-level security, pipelined", openSecured({ pipeline: true }));
storeSuite("PostgreSQL, row-level security, over a bridge", openSecured({}, over));

const uses = { "code/event:gala:TEN/uses": 3, "code/event:gala:TEN/spend/EUR": 300 };

test("tenants with the same orders and codes count apart, whatever the search path", async (t) => {
  const pool = new pg.Pool({ ...direct(), max: 2, options: "-c search_path=pg_catalog" });
  const tenants = ["Kit-North", "kit-north", "x".repeat(63)];
  t.after(async () => {
    for (const name of tenants) await pool.query(`DROP SCHEMA IF EXISTS "${name}" CASCADE`);
    await pool.end();
  });
  const stores = tenants.map((schema, index) =>
    index === 1 ? postgresOver(pgBridge(pool), { schema }) : postgresStore(pool, { schema }),
  );
  await Promise.all([...stores, ...stores].map((store) => store.migrate()));
  const sold = await Promise.all(
    stores.flatMap((store) => ["a", "b", "c", "d", "e"].map((id) => redeem(store, request(id), { now }))),
  );
  assert.equal(sold.filter(({ status }) => status === "accepted").length, 3 * 3);
  for (const store of stores) {
    assert.deepEqual((await store.read(Object.keys(uses), null)).counters, uses);
    assert.deepEqual(await audit(store), []);
  }
});

test("tables of another schema are never taken for the tenant's", async (t) => {
  const { schema, pool, admin, close } = await postgresSchema();
  t.after(async () => {
    await admin.query(`DROP SCHEMA ${schema}_2 CASCADE`);
    await close();
  });
  await admin.query(`CREATE SCHEMA ${schema}_2`);
  const behind = pool({ options: `-c search_path=${schema}_2,${schema}` });
  for (const store of [postgresStore(behind), postgresOver(pgBridge(behind))])
    await assert.rejects(
      store.migrate(),
      ({ message }) =>
        message.startsWith(`the tables are in the schema ${schema}, and search_path (${schema}_2,${schema}) would`) &&
        message.endsWith(`would make new ones in ${schema}_2`),
    );
  await postgresStore(behind, { schema: `${schema}_2` }).migrate();
  assert.equal(await postgresStore(behind).commit([add("a", 1)]), true);
  const { rows } = await admin.query(`SELECT (SELECT count(*)::int FROM ${schema}.redeemable_counters) AS old,
    (SELECT count(*)::int FROM ${schema}_2.redeemable_counters) AS new`);
  assert.deepEqual(rows, [{ old: 0, new: 1 }]);
});

test("options that could mean another schema, or no function, are refused", () => {
  const path = (option) => ({ code: "invalid_request", path: `options.${option}` });
  for (const schema of ["", "x".repeat(64), "pg_temp", "a.b", 'a"b', "a'b", "ä", "a b", "tenant\n", "$1", null, 7])
    for (const make of [(options) => postgresStore({ totalCount: 0 }, options), (options) => over({}, options)])
      assert.throws(() => make({ schema }), path("schema"), `${schema}`);
  for (const begin of [null, "SELECT 1"]) assert.throws(() => over({}, { begin }), path("begin"));
});

for (const pipeline of [false, true])
  test(`a hook that fails stores nothing${pipeline ? ", pipelined" : ""}`, async (t) => {
    const { pool, admin, close } = await postgresSchema();
    t.after(close);
    const hooked = (begin) => postgresStore(pool({ pipeline, max: 1 }), { begin });
    const write = (transaction) => transaction.query("INSERT INTO tickets VALUES ('a', 0, 'held')");
    const fault = new Error("no tenant");
    const failing = {
      "no tenant": () => {
        throw fault;
      },
      "division by zero": (transaction) => transaction.query("SELECT 1/0"),
      "must not begin or end": (transaction) => transaction.query("COMMIT"),
    };
    // Nobody awaits the query that fails here.
    failing["does not exist"] = (transaction) => {
      transaction.query("SELECT nothing");
    };
    for (const [message, begin] of Object.entries(failing)) {
      const store = hooked(begin);
      for (const call of [
        () => store.commit([insert("o-1"), add("a", 1)], write),
        () => store.commit([insert("o-1"), add("a", 1)]),
        () => store.differences({ after: "", limit: 1 }),
        () => store.read(["a"]),
      ])
        await assert.rejects(call(), ({ message: found }) => found.includes(message), message);
    }
    const { rows } = await admin.query(`SELECT (SELECT count(*)::int FROM redeemable_redemptions) AS records,
      (SELECT count(*)::int FROM redeemable_counters) AS counters, (SELECT count(*)::int FROM tickets) AS tickets`);
    assert.deepEqual(rows, [{ records: 0, counters: 0, tickets: 0 }]);

    let ran = 0;
    const counting = hooked(() => {
      ran += 1;
    });
    assert.equal(await counting.commit([add("a", 1)]), true);
    await counting.read(["a"]);
    await counting.find({ lapsed_by_ms: 1, keys: null, limit: 1 });
    await counting.scan(() => {});
    await counting.differences({ after: "", limit: 1 });
    await counting.person("email:ann@example.org");
    await counting.old({ after: "", before_ms: null, event_id: null, limit: 1 });
    await counting.prune(() => true);
    assert.equal(ran, 8);
  });

test("row-level security does not bind a superuser, and set_tenant says so", async (t) => {
  const { admin, store, other, close } = await openSecured({})({});
  t.after(close);
  assert.equal(await store.commit([add("north", 1)]), true);
  assert.deepEqual((await store.read(["north", "a"], "o-1")).counters, { north: 1 });
  assert.deepEqual((await other.read(["north", "a"], null)).counters, { a: 7 });
  const superuser = postgresStore(admin, { begin: (transaction) => transaction.query("SELECT set_tenant('north')") });
  for (const call of [() => superuser.read(["a"]), () => superuser.commit([add("a", 1)])])
    await assert.rejects(call(), /row-level security does not bind the role redeemable/);
});

test("an error says what a pooler needs", async (t) => {
  const { schema, store, pool, admin, close } = await openNamed(pooled({ max: 1 }))({});
  t.after(close);
  const clients = [new pg.Client(pooled()()), new pg.Client(pooled()())];
  for (const client of clients) await client.connect();
  t.after(() => Promise.all(clients.map((client) => client.end())));
  // A query with a name is a prepared statement, and only the connection that prepared it knows it.
  const named = (transaction) =>
    transaction.query({ name: "ticket", text: `INSERT INTO ${schema}.tickets VALUES ($1, 0, 'held')`, values: ["x"] });
  const one = postgresStore(pool(), { schema });
  const [first, second] = clients;
  await first.query("BEGIN");
  await first.query("SELECT 1");
  assert.equal(await one.commit([add("a", 1)], (transaction) => named(transaction)), true);
  await admin.query("DELETE FROM tickets");
  await second.query("BEGIN");
  await second.query("SELECT 1");
  await first.query("COMMIT");
  await assert.rejects(one.commit([add("a", 1)], named), (error) => {
    assert.match(
      error.message,
      /^a connection pooler has mixed up prepared statements: .*queries without a name \(pg\)$/,
    );
    assert.equal(error.cause.code, "26000");
    return true;
  });
  await second.query("COMMIT");
  assert.deepEqual((await store.read(["a"], null)).counters, { a: 1 });
});
