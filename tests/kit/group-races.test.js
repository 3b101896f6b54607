// Two hosts that both get every order sell 20 codes in groups: to the last use, without a deadlock, each order once.
// And connections break while a group is being stored.
import assert from "node:assert/strict";
import { test } from "node:test";
import { audit as auditKit, redeem } from "redeemable/host";
import { postgresStore } from "redeemable/postgres";
import { audit } from "./audit.js";
import { DATABASES, sell, startHost, usesOf } from "./hosts.js";
import { openPlace } from "./place.js";
import { now, request } from "./postgres-support.js";
import { openWire } from "./proxy.js";
import { writeOnPostgres } from "./rows.js";
import { databaseUrl, mysqlDatabase, postgresSchema } from "./support.js";

const CODES = Array.from({ length: 20 }, (_, n) => `C${n}`);
const LIMIT = 12;
const PROMOS = CODES.map((code) => ({
  code,
  discount_percent: 20,
  max_uses: LIMIT,
  max_uses_per_identity: 50,
  pools: [{ id: "house", max_uses: 100_000 }],
}));
const ORDERS = Number(process.env.ORDERS ?? 400);

/** How many deadlocks the server has found. */
const DEADLOCKS = {
  SQLite: async () => 0,
  async PostgreSQL() {
    const place = await postgresSchema();
    const { rows } = await place.admin.query("SELECT sum(deadlocks) AS n FROM pg_stat_database");
    await place.close();
    return Number(rows[0].n);
  },
  async MariaDB() {
    const place = await mysqlDatabase();
    const [[{ COUNT: count }]] = await place.admin.query(
      "SELECT COUNT FROM information_schema.INNODB_METRICS WHERE NAME = 'lock_deadlocks'",
    );
    await place.close();
    return Number(count);
  },
};

for (const [name, deadlocks] of Object.entries(DEADLOCKS)) {
  test(`${name}: two hosts that both get every order sell 20 codes exactly, without a deadlock`, async (t) => {
    const database = await DATABASES[name].open();
    t.after(() => database.close());
    const before = await deadlocks();
    const hosts = await Promise.all([0, 1].map((n) => startHost(database.place(n), "group-seller.js")));
    t.after(() => {
      for (const host of hosts) host.kill();
    });
    const orders = Array.from({ length: ORDERS }, (_, n) => ({
      id: `o-${n}`,
      code: CODES[(n * 7) % 20],
      email: `guest${n % 25}@example.org`,
      returned: n % 10 === 0,
    }));
    const told = [];
    const task = (seed) => ({ orders, promos: PROMOS, seed, atOnce: 32 });
    await Promise.all(hosts.map((host, n) => sell(host, task(n + 1), (message) => told.push(message.told))));
    const tables = await database.tables();
    const records = audit(tables);
    const { store, close } = openPlace(database.place(0));
    t.after(() => close());
    assert.deepEqual(await auditKit(store), []);
    for (const code of CODES) assert.equal(usesOf(tables, code), LIMIT, code);
    const accepted = new Set(told.flatMap((each) => Object.keys(each).filter((id) => each[id] === "accepted")));
    assert.deepEqual([...accepted].sort(), [...records.keys()].sort(), "what was told is what is stored");
    assert.equal((await deadlocks()) - before, 0);
  });
}

for (const pipeline of [false, true])
  for (const before of [true, false])
    for (const writes of [false, true])
      test(`a connection breaks ${before ? "before" : "after"} a group's ${writes ? "COMMIT" : "plan"}${
        pipeline ? ", pipelined" : ""
      }: all its callers get the error, and asked again each order is sold once`, async (t) => {
        const place = await postgresSchema();
        const wire = await openWire(databaseUrl());
        t.after(async () => {
          await place.close();
          await wire.close();
        });
        const store = postgresStore(place.pool({ connectionString: wire.url, pipeline, max: 1 }));
        const options = { now, ...(writes ? { write: writeOnPostgres } : {}) };
        const ids = ["a", "b", "c"];
        const buy = () => Promise.allSettled(ids.map((id) => redeem(store, request(id), options)));
        wire.cutAt(writes ? "COMMIT" : "redeemable_commit", { before });
        const first = await buy();
        assert.deepEqual(
          first.map(({ status, reason }) => [status, reason?.code === "busy"]),
          Array(3).fill(["rejected", false]),
        );
        assert.equal(wire.cuts, 1);
        const again = await buy();
        assert.deepEqual(
          again.map(({ value }) => [value?.status, value?.replayed]),
          Array(3).fill(["accepted", !before]),
        );
        const { rows } = await place.admin.query(`
          SELECT (SELECT count(*)::int FROM redeemable_redemptions) AS sold,
            (SELECT used::int FROM redeemable_counters WHERE key LIKE '%/uses') AS used,
            (SELECT count(*)::int FROM tickets) AS tickets`);
        assert.deepEqual(rows, [{ sold: 3, used: 3, tickets: writes ? 3 : 0 }]);
        assert.deepEqual(await auditKit(store), []);
      });
