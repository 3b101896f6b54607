// The host's own writes in the store's transaction on PostgreSQL, and what can go wrong there.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { postgresStore } from "redeemable/postgres";
import { TICKET, add, insert, openPool } from "./postgres-support.js";

for (const pipeline of [false, true]) {
  describe(pipeline ? "pipelined" : "one query after the other", () => {
    const open = (t, settings) => openPool(t, pipeline, settings);

    test("statements of write are stored with the plan, whether write awaits them or not", async (t) => {
      const { store, left } = await open(t);
      assert.equal(
        await store.commit([add("a", 1)], (transaction) => {
          transaction.query(TICKET, ["o-1"]);
          transaction.query({ text: TICKET, values: ["o-2"] });
        }),
        true,
      );
      assert.equal(
        await store.commit([add("b", 1)], async (transaction) => {
          await transaction.query(TICKET, ["o-3"]);
          const { rows } = await transaction.query("SELECT count(*)::int AS n FROM tickets");
          assert.deepEqual(rows, [{ n: 3 }]);
          await transaction.query(TICKET, ["o-4"]);
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
        seen = (
          await transaction.query(
            `SELECT used::int, (SELECT count(*)::int FROM tickets) AS tickets,
               (SELECT count(*)::int FROM redeemable_redemptions) AS records
             FROM redeemable_counters`,
          )
        ).rows;
        assert.deepEqual((await admin.query("SELECT * FROM tickets")).rows, [], "nobody else sees it yet");
      });
      assert.deepEqual(seen, [{ used: 1, tickets: 1, records: 1 }]);
    });

    test("write cannot end the store's transaction, nor hide that it has ended", async (t) => {
      const { store, left } = await open(t);
      for (const text of ["ROLLBACK", " commit", "BEGIN; SELECT 1; COMMIT", "START TRANSACTION", "end", "ABORT"]) {
        await assert.rejects(
          store.commit([insert("o-1"), add("a", 1)], (transaction) => {
            transaction.query(text);
          }),
          /must not begin or end/,
          text,
        );
        await assert.rejects(
          store.commit([insert("o-1"), add("a", 1)], (transaction) => {
            transaction.query({ text });
          }),
          /must not begin or end/,
          text,
        );
      }
      assert.deepEqual(await left(), [0, 0]);
      assert.equal(
        await store.commit([insert("o-1"), add("a", 1)], async (transaction) => {
          await transaction.query("SAVEPOINT seat");
          await transaction.query(TICKET, ["o-1"]);
          await transaction.query("ROLLBACK TO SAVEPOINT seat");
        }),
        true,
      );
      assert.deepEqual(await left(), [0, 1]);
      // If a COMMIT is hidden behind another statement, the counters are not written without the records.
      await assert.rejects(
        store.commit([add("a", 1)], async (transaction) => {
          await transaction.query("SELECT 1; ROLLBACK");
        }),
        /ended within write/,
      );
      assert.deepEqual(await left(), [0, 1]);
    });

    test("making the tables again waits for no sale, and replaces only an older function", async (t) => {
      const { store, config, connect, admin } = await open(t);
      const again = postgresStore(connect({ options: `${config.options} -c lock_timeout=3000` }));
      assert.equal(
        await store.commit([insert("o-1"), add("a", 1)], async (transaction) => {
          await transaction.query(TICKET, ["o-1"]);
          await again.migrate();
        }),
        true,
      );
      const comment = async () =>
        (await admin.query("SELECT obj_description(to_regprocedure('redeemable_commit(json)'), 'pg_proc') AS text"))
          .rows[0].text;
      assert.equal(await comment(), "redeemable 5");
      for (const [present, left] of [
        ["redeemable 2", "redeemable 5"],
        ["redeemable 5", "redeemable 5"],
      ]) {
        await admin.query(`COMMENT ON FUNCTION redeemable_commit(json) IS '${present}'`);
        await again.migrate();
        assert.equal(await comment(), left);
      }
    });

    test("text that PostgreSQL cannot store is the caller's mistake", async (t) => {
      const { store, left } = await open(t);
      const plan = (email) => [{ op: "insert", redemption: { ...insert("o-1").redemption, identities: [email] } }];
      await assert.rejects(store.commit(plan("email:a\u0000@example.org")), {
        code: "invalid_request",
        message: /U\+0000/,
      });
      assert.equal(
        await store.commit(plan("email:a\\u0000@example.org")),
        true,
        "a backslash and letters are no such character",
      );
      assert.deepEqual(await store.read([], "o-\u0000"), { counters: {}, existing: null, archived: false });
      assert.deepEqual(await left(), [0, 0]);
    });

    test("a failing statement of the host undoes everything, and its error is thrown", async (t) => {
      const { store, left, backend } = await open(t);
      const pid = await backend();
      const twice = (transaction) => [transaction.query(TICKET, ["o-1"]), transaction.query(TICKET, ["o-1"])];
      await assert.rejects(
        store.commit([add("a", 1)], (transaction) => {
          twice(transaction);
        }),
        { code: "23505" },
      );
      await assert.rejects(
        store.commit([add("a", 1)], async (transaction) => {
          await Promise.all(twice(transaction));
        }),
        { code: "23505" },
      );
      await assert.rejects(
        store.commit([add("a", 1)], async (transaction) => {
          const [, second] = twice(transaction);
          await second.catch(() => {});
        }),
        { code: "23505" },
        "caught or not, PostgreSQL has given the transaction up",
      );
      await assert.rejects(
        store.commit([add("a", 1, 0)], (transaction) => {
          twice(transaction);
        }),
        { code: "23505" },
      );
      assert.deepEqual(await left(), [0, 0]);
      assert.equal(await store.commit([add("a", 1)]), true);
      assert.equal(await backend(), pid, "the connection is sound and was kept");
    });

    test("a value that the driver cannot send is an error", async (t) => {
      const { store, left, backend } = await open(t);
      const pid = await backend();
      const unspeakable = {
        toPostgres() {
          throw new TypeError("cannot be a value");
        },
      };
      await assert.rejects(
        store.commit([add("a", 1)], (transaction) => {
          transaction.query(TICKET, [unspeakable]);
        }),
        /cannot be a value/,
      );
      await assert.rejects(
        store.commit([add("a", 1)], (transaction) => {
          transaction.query(TICKET, ["o-1"]);
          transaction.query(TICKET, "o-2");
        }),
        /must be an array/,
      );
      await assert.rejects(
        store.commit([add("a", 1)], async (transaction) => {
          await transaction.query(TICKET, [unspeakable]).catch(() => {});
        }),
        /cannot be a value/,
      );
      await assert.rejects(
        store.commit([add("a", 1)], (transaction) => {
          transaction.query();
        }),
        TypeError,
      );
      assert.deepEqual(await left(), [0, 0]);
      assert.equal(await backend(), pid);
    });

    test("write throws at once or later, with queries under way", async (t) => {
      const { store, left, backend } = await open(t);
      const pid = await backend();
      const fault = new Error("no such seat");
      await assert.rejects(
        store.commit([add("a", 1)], (transaction) => {
          transaction.query(TICKET, ["o-1"]);
          throw fault;
        }),
        (error) => error === fault,
      );
      await assert.rejects(
        store.commit([add("a", 1)], async (transaction) => {
          transaction.query("SELECT 1/0");
          throw fault;
        }),
        (error) => error === fault,
      );
      await assert.rejects(
        store.commit([add("a", 1)], async (transaction) => {
          await transaction.query(TICKET, ["o-1"]);
          throw fault;
        }),
        (error) => error === fault,
      );
      assert.deepEqual(await left(), [0, 0]);
      assert.equal(await backend(), pid);
    });

    test("a savepoint lets write recover from a failure", async (t) => {
      const { store, left } = await open(t);
      assert.equal(
        await store.commit([add("a", 1)], async (transaction) => {
          await transaction.query(TICKET, ["o-1"]);
          await transaction.query("SAVEPOINT again");
          await transaction.query(TICKET, ["o-1"]).catch(() => transaction.query("ROLLBACK TO SAVEPOINT again"));
        }),
        true,
      );
      assert.deepEqual(await left(), [1, 1]);
    });

    test("a COMMIT that fails stores nothing", async (t) => {
      const { store, left, admin, backend } = await open(t);
      const pid = await backend();
      await admin.query("CREATE TABLE late (id text UNIQUE DEFERRABLE INITIALLY DEFERRED)");
      const write = (transaction) => {
        for (const id of ["x", "x"]) transaction.query("INSERT INTO late VALUES ($1)", [id]);
      };
      await assert.rejects(store.commit([add("a", 1)], write), { code: "23505" });
      assert.deepEqual([await left(), await backend()], [[0, 0], pid]);
    });

    test("a query after the transaction is an error, and so is one that answers by a callback", async (t) => {
      const { store, left } = await open(t);
      let kept;
      assert.equal(
        await store.commit([add("a", 1)], (transaction) => {
          kept = transaction;
        }),
        true,
      );
      assert.throws(() => kept.query(TICKET, ["o-1"]), /the transaction is over/);
      await assert.rejects(
        store.commit([add("b", 1)], (transaction) => {
          transaction.query(TICKET, ["o-1"], () => {});
        }),
        TypeError,
      );
      assert.deepEqual(await left(), [0, 1]);
    });

    test("a plan that no longer holds costs no connection", async (t) => {
      const { store, backend, left } = await open(t);
      const pid = await backend();
      for (let i = 0; i < 3; i += 1) {
        assert.equal(await store.commit([add("a", 1, 0)]), false);
        assert.equal(
          await store.commit([add("a", 1, 0)], (transaction) => {
            transaction.query(TICKET, ["o-1"]);
          }),
          false,
        );
      }
      assert.equal(await backend(), pid);
      assert.deepEqual(await left(), [0, 0]);
    });
  });
}
