// What a call reads does not grow with the table, nor with the lapsed holds of other codes: the same calls on a table
// that is ten and a hundred times as large read as much, by the database's own counters.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { confirm, erase, redeem, release } from "redeemable/host";
import { memoryStore } from "redeemable/memory";
import { mysqlStore } from "redeemable/mysql";
import { postgresStore } from "redeemable/postgres";
import { sqliteStore } from "redeemable/sqlite";
import { mysqlDatabase, postgresSchema, sqliteFile } from "./support.js";

const NOW = 1_800_000_000_000;
const now = () => NOW;
/** How many records the table has, and how many of other codes have lapsed. */
const SIZES = [
  { paid: 200, lapsed: 100 },
  { paid: 2000, lapsed: 10_000 },
  { paid: 20_000, lapsed: 10_000 },
];

const asked = (code, id, at) => ({
  codes: [code],
  promos: [{ code, discount_percent: 10, max_uses: 1, max_uses_per_identity: 5 }],
  policy: { max_tickets_per_identity: 10 },
  order: {
    id,
    event_id: "gala",
    currency: "EUR",
    lines: [{ unit_price: 1000, quantity: 1 }],
    identities: { email: `${id}@example.org` },
    hold_until_ms: at + 1000,
  },
});
const paid = (id) => ({ id, payment: { id: `p-${id}`, total: 900, currency: "EUR" } });

/** A paid order and a lapsed one, as texts in which XQZ and xqz stand for a number. */
async function templates() {
  const store = memoryStore();
  await redeem(store, asked("CXQZ", "xqz", NOW), { now });
  await confirm(store, paid("xqz"), { now });
  await redeem(store, asked("LXQZ", "late-xqz", NOW - 5000), { now: () => NOW - 5000 });
  const [confirmed, lapsed] = await Promise.all(["xqz", "late-xqz"].map((id) => store.read([], id)));
  return [confirmed.existing, lapsed.existing];
}

/** The calls of a shop, each on codes and orders of its own. Returns how much each reads. */
async function measured(store, reads) {
  const cost = {};
  const measure = async (name, call) => {
    // The first two rounds only fill caches and catalogues.
    for (let round = 0; round < 3; round += 1) {
      const prepared = await call.before?.(round);
      const before = await reads();
      await call.run(round, prepared);
      cost[name] = (await reads()) - before;
    }
  };
  const uses = (code) => `code/event:gala:${code}/uses`;
  const sell = (id, code = `NEW-${id}`) => redeem(store, asked(code, id, NOW), { now });
  await measure("read", { run: (n) => store.read([uses(`C${n + 1}`), uses(`C${n + 9}`)], `${n + 3}`) });
  const find = (keys) => store.find({ lapsed_by_ms: NOW, keys, limit: 10 });
  await measure("find by key", { run: (n) => find([uses(`C${n + 1}`)]) });
  await measure("find for a sweep", { run: () => find(null) });
  await measure("redeem", { run: async (n) => assert.equal((await sell(`a${n}`)).status, "accepted") });
  await measure("refusal", { run: async (n) => assert.equal((await sell(`b${n}`, "NEW-a0")).status, "rejected") });
  await measure("take over a lapsed hold", {
    run: async (n) => assert.equal((await sell(`c${n}`, `L${n + 1}`)).status, "accepted"),
  });
  await measure("confirm", {
    before: (n) => sell(`d${n}`),
    run: async (n) => assert.equal((await confirm(store, paid(`d${n}`), { now })).money, "kept"),
  });
  await measure("release", {
    before: async (n) => (await sell(`e${n}`)) && confirm(store, paid(`e${n}`), { now }),
    run: async (n) =>
      assert.equal((await release(store, { id: `e${n}`, reason: "refunded" }, { now })).refundable, 900),
  });
  await measure("erase", {
    before: (n) => sell(`f${n}`),
    run: async (n) => assert.equal(await erase(store, `email:f${n}@example.org`), 1),
  });
  await measure("release from the archive", {
    before: async (n) => {
      await redeem(
        store,
        { ...asked(`NEW-g${n}`, `g${n}`, NOW), promos: [{ code: `NEW-g${n}`, discount_percent: 100 }] },
        { now },
      );
      const { existing } = await store.read([], `g${n}`);
      assert.equal(await store.commit([{ op: "archive", id: `g${n}`, revision: existing.revision }]), true);
    },
    run: async (n) =>
      assert.equal((await release(store, { id: `g${n}`, reason: "refunded" }, { now })).status, "released"),
  });
  return cost;
}

