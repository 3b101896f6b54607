// The option `transaction`: the kit's calls in a transaction that the host begins and ends.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { RepeatTransaction, audit, confirm, preview, redeem, release, sweep } from "redeemable/host";
import { memoryStore } from "redeemable/memory";
import { audit as auditTables } from "./audit.js";
import { PLACES } from "./joining-places.js";
import { NOW, now, request } from "./postgres-support.js";
import { openSqlite } from "./support.js";

const SERVERS = Object.fromEntries(Object.entries(PLACES).filter(([name]) => !name.startsWith("SQLite")));
/** What each call throws if the host must repeat its transaction. */
const repeat =
  (...codes) =>
  (error) => {
    assert.ok(error instanceof RepeatTransaction, `expected RepeatTransaction, found ${error.stack}`);
    assert.equal(error.code, "repeat_transaction");
    const code = String(error.cause.errno ?? error.cause.code);
    assert.ok(codes.includes(code), `expected the cause to be one of ${codes}, found ${code}`);
    return true;
  };
const DEADLOCK = ["40P01", "1213"];

for (const [name, open] of Object.entries(PLACES)) {
  describe(`the option transaction on ${name}`, () => {
    const scene = (title, run) =>
      test(title, async (t) => {
        const place = await open();
        t.after(() => place.close());
        const { write } = place;
        await run({ ...place, options: (transaction, more) => ({ transaction, now, write, ...more }) }, t);
      });

    scene("every call works in the host's transaction, and sees what it has stored there", async (shop) => {
      const { store, transaction, put, options, tables, orders } = shop;
      const answers = await transaction(async (tx) => {
        await put(tx, "order a");
        const sold = await redeem(store, request("a"), options(tx));
        const again = await redeem(store, request("a"), options(tx));
        const looked = await preview(store, request("b"), options(tx));
        const paid = await confirm(store, { id: "a", payment: { id: "p", total: 900, currency: "EUR" } }, options(tx));
        const back = await release(store, { id: "a", reason: "refunded" }, options(tx));
        await redeem(store, request("b"), options(tx));
        const swept = await sweep(store, options(tx, { now: () => NOW + 1000 }));
        return [sold.status, again.replayed, looked.status, paid.money, back.refundable, swept];
      });
      assert.deepEqual(answers, ["accepted", true, "accepted", "kept", 900, 1]);
      const records = auditTables(await tables());
      assert.deepEqual([...records.values()].map(({ id, state }) => [id, state]).sort(), [
        ["a", "released"],
        ["b", "released"],
      ]);
      assert.deepEqual([await orders(), await audit(store, { now })], [["order a"], []]);
    });

    scene("a rollback leaves nothing of two orders", async (shop) => {
      const { store, transaction, put, options, tables, orders } = shop;
      const fault = new Error("the card was declined");
      await assert.rejects(
        transaction(async (tx) => {
          for (const id of ["a", "b"]) {
            await put(tx, id);
            assert.equal((await redeem(store, request(id), options(tx))).status, "accepted");
          }
          throw fault;
        }),
        (error) => error === fault,
      );
      const { redemptions, counters, tickets } = await tables();
      assert.deepEqual([redemptions, counters, tickets, await orders()], [[], [], [], []]);
    });

    scene("the limit counts what the transaction itself has sold", async (shop) => {
      const { store, transaction, options } = shop;
      const answers = await transaction(async (tx) => {
        const found = [];
        for (const id of ["a", "b", "c", "d"]) found.push((await redeem(store, request(id), options(tx))).status);
        return found;
      });
      assert.deepEqual(answers, ["accepted", "accepted", "accepted", "rejected"]);
      assert.equal(auditTables(await shop.tables()).size, 3);
    });

    scene("a plan in the write of another plan is stored with it, and undone with it", async (shop) => {
      const { store, transaction, options, tables, write } = shop;
      const fault = new Error("no such seat");
      const both = (inner, end) => async (tx, redemptions) => {
        await write(tx, redemptions);
        await redeem(store, request(inner), options(tx));
        end?.();
      };
      const failing = both("c", () => {
        throw fault;
      });
      const buy = (id, nested) => (tx) => redeem(store, request(id), options(tx, { write: nested }));
      await transaction(buy("a", both("b")));
      // The host catches the error and commits.
      await transaction((tx) => assert.rejects(buy("d", failing)(tx), (error) => error === fault));
      assert.deepEqual([...auditTables(await tables()).keys()].sort(), ["a", "b"]);
    });

    scene("a plan in the write of a plan of the store's own is stored with it", async (shop) => {
      const { store, options, tables, write } = shop;
      const both = async (tx, redemptions) => {
        await write(tx, redemptions);
        await redeem(store, request("b"), options(tx));
      };
      assert.equal((await redeem(store, request("a"), { now, write: both })).status, "accepted");
      assert.deepEqual([...auditTables(await tables()).keys()].sort(), ["a", "b"]);
    });

    scene("a write that removes the savepoint leaves nothing, even if the host then commits", async (shop) => {
      const { store, transaction, options, exec, put, tables, write, orders } = shop;
      const removing = async (tx, redemptions) => {
        await write(tx, redemptions);
        await exec(tx, "RELEASE SAVEPOINT own");
      };
      await transaction(async (tx) => {
        await exec(tx, "SAVEPOINT own");
        await put(tx, "before");
        await assert.rejects(redeem(store, request("a"), options(tx, { write: removing })), /savepoint|within write/i);
      }).catch((error) => assert.match(error.message, /no transaction is active/));
      const { redemptions, counters, tickets } = await tables();
      assert.deepEqual([redemptions, counters, tickets, await orders()], [[], [], [], []]);
    });

    scene("a write that ends the transaction is told, and no counter is stored", async (shop) => {
      const { store, transaction, options, exec, tables } = shop;
      // A store over a driver sees the text and refuses it; a store over a bridge sees that the transaction is gone.
      const ending = (tx) => exec(tx, "COMMIT");
      await assert.rejects(
        transaction((tx) => redeem(store, request("a"), options(tx, { write: ending }))),
        /ended within write|must not begin or end/,
      );
      assert.deepEqual((await tables()).counters, []);
    });

    scene("of two calls at once one is refused, and the other stays whole", async (shop) => {
      const { store, transaction, options, tables, write } = shop;
      // Its savepoint would be in that of the other order, or the other way round.
      const slow = async (...given) => {
        await write(...given);
        await new Promise((resume) => setTimeout(resume, 5));
        throw new Error("no such seat");
      };
      const answers = await transaction((tx) =>
        Promise.allSettled([
          redeem(store, request("a"), options(tx)),
          redeem(store, request("b"), options(tx, { write: slow })),
        ]),
      );
      assert.deepEqual(
        answers.map(({ value, reason }) => value?.status ?? reason.message),
        ["accepted", "the option transaction: expected one call after the other, or one that write awaits"],
      );
      assert.deepEqual([...auditTables(await tables()).keys()], ["a"]);
    });

    scene("an error of write undoes the order alone, even if the host goes on", async (shop) => {
      const { store, transaction, put, options, orders, tables, write } = shop;
      const fault = new Error("no such seat");
      await transaction(async (tx) => {
        await put(tx, "before");
        const refusing = async (...given) => {
          await write(...given);
          throw fault;
        };
        await assert.rejects(redeem(store, request("a"), options(tx, { write: refusing })), (error) => error === fault);
        await redeem(store, request("b"), options(tx));
        await put(tx, "after");
      });
      assert.deepEqual(await orders(), ["after", "before"]);
      assert.deepEqual([...auditTables(await tables()).keys()], ["b"]);
    });
  });
}

