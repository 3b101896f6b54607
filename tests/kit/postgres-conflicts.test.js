// PostgreSQL: locks of other clients, breaking connections, and the host's settings.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import pg from "pg";
import { redeem } from "redeemable/host";
import { postgresStore } from "redeemable/postgres";
import { BROKEN, NOW, TICKET, add, insert, now, openPool, request } from "./postgres-support.js";
import { openWire } from "./proxy.js";
import { databaseUrl, postgresSchema } from "./support.js";

for (const pipeline of [false, true]) {
  describe(pipeline ? "pipelined" : "one query after the other", () => {
    const open = (t, settings) => openPool(t, pipeline, settings);

    test("a lock that another client holds too long makes the kit repeat", async (t) => {
      const { store, left, admin, backend } = await open(t, { options: "-c lock_timeout=50" });
      const pid = await backend();
      await admin.query("INSERT INTO tickets VALUES ('x', 0, 'held')");
      const lock = ["UPDATE tickets SET state = 'paid' WHERE order_id = 'x'"];
      const other = await admin.connect();
      await other.query("BEGIN");
      await other.query(...lock);
      assert.equal(
        await store.commit([add("a", 1)], (transaction) => {
          transaction.query(...lock);
        }),
        false,
      );
      // An object-relational mapper reports the driver's error like this, as a cause.
      const mapped = async (transaction) => {
        await transaction.query(...lock).catch((cause) => {
          throw new Error("query failed", { cause });
        });
      };
      assert.equal(await store.commit([add("a", 1)], mapped), false);
      await other.query("INSERT INTO redeemable_counters VALUES ('hot', 1)");
      assert.equal(await store.commit([add("hot", 1)]), false);
      await other.query("COMMIT");
      other.release();
      assert.deepEqual([await left(), await backend()], [[1, 1], pid]);
      assert.equal(
        await store.commit([add("hot", 1)], (transaction) => {
          transaction.query(...lock);
        }),
        true,
      );
    });

    test("a correction waits for a sale under way, and a comparison waits for none", async (t) => {
      const { store, connect, admin, config } = await open(t);
      const other = postgresStore(connect());
      await store.commit([add("a", 1)]);
      const buyer = await admin.connect();
      await buyer.query("BEGIN");
      await buyer.query("SELECT redeemable_commit($1)", [JSON.stringify([insert("o-1"), add("a", 2)])]);
      const correct = (by, corrected) => [{ op: "correct", key: "a", by, corrected }];
      const correction = store.commit(correct(-1, 0));
      for (let waiting = 0; waiting === 0; )
        waiting = (await admin.query("SELECT FROM pg_locks WHERE NOT granted")).rowCount;
      assert.equal(await other.commit([insert("o-2"), add("b", 1)]), true);
      assert.deepEqual(await other.differences({ after: "", limit: 9 }), [
        { key: "a", used: 1, must: 0, corrected: 0 },
        { key: "b", used: 1, must: 0, corrected: 0 },
      ]);
      await buyer.query("COMMIT");
      buyer.release();
      assert.deepEqual([await correction, (await store.read(["a", "b"], null)).counters], [true, { a: 2, b: 1 }]);

      const impatient = postgresStore(connect({ options: `${config.options} -c lock_timeout=30` }));
      const holder = await admin.connect();
      await holder.query("BEGIN");
      await holder.query("UPDATE redeemable_counters SET used = used + 1 WHERE key = 'a'");
      const answer = await impatient.commit(correct(7, 1)).catch((error) => error);
      await holder.query("COMMIT");
      holder.release();
      assert.equal(answer, false);
      assert.equal((await store.read(["a"], null)).counters.a, 3);
    });

    test("a scan does not wait for a sale under way, and does not see it", async (t) => {
      const { store, connect } = await open(t);
      const other = postgresStore(connect());
      await store.commit([insert("o-1"), add("a", 1)]);
      assert.equal(
        await store.commit([insert("o-2"), add("a", 1)], async (transaction) => {
          await transaction.query("UPDATE redeemable_counters SET used = used + 1 WHERE key = 'a'");
          const seen = [];
          await other.scan(({ redemptions, counters }) =>
            seen.push(...redemptions.map(({ id }) => id), ...Object.entries(counters)),
          );
          assert.deepEqual(seen, ["o-1", ["a", 1]]);
        }),
        true,
      );
    });

    test("a deadlock makes the kit repeat", async (t) => {
      const { store, left, admin } = await open(t, { options: "-c deadlock_timeout=10" });
      await admin.query("INSERT INTO tickets VALUES ('x', 0, 'held'), ('y', 0, 'held')");
      const lock = (id) => ["UPDATE tickets SET state = 'paid' WHERE order_id = $1", [id]];
      const other = await admin.connect();
      const {
        rows: [{ pid }],
      } = await other.query("SELECT pg_backend_pid() AS pid");
      // The other client looks for deadlocks late, so the store's transaction finds this one and is ended.
      await other.query("SET deadlock_timeout = '1min'");
      await other.query("BEGIN");
      await other.query(...lock("x"));
      let waiting;
      assert.equal(
        await store.commit([add("a", 1)], async (transaction) => {
          await transaction.query(...lock("y"));
          waiting = other.query(...lock("y"));
          for (let rows = []; rows.length === 0; )
            ({ rows } = await admin.query("SELECT FROM pg_locks WHERE pid = $1 AND NOT granted", [pid]));
          await transaction.query(...lock("x"));
        }),
        false,
      );
      await waiting;
      await other.query("ROLLBACK");
      await other.query("SET deadlock_timeout = 10");
      other.release();
      assert.deepEqual(await left(), [2, 0]);
    });

    test("a serialization failure makes the kit repeat", async (t) => {
      const { store, admin, backend } = await open(t, { options: "-c default_transaction_isolation=serializable" });
      const pid = await backend();
      await store.commit([add("hot", 1)]);
      assert.equal(
        await store.commit([add("hot", 1)], async (transaction) => {
          await transaction.query("SELECT * FROM redeemable_counters");
          await admin.query("UPDATE redeemable_counters SET used = used + 1 WHERE key = 'hot'");
        }),
        false,
      );
      // Each transaction reads what the other one writes (write skew), so PostgreSQL refuses the second COMMIT.
      assert.equal(
        await store.commit([add("a", 1)], async (transaction) => {
          await transaction.query("SELECT * FROM tickets");
          const other = await admin.connect();
          await other.query("BEGIN");
          await other.query("SELECT * FROM redeemable_counters");
          await other.query("INSERT INTO tickets VALUES ('x', 0, 'held')");
          await other.query("COMMIT");
          other.release();
        }),
        false,
      );
      assert.deepEqual([(await store.read(["hot", "a"], null)).counters, await backend()], [{ hot: 2 }, pid]);
    });

    test("a read that a serializable database refuses is repeated in a transaction that cannot fail so", async (t) => {
      const { store, pool, left } = await open(t);
      await store.commit([insert("o-1"), add("a", 1)]);
      const asked = [];
      const refusing = {
        totalCount: 0,
        async connect() {
          const client = await pool.connect();
          let plain = true;
          return {
            pipeline,
            on: (...given) => client.on(...given),
            removeListener: (...given) => client.removeListener(...given),
            release: (broken) => client.release(broken),
            query(text, values) {
              asked.push(text.trim().split(/\W/)[0]);
              if (text.startsWith("BEGIN")) plain = !/REPEATABLE READ READ ONLY$/.test(text);
              if (plain)
                return Promise.reject(
                  Object.assign(new Error("could not serialize access"), { severity: "ERROR", code: "40001" }),
                );
              return client.query(text, values);
            },
          };
        },
      };
      const { counters, existing } = await postgresStore(refusing).read(["a"], "o-1");
      assert.deepEqual([counters, existing.id, asked], [{ a: 1 }, "o-1", ["SELECT", "BEGIN", "SELECT", "COMMIT"]]);
      assert.equal(
        (await postgresStore(refusing).find({ lapsed_by_ms: 1_800_000_600_000, keys: null, limit: 1 })).holds.length,
        1,
      );
      assert.deepEqual(await left(), [0, 1]);
    });

    test("when the server ends a connection, the error is thrown and the pool makes another connection", async (t) => {
      const { store, left, backend, admin } = await open(t);
      const pid = await backend();
      await assert.rejects(
        store.commit([add("a", 1)], async (transaction) => {
          await transaction.query(TICKET, ["o-1"]);
          await admin.query("SELECT pg_terminate_backend($1)", [pid]);
          await transaction.query(TICKET, ["o-2"]);
        }),
        BROKEN,
      );
      await assert.rejects(
        store.commit([add("a", 1)], async (transaction) => {
          transaction.query("SELECT pg_terminate_backend(pg_backend_pid())");
        }),
        BROKEN,
      );
      assert.deepEqual(await left(), [0, 0]);
      assert.equal(await store.commit([add("a", 1)]), true);
      assert.notEqual(await backend(), pid);
    });

    test("a connection on which the driver's time limit ended is not used again", async (t) => {
      const { connect, left } = await open(t);
      const impatient = postgresStore(connect({ pipeline, max: 1, query_timeout: 1000 }));
      await assert.rejects(
        impatient.commit([add("a", 1)], (transaction) => {
          transaction.query("SELECT pg_sleep(3)");
        }),
        BROKEN,
      );
      assert.equal(await impatient.commit([add("b", 1)]), true);
      assert.deepEqual(await left(), [0, 1]);
    });

    for (const writes of [false, true]) {
      for (const before of [true, false]) {
        const when = `${before ? "before" : "after"} the server gets the ${writes ? "COMMIT" : "plan"}`;
        test(`the connection breaks ${when}: thrown, and the order repeated is sold once`, async (t) => {
          const place = await postgresSchema();
          const wire = await openWire(databaseUrl());
          t.after(async () => {
            await place.close();
            await wire.close();
          });
          const store = postgresStore(place.pool({ connectionString: wire.url, pipeline, max: 1 }));
          const write = writes
            ? (transaction, [{ id }]) => {
                transaction.query(TICKET, [id]);
              }
            : undefined;
          let writesRun = 0;
          const options = {
            now,
            write:
              write &&
              ((...given) => {
                writesRun += 1;
                return write(...given);
              }),
          };
          wire.cutAt(writes ? "COMMIT" : "redeemable_commit", { before });
          await assert.rejects(redeem(store, request("a"), options), (error) => error.code !== "busy");
          assert.deepEqual([wire.cuts, writesRun], [1, writes ? 1 : 0], "the kit did not ask again");
          const repeated = await redeem(store, request("a"), options);
          assert.deepEqual([repeated.status, repeated.replayed], ["accepted", !before]);
          const {
            rows: [{ sold, used, tickets }],
          } = await place.admin.query(`
            SELECT (SELECT count(*)::int FROM redeemable_redemptions) AS sold,
              (SELECT used::int FROM redeemable_counters WHERE key LIKE '%/uses') AS used,
              (SELECT count(*)::int FROM tickets) AS tickets`);
          assert.deepEqual([sold, used, tickets], [1, 1, writes ? 1 : 0]);
        });
      }
    }
  });
}

