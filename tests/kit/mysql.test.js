// The store on MariaDB: the host's own writes in its transaction, locks of other clients, and the host's settings.
import assert from "node:assert/strict";
import { test } from "node:test";
import mysql from "mysql2/promise";
import { redeem } from "redeemable/host";
import { mysqlStore } from "redeemable/mysql";
import { add, insert, now, request } from "./postgres-support.js";
import { openWire } from "./proxy.js";
import { mysqlDatabase } from "./support.js";

const TICKET = "INSERT INTO tickets VALUES (?, 0, 'held')";
const BROKEN = /closed|ended by|ECONNRESET|EPIPE|terminat|interrupted|killed/i;
const DUPLICATE = { errno: 1062 };

/** A store on a pool of one connection, so that a test can see whether the connection was kept. */
async function open(t, settings) {
  const place = await mysqlDatabase(settings);
  t.after(() => place.close());
  const pool = place.pool({ connectionLimit: 1 });
  const backend = async () => (await pool.query("SELECT CONNECTION_ID() AS id"))[0][0].id;
  const left = async () => {
    const [[row]] = await place.admin.query(
      "SELECT (SELECT COUNT(*) FROM tickets) AS tickets, (SELECT COUNT(*) FROM redeemable_counters) AS counters",
    );
    return [row.tickets, row.counters];
  };
  return { ...place, single: pool, backend, left, store: mysqlStore(pool) };
}

const hash = "UNHEX(SHA2(?, 256))";
const lockCounter = `UPDATE redeemable_counters SET used = used + 1 WHERE hash = ${hash}`;
/** Resolves when a transaction waits for a lock of another. */
async function blocked(admin) {
  const waits = async () => (await admin.query("SHOW GLOBAL STATUS LIKE 'Innodb_row_lock_current_waits'"))[0][0].Value;
  while ((await waits()) === "0");
}

test("statements of write are stored with the plan, whether write awaits them or not", async (t) => {
  const { store, left } = await open(t);
  assert.equal(
    await store.commit([add("a", 1)], (transaction) => {
      transaction.query(TICKET, ["o-1"]);
      transaction.execute({ sql: TICKET, values: ["o-2"] });
    }),
    true,
  );
  assert.equal(
    await store.commit([add("b", 1)], async (transaction) => {
      await transaction.query(TICKET, ["o-3"]);
      const [rows] = await transaction.query("SELECT COUNT(*) AS n FROM tickets");
      assert.deepEqual([...rows], [{ n: 3 }]);
      await transaction.execute(TICKET, ["o-4"]);
    }),
    true,
  );
  assert.deepEqual(await left(), [4, 2]);
});

test("write runs between the plan's records and its counters, in its transaction", async (t) => {
  const { store, admin } = await open(t);
  await store.commit([add("a", 1)]);
  let seen;
  await store.commit([insert("o-1"), add("a", 5)], async (transaction) => {
    await transaction.query(TICKET, ["o-1"]);
    [[seen]] = await transaction.query(
      `SELECT used, (SELECT COUNT(*) FROM tickets) AS tickets, (SELECT COUNT(*) FROM redeemable_redemptions) AS records
       FROM redeemable_counters`,
    );
    assert.deepEqual((await admin.query("SELECT * FROM tickets"))[0], [], "nobody else sees it yet");
  });
  assert.deepEqual({ ...seen }, { used: 1, tickets: 1, records: 1 });
});