for (const [name, open] of Object.entries(SERVERS)) {
  describe(`conflicts in the host's transaction on ${name}`, () => {
    const scene = (title, run) =>
      test(title, async (t) => {
        const place = await open();
        t.after(() => place.close());
        await run({ ...place, options: (transaction, more) => ({ transaction, now, write: place.write, ...more }) }, t);
      });
    /** A purchase of `id` in the host's transaction; after its decision, others buy the last uses in theirs. */
    const overtaken = (shop, tx, id) => {
      let attempts = 0;
      const approve = async () => {
        attempts += 1;
        if (attempts > 1) return;
        for (const other of ["x", "y", "z"])
          assert.equal((await redeem(shop.store, request(other), { now, write: shop.write })).status, "accepted");
      };
      return redeem(shop.store, request(id), shop.options(tx, { approve }));
    };

    scene("at read committed, the order is decided again in the same transaction", async (shop) => {
      const { transaction, put, tables, orders } = shop;
      const answer = await transaction(async (tx) => {
        // On MariaDB the store asks for the level of the connection.
        await put(tx, "before");
        return overtaken(shop, tx, "a");
      }, "read committed").catch((error) => error);
      if (name.startsWith("mysql2")) {
        // The level of the transaction alone cannot be asked for: the host repeats, to be safe.
        repeat("RDM01")(answer);
        assert.deepEqual(await orders(), []);
      } else {
        assert.equal(answer.status, "rejected");
        assert.deepEqual(await orders(), ["before"]);
      }
      assert.deepEqual([...auditTables(await tables()).keys()].sort(), ["x", "y", "z"]);
    });

    for (const level of ["repeatable read", "serializable"]) {
      scene(`at ${level}, the host is told to repeat its transaction`, async (shop) => {
        const { transaction, put, tables, orders } = shop;
        // At the level serializable, MariaDB locks what it reads: the others would wait for this transaction.
        if (name.startsWith("mysql2") && level === "serializable") return;
        await assert.rejects(
          transaction(async (tx) => {
            await put(tx, "before");
            await overtaken(shop, tx, "a");
          }, level),
          repeat("RDM01", "40001"),
        );
        assert.deepEqual(await orders(), []);
        assert.deepEqual([...auditTables(await tables()).keys()].sort(), ["x", "y", "z"]);
        // The repeated transaction decides on what is there now.
        const again = await transaction((tx) => redeem(shop.store, request("a"), shop.options(tx)), level);
        assert.equal(again.status, "rejected");
      });
    }

    scene("an order that somebody else has stored meanwhile", async (shop) => {
      const { store, transaction, options, write, tables } = shop;
      let asked = 0;
      const approve = async () => {
        asked += 1;
        if (asked === 1) await redeem(store, request("a"), { now, write });
      };
      const buy = () => transaction((tx) => redeem(store, request("a"), options(tx, { approve })), "repeatable read");
      await assert.rejects(buy(), repeat("RDM01", "40001"));
      assert.equal((await buy()).replayed, true);
      assert.equal(auditTables(await tables()).size, 1);
    });

    scene("a deadlock tells both the host's writes and the kit's to repeat", async (shop) => {
      const { store, transaction, options, put, exec, write, tables, orders } = shop;
      for (const id of ["p", "q"]) await transaction((tx) => put(tx, id));
      const lock = (tx, id) => exec(tx, `SELECT * FROM orders WHERE id = '${id}' FOR UPDATE`);
      let locked = 0;
      let bothHaveLocked;
      const both = new Promise((resolve) => {
        bothHaveLocked = resolve;
      });
      const buy = (id, first, second) =>
        transaction(async (tx) => {
          await put(tx, `order ${id}`);
          await lock(tx, first);
          locked += 1;
          if (locked === 2) bothHaveLocked();
          await both;
          const locking = async (given, redemptions) => {
            await lock(given, second);
            await write(given, redemptions);
          };
          return (await redeem(store, request(id), options(tx, { write: locking }))).status;
        });
      const repeating = (...given) =>
        buy(...given).catch((error) => {
          repeat(...DEADLOCK)(error);
          return "repeat";
        });
      const answers = await Promise.all([repeating("a", "p", "q"), repeating("b", "q", "p")]);
      assert.deepEqual(answers.sort(), ["accepted", "repeat"], "the database ends one of the two");
      const records = auditTables(await tables());
      assert.deepEqual(await orders(), [`order ${[...records.keys()]}`, "p", "q"].sort());
      assert.equal(records.size, 1);
    });

    scene("a lock that somebody else holds too long", async (shop) => {
      const { store, transaction, options, exec, put, write, tables, orders } = shop;
      await redeem(store, request("a"), { now, write });
      let release_lock;
      const held = new Promise((resolve) => {
        release_lock = resolve;
      });
      let has;
      const locked = new Promise((resolve) => {
        has = resolve;
      });
      const other = transaction(async (tx) => {
        await exec(tx, "SELECT * FROM redeemable_counters FOR UPDATE");
        has();
        await held;
      });
      await locked;
      await assert.rejects(
        transaction(async (tx) => {
          await exec(tx, name.startsWith("pg") ? "SET LOCAL lock_timeout = 50" : "SET innodb_lock_wait_timeout = 1");
          await put(tx, "before");
          await redeem(store, request("b"), options(tx));
        }),
        repeat("55P03", "1205"),
      );
      release_lock();
      await other;
      assert.deepEqual([await orders(), [...auditTables(await tables()).keys()]], [[], ["a"]]);
    });

    scene("a sweep of holds that others have released tells the host to repeat", async (shop) => {
      const { store, transaction, options, write, tables } = shop;
      for (const id of ["a", "b"]) await redeem(store, request(id), { now, write });
      let asked = 0;
      await assert.rejects(
        transaction(async (tx) => {
          // The transaction sees the two holds from here on; then somebody else releases them.
          await store.joining(tx).read([], "a");
          await sweep(store, { now: () => NOW + 1000, write });
          const counting = (...given) => {
            asked += 1;
            return write(...given);
          };
          await sweep(store, options(tx, { now: () => NOW + 1000, write: counting }));
        }, "repeatable read"),
        repeat("RDM01", "40001"),
      );
      assert.equal(asked, 0);
      assert.deepEqual(
        [...auditTables(await tables()).values()].map(({ revision }) => revision),
        [2, 2],
      );
    });
  });
}

