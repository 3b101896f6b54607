// What a store does with a counter that is split into parts, and that a counter which is not split costs no more.
// split.test.js sells from split counters at several hosts.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { split } from "redeemable/host";
import { mysqlStore } from "redeemable/mysql";
import { openMemory, openMysql, openOverMysql, openOverPostgres, openPostgres, openSqlite } from "./support.js";

const KEY = "code/event:gala:CODE/uses";
const DAY = "code/event:gala:CODE/day/2020-01-01/uses";
const add = (by, at_most = null, key = KEY) => ({ op: "add", key, by, at_most });

/** Whoever waits for a lock longer than a second or two gets the answer of a conflict. */
const PATIENT = { options: "-c lock_timeout=2000" };
const PATIENT_MYSQL = { init: ["SET SESSION innodb_lock_wait_timeout = 2"] };
const STORES = {
  PostgreSQL: [openPostgres(PATIENT), "SELECT part, used, cap, bound FROM redeemable_parts ORDER BY key, part"],
  "PostgreSQL over a bridge": [
    openOverPostgres(PATIENT),
    "SELECT part, used, cap, bound FROM redeemable_parts ORDER BY key, part",
  ],
  MariaDB: [openMysql(PATIENT_MYSQL), "SELECT part, used, cap, bound FROM redeemable_parts ORDER BY hash, part"],
  "MariaDB over a bridge": [
    openOverMysql(PATIENT_MYSQL),
    "SELECT part, used, cap, bound FROM redeemable_parts ORDER BY hash, part",
  ],
};

for (const [name, [open, PARTS]] of Object.entries(STORES)) {
  const onMysql = name.startsWith("MariaDB");
  describe(name, () => {
    async function opened(t) {
      const drifted = [];
      const shop = await open({ onDrift: (key) => drifted.push(key) });
      t.after(() => shop.close());
      const rows = async (text) => {
        const answer = await shop.admin.query(text);
        return onMysql ? answer[0] : answer.rows;
      };
      const parts = async () =>
        (await rows(PARTS)).map(({ used, cap, bound }) =>
          [used, cap, bound].map((value) => (value === null ? null : Number(value))),
        );
      const used = async (key = KEY) => (await shop.store.read([key], null)).counters[key];
      const commit = (...ops) => shop.store.commit(ops);
      return { ...shop, drifted, rows, parts, used, commit };
    }

    test("shares the limit out, and again when no part has enough or the limit is another", async (t) => {
      const { store, commit, parts, used } = await opened(t);
      assert.deepEqual(await split(store, KEY, 3), [KEY]);
      assert.deepEqual(await parts(), [
        [0, null, null],
        [0, null, null],
        [0, null, null],
      ]);
      assert.equal(await commit(add(4, 11)), true);
      // 4 and 11, each in three: 2 + 1 + 1, and 4 + 4 + 3.
      assert.deepEqual(await parts(), [
        [2, 4, 11],
        [1, 4, 11],
        [1, 3, 11],
      ]);
      assert.equal(await commit(add(3, 11)), true, "only the second part has room for three");
      assert.deepEqual((await parts())[1], [4, 4, 11]);
      assert.equal(await commit(add(5, 11)), false);
      assert.equal(await commit(add(4, 11)), true, "no part has room for four, all together have");
      assert.equal(await used(), 11);
      for (const most of [11, 10]) assert.equal(await commit(add(1, most)), false);
      assert.equal(await commit(add(1, 12)), true);
      assert.deepEqual(await parts(), [
        [4, 4, 12],
        [4, 4, 12],
        [4, 4, 12],
      ]);
      assert.equal(await commit(add(-7)), true, "no part holds seven: 5 are shared out");
      assert.deepEqual(
        (await parts()).map(([held]) => held),
        [2, 2, 1],
      );
      assert.equal(await commit(add(7, 12)), true);
      assert.equal(await commit(add(20)), true, "without a limit");
      assert.equal(await commit(add(1, 31)), false);
      assert.equal(await used(), 32);
      await split(store, KEY, 1);
      assert.deepEqual([await parts(), await used()], [[], 32]);
    });

    test("gives back at most what all parts hold, and says so", async (t) => {
      const { store, commit, parts, used, drifted, rows } = await opened(t);
      await commit(add(5));
      await split(store, KEY, 2);
      assert.equal(await commit(add(-6)), true);
      assert.deepEqual(
        [await used(), drifted, (await rows("SELECT corrected FROM redeemable_counters"))[0]],
        [0, [KEY], { corrected: onMysql ? 1 : "1" }],
      );
      const correct = (by, corrected) => ({ op: "correct", key: KEY, by, corrected });
      assert.equal(await commit(correct(3, 0)), false, "it was corrected meanwhile");
      assert.equal(await commit(correct(-1, 1)), false, "it would be below 0");
      assert.equal(await commit(correct(3, 1)), true);
      assert.deepEqual(
        (await parts()).map(([held]) => held),
        [2, 1],
      );
      assert.deepEqual(
        (await store.differences({ after: "", limit: 9 })).map((row) => [row.used, row.must, row.corrected]),
        [[3, 0, 2]],
      );
    });

    test("forgets a split counter that holds nothing, and prunes one of a day that is long over", async (t) => {
      const { store, commit, rows } = await opened(t);
      for (const key of [KEY, DAY]) {
        await commit(add(2, 9, key));
        await split(store, key, 2);
      }
      const forget = { op: "forget", key: KEY };
      await commit(add(2, 9));
      await commit(forget);
      assert.equal((await store.read([KEY], null)).counters[KEY], 4);
      await split(store, KEY, 2);
      await commit(add(-4), forget);
      assert.deepEqual((await store.read([KEY, DAY], null)).counters, { [DAY]: 2 });
      assert.equal(await store.prune((key) => key === DAY), 1);
      assert.deepEqual((await store.read([KEY, DAY], null)).counters, {});
      assert.deepEqual(await rows("SELECT * FROM redeemable_parts"), []);
    });

    test("a buyer waits neither for a locked part nor for the counter's row, limited or not", async (t) => {
      const { store, commit, pool, used } = await opened(t);
      await split(store, KEY, 4);
      await commit(add(4, 100));
      await used();
      const other = await (onMysql ? pool().getConnection() : pool().connect());
      try {
        // At REPEATABLE READ, MariaDB would also lock the third part, which the query only looks at.
        if (onMysql) await other.query("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED");
        await other.query("BEGIN");
        await other.query("SELECT * FROM redeemable_counters FOR UPDATE");
        await other.query("SELECT * FROM redeemable_parts WHERE part <> 2 FOR UPDATE");
        // Only the third part is free, and it has one of 4 and room for 24 more.
        assert.equal(await commit(add(3, 100)), true);
        assert.equal(await commit(add(-4)), true);
        assert.equal(await commit(add(25)), true);
        assert.equal(await commit(add(1, 100)), false, "it is full: this buyer would wait");
      } finally {
        await other.query("ROLLBACK");
        other.release();
      }
      assert.equal(await commit(add(1, 100)), true);
      assert.equal(await used(), 29);
    });
  });
}