test("write cannot end the store's transaction, nor hide that it has ended", async (t) => {
  const { store, left, admin } = await open(t, { multipleStatements: true });
  const endings = ["ROLLBACK", " commit", "BEGIN", "START TRANSACTION", "TRUNCATE tickets", "create table x (a int)"];
  for (const text of endings) {
    for (const query of [text, { sql: text }]) {
      await assert.rejects(
        store.commit([insert("o-1"), add("a", 1)], (transaction) => {
          transaction.query(query);
        }),
        /must not begin or end/,
        text,
      );
    }
  }
  assert.deepEqual(await left(), [0, 0]);
  // What the expression does not recognise has ended the transaction, but the counters are not stored without it.
  const hidden = ["SELECT 1; ROLLBACK", "/* */ COMMIT", "SET autocommit = 1", "ANALYZE TABLE tickets"];
  for (const text of hidden) {
    const commit = store.commit([add("a", 1)], async (transaction) => {
      await transaction.query(TICKET, [text]);
      if (text.startsWith("SET")) await transaction.query("SET autocommit = 0");
      await transaction.query(text);
    });
    await assert.rejects(commit, /ended within write/, text);
  }
  assert.equal((await left())[1], 0, "no counter");
  const [rows] = await admin.query("SELECT order_id FROM tickets ORDER BY 1");
  assert.deepEqual(rows.map(({ order_id }) => String(order_id)).sort(), hidden.slice(1).sort(), "what was committed");
  await admin.query("DELETE FROM tickets");
  assert.equal(
    await store.commit([insert("o-1"), add("a", 1)], async (transaction) => {
      await transaction.query("CREATE TEMPORARY TABLE seats (seat int)");
      await transaction.query("SAVEPOINT seat");
      await transaction.query(TICKET, ["o-1"]);
      await transaction.query("ROLLBACK TO SAVEPOINT seat");
    }),
    true,
  );
  assert.deepEqual(await left(), [0, 1]);
});

test("a failing statement of the host undoes everything, and its error is thrown", async (t) => {
  const { store, left, backend } = await open(t);
  const id = await backend();
  const twice = (transaction) => [transaction.query(TICKET, ["o-1"]), transaction.query(TICKET, ["o-1"])];
  const writes = [
    (transaction) => {
      twice(transaction);
    },
    (transaction) => Promise.all(twice(transaction)),
    // Caught or not: otherwise a query that nobody awaits could fail, and the plan be stored without it.
    (transaction) => twice(transaction)[1].catch(() => {}),
    async (transaction) => {
      twice(transaction);
      await transaction.query("SELECT 1");
    },
  ];
  for (const write of writes) await assert.rejects(store.commit([add("a", 1)], write), DUPLICATE);
  await assert.rejects(store.commit([add("a", 1, 0)], writes[0]), DUPLICATE);
  const fault = new Error("no such seat");
  const refusing = (transaction) => {
    transaction.query(TICKET, ["o-1"]);
    throw fault;
  };
  await assert.rejects(store.commit([add("a", 1)], refusing), (error) => error === fault);
  assert.deepEqual(await left(), [0, 0]);
  assert.equal(
    await store.commit([add("a", 1)], async (transaction) => {
      await transaction.query(TICKET, ["o-1"]);
      await transaction.query("SAVEPOINT again");
      await transaction.query(TICKET, ["o-1"]).catch(() => transaction.query("ROLLBACK TO SAVEPOINT again"));
    }),
    true,
    "a savepoint lets write recover",
  );
  assert.deepEqual([await left(), await backend()], [[1, 1], id], "the connection is sound and was kept");
});

test("a query after the transaction is an error, and so is one that answers by a callback", async (t) => {
  const { store, left } = await open(t);
  let kept;
  await store.commit([add("a", 1)], (transaction) => {
    kept = transaction;
  });
  assert.throws(() => kept.query(TICKET, ["o-1"]), /the transaction is over/);
  await assert.rejects(
    store.commit([add("b", 1)], (transaction) => {
      transaction.query(TICKET, () => {});
    }),
    TypeError,
  );
  assert.deepEqual(await left(), [0, 1]);
});

