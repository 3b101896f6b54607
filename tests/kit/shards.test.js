// One store over two databases: each order is stored whole in the database of its event, or it is an error.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import pg from "pg";
import { audit, confirm, preview, redeem, release, sweep } from "redeemable/host";
import { postgresStore } from "redeemable/postgres";
import { eventOf, shardedStore } from "redeemable/shards";
import { sqliteStore } from "redeemable/sqlite";
import { databaseUrl, sqliteFile } from "./support.js";

const NOW = 1_800_000_000_000;
const now = () => NOW;
const CITY = { gala: "berlin", "a/b:c": "berlin", fete: "paris" };
const options = {
  ofEvent: (event_id) => CITY[event_id],
  // The id of an order begins with its shard.
  ofOrder: async (id) => ({ b: "berlin", p: "paris", x: "rome" })[id[0]],
};

async function sqlite(t) {
  const files = [sqliteFile(), sqliteFile()];
  t.after(() => {
    for (const file of files) file.close();
  });
  const [berlin, paris] = files.map(({ db }) => sqliteStore(db));
  const rows = (db, table) => db.prepare(`SELECT * FROM ${table}`).all();
  return {
    stores: { berlin, paris },
    rows: async (shard, table) => rows(files[shard === "berlin" ? 0 : 1].db, table),
    put: (db, id) => db.prepare("INSERT INTO tickets VALUES (?, 0, 'held')").run(id),
  };
}

async function postgres(t) {
  const admin = new pg.Client({ connectionString: databaseUrl() });
  await admin.connect();
  const pools = {};
  for (const shard of ["berlin", "paris"]) {
    const name = `shard_${randomUUID().replaceAll("-", "")}`;
    await admin.query(`CREATE DATABASE ${name}`);
    pools[shard] = new pg.Pool({ connectionString: databaseUrl().replace(/\/[^/]*$/, `/${name}`) });
    t.after(async () => {
      await pools[shard].end();
      await admin.query(`DROP DATABASE ${name}`);
    });
  }
  t.after(() => admin.end());
  const stores = Object.fromEntries(Object.entries(pools).map(([shard, pool]) => [shard, postgresStore(pool)]));
  await shardedStore({ ...options, stores }).migrate();
  for (const pool of Object.values(pools)) await pool.query("CREATE TABLE tickets (id text)");
  return {
    stores,
    rows: async (shard, table) => (await pools[shard].query(`SELECT * FROM ${table}`)).rows,
    put: (client, id) => client.query("INSERT INTO tickets VALUES ($1)", [id]),
  };
}

const ten = { code: "TEN", discount_percent: 10, max_uses: 5 };
const order = (id, event_id, hold_until_ms = NOW + 60_000) => ({
  codes: ["ten"],
  promos: [ten],
  order: { id, event_id, currency: "EUR", hold_until_ms, lines: [{ unit_price: 1000, quantity: 1 }] },
});
const ids = async ({ rows }, shard, table = "redeemable_redemptions") =>
  (await rows(shard, table)).map(({ id }) => id).sort();
const used = async ({ rows }, shard) =>
  Object.fromEntries((await rows(shard, "redeemable_counters")).map(({ key, used }) => [key, Number(used)]));
const nothing = async (place) => {
  for (const shard of ["berlin", "paris"])
    assert.deepEqual([await ids(place, shard), await used(place, shard)], [[], {}]);
};

