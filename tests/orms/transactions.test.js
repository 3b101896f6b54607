// Each library's own transaction: what joins it is stored with it or not at all, and whoever ends it too early is told.
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import { audit, redeem } from "redeemable/host";
import { chosen } from "./hosts.js";
import { PLACES } from "./places.js";

const UNTIL = Date.now() + 600_000;
/** A transaction of MariaDB sees only what was there at its first read, if the host has not set another level. */
const outcome = { mariadb: "repeat_transaction" };
const COUNTER = "code/event:gala:TWO/uses";
const order = (id, quantity = 1) => ({
  codes: ["TWO"],
  promos: [{ code: "TWO", discount_percent: 10, max_uses: 2 }],
  order: {
    id,
    event_id: "gala",
    currency: "EUR",
    lines: [{ unit_price: 1000, quantity }],
    hold_until_ms: UNTIL,
  },
});

for (const [name, { place: kind, open }] of chosen())
  describe(name, () => {
    let place;
    let host;
    before(async () => {
      place = await PLACES[kind]();
      host = await open(place.url);
    });
    beforeEach(() => place.clear());
    after(async () => {
      await host?.close();
      await place?.close();
    });

    /** The ids of the records, the uses, and the orders that have ticket rows. */
    async function stored() {
      const { redemptions, counters, tickets } = await place.tables();
      return [
        redemptions.map(({ id }) => id).sort(),
        counters.flatMap(({ key, used }) => (key === COUNTER ? [[key, Number(used)]] : [])),
        tickets.map(({ order_id }) => order_id).sort(),
      ];
    }

    test("an order that joins the host's transaction is stored with it", async () => {
      const store = host.store();
      const decision = await host.transaction(async (tx) => {
        await host.put(tx, "before");
        const answer = await redeem(store, order("o-1", 2), { transaction: tx, write: host.write });
        const again = await redeem(store, order("o-1", 2), { transaction: tx, write: host.write });
        assert.deepEqual([again.status, again.ops, again.quote], ["accepted", [], answer.quote]);
        await host.put(tx, "behind");
        return answer;
      });
      assert.equal(decision.status, "accepted");
      assert.equal(decision.quote.total, 1800);
      assert.deepEqual(await stored(), [["o-1"], [[COUNTER, 2]], ["before", "behind", "o-1", "o-1"]]);
      assert.deepEqual(await audit(store), []);
    });

    test("an order that joins the host's transaction vanishes with it", async () => {
      const store = host.store();
      const changed = new Error("the host has changed its mind");
      await assert.rejects(
        host.transaction(async (tx) => {
          const { status } = await redeem(store, order("o-1", 2), { transaction: tx, write: host.write });
          assert.equal(status, "accepted");
          throw changed;
        }),
        (error) => error === changed || error.cause === changed,
      );
      assert.deepEqual(await stored(), [[], [], []]);
      assert.equal((await redeem(store, order("o-2", 2), { write: host.write })).status, "accepted");
    });

    test("an order that is refused, or whose write throws, leaves the host's transaction as it was", async () => {
      const store = host.store();
      await redeem(store, order("o-1", 2), { write: host.write });
      await host.transaction(async (tx) => {
        await host.put(tx, "before");
        const { status } = await redeem(store, order("o-2"), { transaction: tx, write: host.write });
        assert.equal(status, "rejected");
        const free = { ...order("o-3"), codes: [] };
        const full = async () => {
          throw new Error("no seat is left");
        };
        const synchronous = name === "Drizzle, better-sqlite3";
        const write = synchronous ? () => assert.fail("no seat is left") : full;
        await assert.rejects(redeem(store, free, { transaction: tx, write }), /no seat is left/);
        await host.put(tx, "behind");
      });
      assert.deepEqual(await stored(), [["o-1"], [[COUNTER, 2]], ["before", "behind", "o-1", "o-1"]]);
    });

    test("the rows of a plan that fails are undone with it, and the host's stay", async () => {
      const store = host.store();
      await redeem(store, order("o-1", 2), { write: host.write });
      const expires_at_ms = UNTIL;
      const tickets = [{ released: null }];
      const late = { id: "o-2", revision: 1, state: "held", event_id: "gala", expires_at_ms, charges: [], tickets };
      // The records and the rows are written before the counter turns out to be full.
      const plan = [
        { op: "insert", redemption: late },
        { op: "add", key: COUNTER, by: 1, at_most: 2 },
      ];
      await host.transaction(async (tx) => {
        await host.put(tx, "before");
        assert.equal(
          await store
            .joining(tx)
            .commit(plan, host.write)
            .catch(({ code }) => code),
          outcome[kind] ?? false,
        );
        await host.put(tx, "behind");
      });
      assert.deepEqual(await stored(), [["o-1"], [[COUNTER, 2]], ["before", "behind", "o-1", "o-1"]]);
    });

    test("a write that ends the transaction is an error, and the audit finds what is left of it", async () => {
      const store = host.store();
      await assert.rejects(
        redeem(store, order("o-1", 2), {
          write: (tx) => {
            const sent = host.raw(tx, "COMMIT");
            return typeof sent?.then === "function" ? sent : undefined;
          },
        }),
      );
      const [records, counters] = await stored();
      assert.deepEqual(counters, [], "nothing is counted");
      const drift = records.length === 0 ? [] : [{ key: COUNTER, used: 0, must: 2 }];
      assert.deepEqual(
        (await audit(store)).filter(({ key }) => key === COUNTER),
        drift,
      );
      // The next order finds a sound connection.
      assert.equal((await redeem(store, order("o-2"), { write: host.write })).status, "accepted");
      assert.ok((await stored())[2].includes("o-2"));
    });

    test("the database itself is no transaction", async () => {
      if (!host.database) return;
      const joining = redeem(host.store(), order("o-1"), { transaction: host.database, write: host.write });
      await assert.rejects(joining, /the option transaction: expected an open one/);
      assert.deepEqual(await stored(), [[], [], []]);
    });

    if (["postgres", "pglite"].includes(kind))
      test("a store of another schema sells there, and nowhere else", async () => {
        await place.ask("CREATE SCHEMA stage");
        const store = host.store({ schema: "stage" });
        await store.migrate();
        await redeem(store, order("o-1", 2));
        const late = [{ op: "add", key: COUNTER, by: 1, at_most: 2 }];
        await host.transaction(async (tx) => assert.equal(await store.joining(tx).commit(late), false));
        const [{ used }] = await place.ask(`SELECT used FROM stage.redeemable_counters WHERE key = '${COUNTER}'`);
        assert.equal(Number(used), 2);
        assert.deepEqual(await stored(), [[], [], []]);
      });

    if (kind === "postgres")
      test("a serialization failure in the host's transaction asks for its repetition", async () => {
        const store = host.store();
        await redeem(store, order("o-1"), { write: host.write });
        const answer = host.transaction(async (tx) => {
          await host.raw(tx, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ");
          await host.raw(tx, "SELECT 1 FROM redeemable_counters");
          // Takes the last use meanwhile, and gives the counter a version that this transaction does not see.
          await redeem(store, order("o-2"), { write: host.write });
          await redeem(store, order("o-3"), { transaction: tx, write: host.write });
        });
        await assert.rejects(answer, ({ code }) => code === "repeat_transaction");
        assert.deepEqual(await stored(), [["o-1", "o-2"], [[COUNTER, 2]], ["o-1", "o-2"]]);
      });

    if (kind === "mariadb")
      test("a lock time-out in the host's transaction asks for its repetition", async () => {
        const store = host.store();
        await redeem(store, order("o-1"), { write: host.write });
        const answer = host.transaction(async (first) => {
          await redeem(store, order("o-2"), { transaction: first, write: host.write });
          // It waits for the counter, which the first transaction has locked.
          await host.transaction(async (second) => {
            await host.raw(second, "SET innodb_lock_wait_timeout = 1");
            await redeem(store, order("o-3"), { transaction: second, write: host.write });
          });
        });
        await assert.rejects(answer, ({ code }) => code === "repeat_transaction");
        assert.deepEqual(await stored(), [["o-1"], [[COUNTER, 1]], ["o-1"]]);
      });

    if (kind === "sqlite")
      test("a file that somebody else has locked is busy, and then free", async () => {
        const store = host.store();
        await host.transaction(async (tx) => {
          await host.raw(tx, "PRAGMA busy_timeout = 20");
        });
        const unlock = await place.lock();
        const busy = redeem(store, order("o-1"), { attempts: 1, write: host.write });
        await assert.rejects(busy, ({ code }) => code === "busy").finally(unlock);
        await redeem(store, order("o-1"), { write: host.write });
        assert.deepEqual(await stored(), [["o-1"], [[COUNTER, 1]], ["o-1"]]);
      });
  });
