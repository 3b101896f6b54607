// Checks that go beyond the store suite, for a synchronous store: in the host's own transaction, and against a `write`
// that ends the transaction. In the form of the suite's checks.
import assert from "node:assert/strict";

const insert = (id) => ({
  op: "insert",
  redemption: { id, revision: 1, state: "held", event_id: "gala", expires_at_ms: 1_800_000_600_000, charges: [] },
});
const add = (key, by, at_most = null) => ({ op: "add", key, by, at_most });
const ticket = (id) => (db) => {
  db.prepare("INSERT INTO tickets VALUES (?)").run(id);
};
const plan = (id) => [insert(id), add("a", 1, 2)];

const checks = {
  async "a plan in the host's transaction is stored with it, or not at all"({ store, db, rows }) {
    for (const [end, expected] of [
      ["ROLLBACK", [[], {}, undefined]],
      ["COMMIT", [["host", "o-1"], { a: 1 }, "o-1"]],
    ]) {
      db.exec("BEGIN IMMEDIATE");
      ticket("host")(db);
      const joined = store.joining(db);
      assert.deepEqual(await joined.read(["a"], "o-1"), { counters: {}, existing: null, archived: false });
      assert.equal(await joined.commit(plan("o-1"), ticket("o-1")), true);
      assert.equal((await joined.read(["a"], "o-1")).counters.a, 1, "it reads what it has written");
      assert.equal((await joined.find({ lapsed_by_ms: 1_800_000_600_000, keys: null, limit: 5 })).holds.length, 1);
      db.exec(end);
      const { counters, existing } = await store.read(["a"], "o-1");
      assert.deepEqual([rows(), counters, existing?.id], expected);
    }
  },

  async "a plan that fails leaves the host's transaction as it was"({ store, db, rows }) {
    await store.commit([insert("o-1"), add("a", 2, 2)]);
    db.exec("BEGIN IMMEDIATE");
    ticket("host")(db);
    const joined = store.joining(db);
    assert.equal(await joined.commit(plan("o-2"), ticket("o-2")), false, "the counter is full");
    assert.equal(await joined.commit([add("b", 1), insert("o-1")], ticket("o-1")), false, "there is such a record");
    const fault = new Error("no such seat");
    const failing = (db) => {
      ticket("o-3")(db);
      throw fault;
    };
    await assert.rejects(joined.commit([insert("o-3")], failing), (error) => error === fault);
    db.exec("COMMIT");
    assert.deepEqual([rows(), (await store.read(["a", "b"], "o-3")).counters], [["host"], { a: 2 }]);
    assert.equal((await store.read([], "o-3")).existing, null);
  },

  async "the host repeats its transaction when somebody else has written meanwhile"({ store, db, another, rows }) {
    const other = another();
    db.exec("PRAGMA busy_timeout = 20");
    await store.commit([add("a", 1)]);
    // The host has read, so its transaction stays at the moment of the read.
    db.exec("BEGIN");
    db.prepare("SELECT count(*) FROM tickets").get();
    other.exec("UPDATE redeemable_counters SET used = 2");
    const joined = store.joining(db);
    for (const call of [() => joined.read(["a"], "o-1"), () => joined.commit(plan("o-1"), ticket("o-1"))])
      await assert.rejects(call(), (error) => error.code === "repeat_transaction" && error.cause !== undefined);
    db.exec("ROLLBACK");
    // Somebody else holds the lock for longer than the host waits.
    other.exec("BEGIN IMMEDIATE");
    db.exec("BEGIN");
    await assert.rejects(store.joining(db).read(["a"], "o-1"), { code: "repeat_transaction" });
    db.exec("ROLLBACK");
    assert.equal(await store.commit(plan("o-1")), false);
    assert.equal(await store.commit([{ op: "correct", key: "a", by: 5, corrected: 0 }]), false);
    assert.equal(await store.prune(() => true), null);
    other.exec("ROLLBACK");
    assert.deepEqual([rows(), (await store.read(["a"], null)).counters], [[], { a: 2 }]);
  },

  async "joins no connection but its own, and none without a transaction"({ store, db, another }) {
    assert.throws(() => store.joining(db), /transaction is open/);
    const other = another();
    other.exec("BEGIN");
    assert.throws(() => store.joining(other), /the store's own/);
    other.exec("ROLLBACK");
    db.exec("BEGIN");
    await assert.rejects(store.commit(plan("o-1")), /in a transaction of the host's/);
    await assert.rejects(
      store.scan(() => {}),
      /in a transaction of the host's/,
    );
    db.exec("ROLLBACK");
  },

  async "a write that ends the transaction is an error, and nothing more is stored"({ store, db, rows }) {
    ticket("taken")(db);
    const ending = {
      "OR ROLLBACK": (db) => {
        try {
          db.exec("INSERT OR ROLLBACK INTO tickets VALUES ('taken')");
        } catch {}
      },
      COMMIT: (db) => db.exec("COMMIT; BEGIN"),
      ROLLBACK: (db) => db.exec("ROLLBACK"),
    };
    for (const [name, write] of Object.entries(ending)) {
      await assert.rejects(store.commit([add("a", 1)], write), /ended within write/, name);
      // No transaction is left open, not even the one that `write` has begun: another can begin.
      db.exec("BEGIN IMMEDIATE");
      await assert.rejects(store.joining(db).commit([add("a", 1)], write), /ended within write/, name);
    }
    assert.deepEqual([rows(), (await store.read(["a"], null)).counters], [["taken"], {}]);
  },

  async "an asynchronous write is refused, with what it has written so far"({ store, rows }) {
    const write = async (db) => ticket("o-1")(db);
    await assert.rejects(store.commit(plan("o-1"), write), /must not be asynchronous/);
    assert.deepEqual([rows(), (await store.read(["a"], "o-1")).counters], [[], {}]);
  },
};

export const joins = Object.entries(checks).map(([name, check]) => ({
  name,
  async run(open) {
    const opened = open({ onDrift() {} });
    try {
      await check(opened);
    } finally {
      opened.close();
    }
  },
}));