/** `open(size, templates)` makes a table and returns a store, and how much its database has read so far. */
const grows = (name, slack, open) =>
  test(`on ${name}, no call reads more in a larger table`, async (t) => {
    const records = await templates();
    const costs = [];
    for (const size of SIZES) {
      const { store, reads, close } = await open(size, records);
      try {
        costs.push(await measured(store, reads));
      } finally {
        await close();
      }
    }
    t.diagnostic(JSON.stringify(costs));
    for (const call of Object.keys(costs[0])) {
      const each = costs.map((cost) => cost[call]);
      assert.ok(Math.min(...each) > 0, `${call}: ${each}`);
      assert.ok(Math.max(...each) <= Math.min(...each) + slack, `${call} reads ${each}`);
    }
  });

const sql = (text, number) => `replace(replace(${text}, 'XQZ', ${number}), 'xqz', ${number})`;

// SQLite counts nothing. With a cache of few pages it reads each page from the file, which the system counts.
grows("SQLite (pages)", 60, async (size, [confirmed, lapsed]) => {
  const { db, connect, close } = sqliteFile();
  const load = (record, count) =>
    db
      .prepare(
        `WITH RECURSIVE series (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM series WHERE n < ?)
        INSERT INTO redeemable_redemptions
        SELECT ${sql("?", "n")}, ?, ?, 'gala', ?, ${sql("?", "n")} FROM series`,
      )
      .run(count, record.id, record.revision, record.state, record.expires_at_ms ?? null, JSON.stringify(record));
  load(confirmed, size.paid);
  load(lapsed, size.lapsed);
  db.exec(`INSERT INTO redeemable_counters (key, used) SELECT json_extract(value, '$.key'), 1
    FROM redeemable_redemptions, json_each(document, '$.charges') WHERE true ON CONFLICT DO NOTHING;
    INSERT INTO redeemable_persons
      SELECT value, record.id FROM redeemable_redemptions AS record, json_each(document, '$.identities');
    INSERT INTO redeemable_held SELECT json_extract(value, '$.key'), expires_at_ms, record.id
      FROM redeemable_redemptions AS record, json_each(document, '$.charges')
      WHERE state = 'held'
        AND (json_extract(value, '$.limit') IS NOT NULL OR json_extract(value, '$.key') NOT LIKE '%/spend/%')
      UNION SELECT '', expires_at_ms, id FROM redeemable_redemptions WHERE state = 'held'`);
  db.pragma("wal_checkpoint(TRUNCATE)");
  const own = connect();
  own.pragma("cache_size = 1");
  own.pragma("mmap_size = 0");
  const reads = () => Math.round(Number(/rchar: (\d+)/.exec(readFileSync("/proc/self/io", "utf8"))[1]) / 4096);
  return { store: sqliteStore(own), reads, close };
});