test("without a transaction that is open, MariaDB stores nothing", async (t) => {
  const { store, admin, close, tables } = await PLACES.mysql2();
  t.after(() => close());
  await assert.rejects(
    redeem(store, request("a"), { now, transaction: admin }),
    /the option transaction: expected a transaction that is open, found none/,
  );
  const { redemptions, counters } = await tables();
  assert.deepEqual([redemptions, counters], [[], []]);
});

test("without a transaction that is open, PostgreSQL stores nothing", async (t) => {
  const { store, admin, close, tables } = await PLACES.pg();
  t.after(() => close());
  await assert.rejects(redeem(store, request("a"), { now, transaction: admin }), { code: "25P01" });
  const { redemptions, counters } = await tables();
  assert.deepEqual([redemptions, counters], [[], []]);
});

test("on SQLite, a file that somebody else has locked tells the host to repeat", async (t) => {
  const { store, transaction, put, db, connect, close, orders } = await PLACES["SQLite, over a bridge"]();
  t.after(() => close());
  const other = connect();
  db.pragma("busy_timeout = 0");
  // The host has read before somebody else wrote: it could not write any more, however long it waited.
  await assert.rejects(
    transaction(async (tx) => {
      tx.prepare("SELECT * FROM orders").all();
      other.exec("INSERT INTO orders VALUES ('other')");
      await redeem(store, request("a"), { now, transaction: tx });
    }),
    repeat("SQLITE_BUSY_SNAPSHOT"),
  );
  other.exec("BEGIN IMMEDIATE");
  await assert.rejects(
    transaction((tx) => redeem(store, request("a"), { now, transaction: tx })),
    repeat("SQLITE_BUSY"),
  );
  other.exec("ROLLBACK");
  // The store's first statement takes the lock, so nobody can write between its read and its plan.
  await transaction(async (tx) => {
    const approve = async () => assert.throws(() => other.exec("INSERT INTO orders VALUES ('late')"), /locked/);
    other.pragma("busy_timeout = 0");
    assert.equal((await redeem(store, request("a"), { now, transaction: tx, approve })).status, "accepted");
    await put(tx, "order a");
  });
  assert.deepEqual(await orders(), ["order a", "other"]);
});