test("a lock that another client holds too long makes the kit repeat", async (t) => {
  const { store, left, admin, backend } = await open(t, { init: ["SET SESSION innodb_lock_wait_timeout = 1"] });
  const id = await backend();
  await admin.query(TICKET, ["x"]);
  await store.commit([add("hot", 1)]);
  const other = await admin.getConnection();
  await other.query("BEGIN");
  await other.query("UPDATE tickets SET state = 'paid'");
  await other.query(lockCounter, ["hot"]);
  const lock = (transaction) => transaction.query("UPDATE tickets SET state = 'gone'");
  assert.equal(await store.commit([add("a", 1)], lock), false);
  // An object-relational mapper reports the driver's error like this, as a cause.
  const mapped = (transaction) =>
    lock(transaction).catch((cause) => {
      throw new Error("query failed", { cause });
    });
  assert.equal(await store.commit([add("a", 1)], mapped), false);
  assert.equal(await store.commit([add("hot", 1)]), false);
  assert.equal(await store.commit([add("hot", -1)]), false);
  assert.equal(await store.commit([{ op: "correct", key: "hot", by: 7, corrected: 0 }]), false);
  await other.query("ROLLBACK");
  other.release();
  assert.deepEqual([await left(), await backend()], [[1, 1], id]);
  assert.equal(await store.commit([add("hot", 1)], lock), true);
});

test("a deadlock makes the kit repeat, also when write has caught its error, and nothing more is stored", async (t) => {
  const { store, left, admin } = await open(t);
  for (const id of ["x", "y"]) await admin.query(TICKET, [id]);
  const lock = (id) => ["UPDATE tickets SET state = CONCAT(state, '!') WHERE order_id = ?", [id]];
  for (const caught of [false, true]) {
    const other = await admin.getConnection();
    await other.query("BEGIN");
    // InnoDB ends the transaction that has changed less, so this one changes more than the store's.
    for (let i = 0; i < 20; i += 1) await other.query("INSERT INTO tickets VALUES (?, 1, '')", [`many ${i}`]);
    await other.query(...lock("x"));
    let waiting;
    const commit = store.commit([add("a", 1)], async (transaction) => {
      await transaction.query(...lock("y"));
      waiting = other.query(...lock("y"));
      const asked = transaction.query(...lock("x"));
      // The deadlock ends the transaction: by itself, the server would store what comes behind it.
      const behind = transaction.query(TICKET, ["behind"]);
      await (caught ? Promise.allSettled([asked, behind]) : asked);
      await transaction.query(TICKET, ["later"]);
    });
    assert.equal(await commit, false);
    await waiting;
    await other.query("ROLLBACK");
    other.release();
  }
  assert.deepEqual(await left(), [2, 0]);
});

test("a correction waits for a sale under way, and a comparison and a scan wait for none", async (t) => {
  const { store, pool, admin } = await open(t);
  const other = mysqlStore(pool());
  await store.commit([add("a", 1)]);
  const buyer = await admin.getConnection();
  await buyer.query("BEGIN");
  await buyer.query(lockCounter, ["a"]);
  const correction = store.commit([{ op: "correct", key: "a", by: -1, corrected: 0 }]);
  await blocked(admin);
  assert.equal(await other.commit([insert("o-2"), add("b", 1)]), true);
  const seen = [];
  await other.scan(({ redemptions, counters }) =>
    seen.push(...redemptions.map(({ id }) => id), ...Object.entries(counters)),
  );
  assert.deepEqual(seen.map(String).sort(), ["a,1", "b,1", "o-2"], "it does not see a sale under way");
  assert.deepEqual(await other.differences({ after: "", limit: 9 }), [
    { key: "a", used: 1, must: 0, corrected: 0 },
    { key: "b", used: 1, must: 0, corrected: 0 },
  ]);
  await buyer.query("COMMIT");
  buyer.release();
  assert.deepEqual([await correction, (await other.read(["a", "b"], null)).counters], [true, { a: 1, b: 1 }]);
});