grows("PostgreSQL (buffers)", 60, async (size, [confirmed, lapsed]) => {
  const { admin, pool, close } = await postgresSchema();
  const load = async (record, count) => {
    const values = [record.id, record.revision, record.state, record.expires_at_ms ?? null, JSON.stringify(record)];
    await admin.query(
      `INSERT INTO redeemable_redemptions
      SELECT ${sql("$1::text", "n::text")}, $2, $3, 'gala', $4, ${sql("$5::text", "n::text")}::json
      FROM generate_series(1, ${count}) AS n`,
      values,
    );
  };
  await load(confirmed, size.paid);
  await load(lapsed, size.lapsed);
  const hash = (text) => `substr(sha256(convert_to(${text}, 'UTF8')), 1, 8)`;
  await admin.query(`INSERT INTO redeemable_counters (key, used) SELECT charge ->> 'key', 1
      FROM redeemable_redemptions, json_array_elements(document -> 'charges') AS charge ON CONFLICT DO NOTHING;
    INSERT INTO redeemable_persons SELECT ${hash("document -> 'identities' ->> 0")}, id FROM redeemable_redemptions;
    INSERT INTO redeemable_held SELECT ${hash("charge ->> 'key'")}, expires_at_ms, id
      FROM redeemable_redemptions, json_array_elements(document -> 'charges') AS charge
      WHERE state = 'held' AND (charge ->> 'limit' IS NOT NULL OR charge ->> 'key' NOT LIKE '%/spend/%')
      UNION SELECT '', expires_at_ms, id FROM redeemable_redemptions WHERE state = 'held';
    ANALYZE`);
  const { ask, reads } = await explaining(pool({ max: 1 }));
  return { store: postgresStore(ask), reads, close };
});

/** A pool that asks, before each query, how many buffers it touches, in a transaction that is rolled back. */
async function explaining(pool) {
  let total = 0;
  async function count(client, text, values) {
    await client.query("BEGIN");
    for (let round = 0; round < 2; round += 1) {
      await client.query("SAVEPOINT before");
      const { rows } = await client.query(`EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${text}`, values);
      await client.query("ROLLBACK TO before");
      const { Plan: plan } = rows[0]["QUERY PLAN"][0];
      if (round === 1) total += plan["Shared Hit Blocks"] + plan["Shared Read Blocks"];
    }
    await client.query("ROLLBACK");
  }
  const connect = async () => {
    const client = await pool.connect();
    return {
      on: (...given) => client.on(...given),
      removeListener: (...given) => client.removeListener(...given),
      release: (broken) => client.release(broken),
      async query(text, values) {
        if (text.startsWith("SELECT")) await count(client, text, values);
        return client.query(text, values);
      },
    };
  };
  return { ask: { totalCount: 0, connect }, reads: () => total };
}

grows("MariaDB (rows)", 20, async (size, [confirmed, lapsed]) => {
  const { admin, pool, close } = await mysqlDatabase();
  const load = (record, count) =>
    admin.query(
      `INSERT INTO redeemable_redemptions
      SELECT ${sql("?", "seq")}, ?, ?, 'gala', ?, ${sql("?", "seq")} FROM seq_1_to_${count}`,
      [record.id, record.revision, record.state, record.expires_at_ms ?? null, JSON.stringify(record)],
    );
  await load(confirmed, size.paid);
  await load(lapsed, size.lapsed);
  const charges = `redeemable_redemptions, JSON_TABLE(document, '$.charges[*]' COLUMNS (
    name VARCHAR(300) CHARACTER SET utf8mb4 PATH '$.key', bound BIGINT PATH '$.limit')) AS charge`;
  await admin.query(`INSERT IGNORE INTO redeemable_counters (hash, \`key\`, used)
    SELECT UNHEX(SHA2(name, 256)), name, 1 FROM ${charges}`);
  await admin.query(`INSERT INTO redeemable_held SELECT LEFT(UNHEX(SHA2(name, 256)), 8), expires_at_ms, id
    FROM ${charges} WHERE state = 'held' AND (bound IS NOT NULL OR name NOT LIKE '%/spend/%')
    UNION SELECT LEFT(UNHEX(SHA2('', 256)), 8), expires_at_ms, id FROM redeemable_redemptions WHERE state = 'held'`);
  await admin.query(`INSERT INTO redeemable_persons
    SELECT LEFT(UNHEX(SHA2(JSON_VALUE(document, '$.identities[0]'), 256)), 8), id FROM redeemable_redemptions`);
  await admin.query("ANALYZE TABLE redeemable_redemptions, redeemable_held, redeemable_counters");
  const single = pool({ connectionLimit: 1 });
  const reads = async () => {
    const [rows] = await single.query("SHOW SESSION STATUS LIKE 'Handler_read%'");
    return rows.reduce((sum, { Value }) => sum + Number(Value), 0);
  };
  return { store: mysqlStore(single), reads, close };
});