test("a sweep stops at once if the transaction must be repeated", async () => {
  const store = memoryStore();
  for (const id of ["a", "b"]) await redeem(store, request(id), { now });
  let commits = 0;
  const fault = new RepeatTransaction(new Error("deadlock"));
  store.joining = () => ({
    find: store.find,
    async commit() {
      commits += 1;
      throw fault;
    },
  });
  const swept = sweep(store, { now: () => NOW + 1000, transaction: {} });
  await assert.rejects(swept, (error) => error === fault);
  assert.equal(commits, 1);
});

test("a store that cannot join says so, and so does what is no transaction", async () => {
  const store = memoryStore();
  const calls = (options) => [
    redeem(store, request("a"), { now, ...options }),
    preview(store, request("a"), { now, ...options }),
    confirm(store, { id: "a", payment: { id: "p", total: null } }, { now, ...options }),
    release(store, { id: "a", reason: "refunded" }, { now, ...options }),
    sweep(store, { now, ...options }),
  ];
  for (const call of calls({ transaction: {} }))
    await assert.rejects(call, {
      code: "invalid_request",
      path: "options.transaction",
      message: "expected a store that can join a transaction: this one has no `joining`",
    });
  for (const call of calls({ transaction: null }))
    await assert.rejects(call, { path: "options.transaction", message: "expected a transaction, found null" });
  await assert.rejects(audit(store, { now, transaction: {} }), {
    path: "options.transaction",
    message: /unknown field/,
  });
  assert.equal((await redeem(store, request("a"), { now, transaction: undefined })).status, "accepted");
});

test("on SQLite, a call that nobody awaits in a synchronous transaction stores nothing behind it", async (t) => {
  const { store, db, close } = openSqlite();
  t.after(() => close());
  let sold;
  // better-sqlite3 commits when the function returns, which is before the kit has stored anything.
  db.transaction(() => {
    sold = redeem(store, request("a"), { now, transaction: db });
  })();
  await assert.rejects(sold, /expected a connection on which a transaction is open/);
  assert.equal((await store.read([], "a")).existing, null);
});