for (const [name, open] of Object.entries({ SQLite: sqlite, PostgreSQL: postgres })) {
  test(`${name}: an order is sold, paid, returned and swept in the database of its event`, async (t) => {
    const place = await open(t);
    const store = shardedStore({ ...options, stores: place.stores });
    const write = (transaction, [{ id }]) => place.put(transaction, id);
    const first = await redeem(store, order("b-1", "gala"), { now, write });
    assert.equal(first.quote.total, 900);
    await redeem(store, order("b-2", "a/b:c"), { now });
    await redeem(store, order("p-1", "fete"), { now });
    await redeem(store, order("p-2", "fete", NOW + 1000), { now });
    assert.deepEqual(await ids(place, "berlin"), ["b-1", "b-2"]);
    assert.deepEqual(await ids(place, "paris"), ["p-1", "p-2"]);
    assert.deepEqual(await used(place, "berlin"), {
      "code/event:a%2Fb%3Ac:TEN/spend/EUR": 100,
      "code/event:a%2Fb%3Ac:TEN/uses": 1,
      "code/event:gala:TEN/spend/EUR": 100,
      "code/event:gala:TEN/uses": 1,
    });
    assert.equal((await place.rows("berlin", "tickets")).length, 1);
    assert.equal((await place.rows("paris", "tickets")).length, 0);

    assert.equal((await redeem(store, order("b-1", "gala"), { now })).status, "accepted");
    const payment = { id: "pay-1", total: 900, currency: "EUR" };
    assert.equal((await confirm(store, { id: "p-1", payment }, { now })).money, "kept");
    assert.equal(await confirm(store, { id: "c-1", payment }, { now }), null);
    assert.equal((await release(store, { id: "b-1", reason: "buyer_released" }, { now })).status, "released");
    assert.equal(await sweep(store, { now: () => NOW + 30_000 }), 1);
    assert.equal(await sweep(store, { now: () => NOW + 90_000 }), 1);
    assert.deepEqual(await used(place, "paris"), {
      "code/event:fete:TEN/spend/EUR": 100,
      "code/event:fete:TEN/uses": 1,
    });
    for (const one of Object.values(place.stores)) assert.deepEqual(await audit(one, { now }), []);
    assert.equal((await preview(store, { ...order(null, "gala"), codes: [] }, { now })).quote.total, 1000);
    // Each event has its own limit of five.
    const many = Array.from({ length: 8 }, (_, n) => redeem(store, order(`b-x${n}`, "gala"), { now }));
    assert.equal((await Promise.all(many)).filter(({ status }) => status === "accepted").length, 5);
  });

  test(`${name}: an order of two databases is an error, and nothing is stored`, async (t) => {
    const place = await open(t);
    const store = shardedStore({ ...options, stores: place.stores });
    const fails = (asked, expected, given = store) => assert.rejects(redeem(given, asked, { now }), expected);
    await fails(order("p-1", "gala"), {
      path: "order",
      message:
        'expected one shard, found the order "p-1" in paris and the counter code/event:gala:TEN/spend/EUR in berlin',
    });
    // No counter tells the event of this order: the record does.
    await fails({ ...order("p-1", "gala"), codes: [] }, { path: "order" });
    await fails(order("c-1", "gala"), { path: "order.id" });
    await fails(order("x-1", "gala"), {
      message: 'ofOrder: expected one of berlin, paris for the order "x-1", found rome',
    });
    await fails(order("b-1", "ball"), {
      message: /^ofEvent: expected one of berlin, paris for the counter .*, found null$/,
    });

    const everywhere = { ...order("p-1", "fete"), promos: [{ ...ten, id: "gold" }] };
    const shared = { ...order("p-1", "fete"), promos: [{ ...ten, pools: [{ id: "crew", max_uses: 9 }] }] };
    await fails(everywhere, {
      path: "promos",
      message: /the counter code\/id:gold\/spend\/EUR; the option ofPromotion/,
    });
    await fails(shared, { path: "promos", message: /the counter pool\/crew\/spend\/EUR; the option ofPool/ });
    // The option says where they are counted: orders of events in the other database remain an error.
    const home = { ofPromotion: () => "berlin", ofPool: () => "berlin" };
    const pinned = shardedStore({ ...options, ...home, stores: place.stores });
    for (const asked of [everywhere, shared]) await fails(asked, { path: "order" }, pinned);
    await nothing(place);
    for (const [index, { promos }] of [everywhere, shared].entries())
      await redeem(pinned, { ...order(`b-${index}`, "gala"), promos }, { now });
    assert.deepEqual(await used(place, "berlin"), {
      "code/event:gala:TEN/spend/EUR": 100,
      "code/event:gala:TEN/uses": 1,
      "code/id:gold/spend/EUR": 100,
      "code/id:gold/uses": 1,
      "pool/crew/spend/EUR": 100,
      "pool/crew/uses": 1,
    });
    assert.deepEqual(await ids(place, "paris"), []);
    await assert.rejects(audit(store, { now }), /call them once for each/);
  });
}

test("the options of a sharded store are checked", () => {
  const stores = { one: {} };
  for (const [given, path] of [
    [{ ofEvent() {}, ofOrder() {} }, "options.stores"],
    [{ stores: {}, ofEvent() {}, ofOrder() {} }, "options.stores"],
    [{ stores, ofOrder() {} }, "options.ofEvent"],
    [{ stores, ofEvent() {}, ofOrder: "one" }, "options.ofOrder"],
    [{ stores, ofEvent() {}, ofOrder() {}, ofPool: "one" }, "options.ofPool"],
    [{ stores, ofEvent() {}, ofOrder() {}, ofCode() {} }, "options.ofCode"],
  ])
    assert.throws(() => shardedStore(given), { code: "invalid_request", path });
});

test("a counter's key says whether it is of one event alone", () => {
  assert.equal(eventOf("code/event:gala:TEN/uses"), "gala");
  assert.equal(eventOf("code/event:a%2Fb%3Ac:20%25/by/email:a@b.org"), "a/b:c");
  assert.equal(eventOf("event/gala/tickets/email:a@b.org"), "gala");
  for (const shared of ["code/id:gala/uses", "code/id:event%3Agala/uses", "pool/event/uses"])
    assert.equal(eventOf(shared), null);
});