test("a pipelined purchase is a read and one round trip", async (t) => {
  const place = await postgresSchema();
  const wire = await openWire(databaseUrl());
  t.after(async () => {
    await place.close();
    await wire.close();
  });
  const store = postgresStore(place.pool({ connectionString: wire.url, pipeline: true, max: 1 }));
  await store.read([], null);
  await redeem(store, request("a"), {
    now,
    write(transaction, [{ id }]) {
      // No answer arrives before the COMMIT is sent, so a client that waits for an earlier answer waits for ever.
      wire.hold("COMMIT");
      transaction.query(TICKET, [id]);
      transaction.query("INSERT INTO tickets VALUES ($1, 1, 'held')", [id]);
    },
  });
  const { rows } = await place.admin.query("SELECT * FROM tickets");
  assert.equal(rows.length, 2);
});

test("a pipelined purchase whose transaction does not begin throws the first error, not a later one", async (t) => {
  const place = await postgresSchema();
  t.after(() => place.close());
  const pool = place.pool({ pipeline: true, max: 1 });
  const failing = {
    totalCount: 0,
    async connect() {
      const client = await pool.connect();
      return {
        pipeline: true,
        on: (...given) => client.on(...given),
        removeListener: (...given) => client.removeListener(...given),
        release: (broken) => client.release(broken),
        query: (text, values) => client.query(text === "BEGIN" ? "BEGIN; SELECT 1 / 0" : text, values),
      };
    },
  };
  const commit = postgresStore(failing).commit([add("a", 1)], (transaction) => transaction.query("SELECT 1"));
  // 22012 is the division by zero, the first error. 25P02 would be the error of a statement after it.
  await assert.rejects(commit, { code: "22012" });
});

test("the host's parsers of types change nothing", async (t) => {
  const place = await postgresSchema();
  t.after(() => place.close());
  // These parsers change every type but text, so the store must not depend on them.
  const types = { getTypeParser: (oid) => (text) => (oid === 25 ? text : { oid, text }) };
  const store = postgresStore(place.pool({ types }));
  await redeem(store, request("a"), { now });
  const decision = await redeem(store, request("a"), { now });
  assert.equal(decision.replayed, true);
  assert.equal((await store.find({ lapsed_by_ms: NOW + 1000, keys: null, limit: 1 })).holds.length, 1);
});

test("one client serves many calls that come at once, one after the other", async (t) => {
  const place = await postgresSchema();
  t.after(() => place.close());
  const client = new pg.Client(place.config);
  await client.connect();
  t.after(() => client.end());
  const store = postgresStore(client);
  const write = async (transaction, [{ id }]) => {
    await transaction.query(TICKET, [id]);
  };
  const answers = await Promise.all(["a", "b", "c", "d", "e"].map((id) => redeem(store, request(id), { now, write })));
  assert.equal(answers.filter(({ status }) => status === "accepted").length, 3);
  assert.equal((await place.admin.query("SELECT * FROM tickets")).rowCount, 3);
});