test("prune waits for no counter but those that it deletes", async (t) => {
  const { store, admin } = await open(t, { init: ["SET SESSION innodb_lock_wait_timeout = 1"] });
  const day = (n) => `code/id:x/day/2026-11-${n}/uses`;
  await store.commit([add(day(10), 1), add(day(11), 1), add("hot", 1)]);
  const buyer = await admin.getConnection();
  await buyer.query("BEGIN");
  for (const key of [day(11), "hot"]) await buyer.query(lockCounter, [key]);
  assert.equal(await store.prune((key) => key === day(10)), 1);
  assert.equal(await store.prune((key) => key === day(11)), null, "the database asks for a repetition");
  await buyer.query("ROLLBACK");
  buyer.release();
  assert.deepEqual((await store.read([day(10), day(11), "hot"], null)).counters, { [day(11)]: 1, hot: 1 });
});

test("the guard is judged on what is stored, and not on what the transaction saw first", async (t) => {
  const { store, admin } = await open(t, { init: ["SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ"] });
  await store.commit([add("a", 1)]);
  const commit = store.commit([add("a", 1, 2)], async (transaction) => {
    await transaction.query("SELECT * FROM redeemable_counters");
    await admin.query(lockCounter, ["a"]);
  });
  assert.equal(await commit, false);
  assert.deepEqual((await store.read(["a"], null)).counters, { a: 2 });
});

test("texts that a collation takes for the same, and keys longer than an index takes, are kept apart", async (t) => {
  const { store } = await open(t);
  const ids = ["a", "A", "a ", "á", "a\u0000", "aa", "ss", "ß"];
  const long = ["x".repeat(4000), `${"x".repeat(4000)}y`];
  for (const [index, text] of [...ids, ...long].entries()) {
    if (text.length < 257) assert.equal(await store.commit([insert(text)]), true, text);
    assert.equal(await store.commit([add(text, index + 1, index + 1)]), true, text);
    assert.equal(await store.commit([add(text, 1, index + 1)]), false, text);
  }
  const { counters } = await store.read([...ids, ...long], null);
  assert.deepEqual(counters, Object.fromEntries([...ids, ...long].map((text, index) => [text, index + 1])));
  for (const id of ids) assert.equal((await store.read([], id)).existing.id, id);
});

test("a buyer's text cannot end the quotes around it, even where a backslash is a plain character", async (t) => {
  const { store } = await open(t, { init: ["SET SESSION sql_mode = 'NO_BACKSLASH_ESCAPES'"] });
  const id = `o' OR 1=1 -- \\' OR 1=1 -- "`;
  assert.equal(await store.commit([insert("o-1"), insert(id), add(id, 1)]), true);
  assert.equal((await store.read([], `none' OR 1=1 -- `)).existing, null);
  assert.deepEqual((await store.read([id], id)).counters, { [id]: 1 });
});

test("settings under which a read would not see the present are refused", async (t) => {
  const { pool } = await open(t);
  for (const [init, message] of [
    ["SET SESSION autocommit = 0", /autocommit off/],
    ["SET SESSION TRANSACTION ISOLATION LEVEL READ UNCOMMITTED", /not committed/],
  ]) {
    const set = pool({ connectionLimit: 1 });
    set.on("connection", (connection) => connection.query(init));
    const store = mysqlStore(set);
    await assert.rejects(store.read([], null), message);
    await assert.rejects(store.find({ lapsed_by_ms: 1, keys: null, limit: 1 }), message);
    assert.equal(await store.commit([add(init, 1)]), true, "a commit does not depend on them");
  }
});

test("when the server ends a connection, the error is thrown and the pool makes another connection", async (t) => {
  const { store, left, backend, admin } = await open(t);
  const id = await backend();
  await assert.rejects(
    store.commit([add("a", 1)], async (transaction) => {
      await transaction.query(TICKET, ["o-1"]);
      await admin.query(`KILL ${id}`);
      await transaction.query(TICKET, ["o-2"]);
    }),
    BROKEN,
  );
  assert.deepEqual(await left(), [0, 0]);
  assert.equal(await store.commit([add("a", 1)]), true);
  assert.notEqual(await backend(), id);
});