test("a store without parts refuses, and so does the kit for a key or a number that cannot be", async (t) => {
  for (const open of [openMemory, openSqlite]) {
    const { store, close } = await open();
    t.after(close);
    await assert.rejects(split(store, KEY, 4), { code: "invalid_request", path: "store" });
  }
  const store = { split: () => assert.fail("it is not asked") };
  for (const key of ["CODE", "", "code/x", null, "other/x/uses", "code/x/uses\ud800"])
    await assert.rejects(split(store, key, 4), { path: "key" });
  for (const parts of [0, 257, 1.5, "4", undefined]) await assert.rejects(split(store, KEY, parts), { path: "parts" });
  await assert.rejects(split({ split: () => null }, KEY, 4, { attempts: 2 }), { code: "busy" });
});

test("on PostgreSQL, a charge of a counter that is not split looks at no part", async (t) => {
  const { pool, close } = await openPostgres()();
  t.after(close);
  const client = await pool().connect();
  /** How often this connection has looked into counters and into parts, as the server has not reported it yet. */
  const scans = async () => {
    const { rows } = await client.query(
      `SELECT (seq_scan + COALESCE(idx_scan, 0))::int AS scans FROM pg_stat_xact_user_tables
      WHERE relname IN ('redeemable_counters', 'redeemable_parts') ORDER BY relname`,
    );
    return rows.map(({ scans }) => scans);
  };
  const looks = async (op) => {
    await client.query("BEGIN");
    const before = await scans();
    await client.query("SELECT redeemable_commit($1::json)", [JSON.stringify([op])]);
    const after = await scans();
    await client.query("COMMIT");
    return after.map((count, table) => count - before[table]);
  };
  try {
    // The first use: the UPDATE finds no row, and the INSERT looks whether there is one.
    assert.deepEqual(await looks(add(2, 9)), [2, 0]);
    assert.deepEqual(await looks(add(2, 9)), [1, 0]);
    assert.deepEqual(await looks(add(-1)), [1, 0]);
  } finally {
    client.release(true);
  }
});

test("on MariaDB, a counter that is not split takes one statement, and two at its first use", async (t) => {
  const { pool, close } = await openMysql()();
  t.after(close);
  const connection = await pool().getConnection();
  let sent = 0;
  const counting = {
    query: (...asked) => {
      sent += 1;
      return connection.query(...asked);
    },
    on: () => {},
    removeListener: () => {},
    destroy: () => {},
  };
  const store = mysqlStore(counting, { group: false });
  const statements = async (op) => {
    sent = 0;
    assert.equal(await store.commit([op]), true);
    // The isolation level, BEGIN and COMMIT are three more.
    return sent - 3;
  };
  // A key of its own: this process remembers which counters were split in the tests above.
  const key = "code/event:gala:PLAIN/uses";
  assert.equal(await statements(add(2, 9, key)), 2);
  assert.equal(await statements(add(2, 9, key)), 1);
  assert.equal(await statements(add(-1, null, key)), 1);
  connection.destroy();
});