for (const writes of [false, true]) {
  for (const before of [true, false]) {
    const when = `${before ? "before" : "after"} the server gets the COMMIT${writes ? " of the host's rows, too" : ""}`;
    test(`the connection breaks ${when}: thrown, and the order repeated is sold once`, async (t) => {
      const place = await mysqlDatabase();
      // Every answer to a COMMIT says that it is done.
      const wire = await openWire(process.env.MYSQL_URL, "");
      t.after(async () => {
        await place.close();
        await wire.close();
      });
      const store = mysqlStore(place.pool({ uri: wire.url, connectionLimit: 1 }));
      let writesRun = 0;
      const write = (transaction, [{ id }]) => {
        writesRun += 1;
        transaction.query(TICKET, [id]);
      };
      const options = { now, ...(writes ? { write } : {}) };
      // The byte 3 begins a query; COMMIT without it is in the statement that sets READ COMMITTED, too.
      wire.cutAt("\x03COMMIT", { before });
      await assert.rejects(redeem(store, request("a"), options), (error) => error.code !== "busy");
      assert.deepEqual([wire.cuts, writesRun], [1, writes ? 1 : 0], "the kit did not ask again");
      const repeated = await redeem(store, request("a"), options);
      assert.deepEqual([repeated.status, repeated.replayed], ["accepted", !before]);
      const [[row]] = await place.admin.query(
        `SELECT (SELECT COUNT(*) FROM redeemable_redemptions) AS sold, (SELECT COUNT(*) FROM tickets) AS tickets,
           (SELECT used FROM redeemable_counters WHERE \`key\` LIKE '%/uses') AS used`,
      );
      assert.deepEqual({ ...row }, { sold: 1, tickets: writes ? 1 : 0, used: 1 });
    });
  }
}

test("what a write may not ask of its transaction undoes it, and the connection is usable again", async (t) => {
  const place = await mysqlDatabase();
  t.after(() => place.close());
  const pool = mysql.createPool({ ...place.config, connectionLimit: 1 });
  t.after(() => pool.end());
  const store = mysqlStore(pool);
  // Within a transaction the server refuses this with error 1568, as it does on a connection that the host is using.
  const write = (transaction) => transaction.query("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE");
  await assert.rejects(redeem(store, request("a"), { now, write }), { errno: 1568 });
  assert.equal((await redeem(store, request("b"), { now })).status, "accepted");
  assert.equal((await place.admin.query("SELECT * FROM redeemable_redemptions"))[0].length, 1);
});

test("one connection serves many calls that come at once, one after the other", async (t) => {
  const place = await mysqlDatabase();
  t.after(() => place.close());
  const connection = await mysql.createConnection(place.config);
  t.after(() => connection.end());
  const store = mysqlStore(connection);
  const write = (transaction, [{ id }]) => transaction.query(TICKET, [id]);
  const answers = await Promise.all(["a", "b", "c", "d", "e"].map((id) => redeem(store, request(id), { now, write })));
  assert.equal(answers.filter(({ status }) => status === "accepted").length, 3);
  assert.equal((await place.admin.query("SELECT * FROM tickets"))[0].length, 3);

  // A transaction that the host has open on it is neither committed nor rolled back.
  await connection.query("BEGIN");
  await connection.query(TICKET, ["host"]);
  assert.deepEqual((await store.read([], null)).counters, {});
  for (const call of [() => store.commit([add("a", 1)]), () => store.scan(() => {}), () => store.migrate()])
    await assert.rejects(call(), /in a transaction of the host's/);
  assert.equal((await place.admin.query("SELECT * FROM tickets"))[0].length, 3);
  await connection.query("COMMIT");
  assert.equal((await place.admin.query("SELECT * FROM tickets"))[0].length, 4);
  assert.equal(await store.commit([add("a", 1)]), true);
});
