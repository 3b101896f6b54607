// Counters that are split into parts: hosts in processes of their own sell one code from 16 rows, under limits that
// differ and change, while an operator splits, joins and repairs. ROUNDS is how often, 1 by default.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { audit as auditStore, release, repair, split } from "redeemable/host";
import { audit } from "./audit.js";
import { DATABASES, sell, startHost, usesOf } from "./hosts.js";
import { openPlace } from "./place.js";

const ROUNDS = Number(process.env.ROUNDS ?? 1);
const PARTS = 16;
const AT_ONCE = 8;
const uses = (code) => `code/event:gala:${code}/uses`;

/** How the two databases name a counter's parts, and the tickets that are sold now. */
const ASKING = {
  PostgreSQL: {
    rows: async (admin, text, values) =>
      (await admin.query(text.replaceAll(/\?/g, () => "$1").replace("HASH", "key = $1"), values)).rows,
  },
  MariaDB: {
    rows: async (admin, text, values) =>
      (await admin.query(text.replace("HASH", "hash = UNHEX(SHA2(?, 256))"), values))[0],
  },
};

for (const [name, { rows }] of Object.entries(ASKING)) {
  /** Three hosts in processes, and a store for the operator, which is this process. */
  async function opened(t) {
    const database = await DATABASES[name].open();
    t.after(() => database.close());
    const hosts = await Promise.all([0, 1, 2].map((n) => startHost(database.place(n), "part-seller.js")));
    t.after(() => {
      for (const host of hosts) host.kill();
    });
    const { store, write, close } = openPlace(database.place(0));
    t.after(close);
    const ask = (text, ...values) => rows(database.admin, text, values);
    /** Every host sells to some buyers; returns what each sold, by order id. */
    async function selling(tasks) {
      const sold = new Map();
      await Promise.all(
        tasks.map((task, n) => sell(hosts[n], { atOnce: AT_ONCE, ...task }, ({ id, sold: n }) => sold.set(id, n))),
      );
      return sold;
    }
    const left = async () => Number((await ask("SELECT count(*) AS n FROM tickets"))[0].n);
    return { ...database, store, write, ask, selling, left };
  }

  /** Calls `look` again and again while `work` is under way. */
  async function watching(work, look) {
    let over = false;
    const ended = work.finally(() => {
      over = true;
    });
    ended.catch(() => {});
    while (!over) {
      await look();
      await new Promise((resume) => {
        setTimeout(resume, 5);
      });
    }
    return ended;
  }

  /** The shares of the limit: all are made for the same one, and add up to it. */
  async function checkShares(ask, code) {
    const parts = await ask("SELECT cap, bound FROM redeemable_parts WHERE HASH", uses(code));
    const bounds = new Set(parts.map(({ bound }) => String(bound)));
    assert.ok(bounds.size <= 1, `the parts are made for ${[...bounds]}`);
    const [bound] = bounds;
    if (bound === undefined || bound === "null") return;
    assert.equal(
      parts.reduce((sum, { cap }) => sum + Number(cap), 0),
      Number(bound),
    );
  }

  describe(name, () => {
    test("24 buyers at once sell 300 uses out, exactly, while the code is split, joined and repaired", async (t) => {
      const { store, ask, selling, left, tables } = await opened(t);
      for (let round = 0; round < ROUNDS; round += 1) {
        const code = `R${round}`;
        await split(store, uses(code), PARTS);
        const before = await left();
        const task = (n) => ({ name: `r${round}h${n}`, buyers: 90, code, limit: 300, gives: 4 });
        let changes = 0;
        const sizes = [7, 1, PARTS, 2];
        const sold = await watching(selling([0, 1, 2].map(task)), async () => {
          assert.ok((await left()) - before <= 300);
          await checkShares(ask, code);
          changes += 1;
          if (changes % 8 === 0) await split(store, uses(code), sizes[(changes / 8) % 4]);
          if (changes % 8 === 4) {
            // Somebody has changed a part by hand: the counter says that more is used than is.
            await ask("UPDATE redeemable_parts SET used = used + 5 WHERE part = 0 AND HASH", uses(code));
            await repair(store);
          }
        });
        assert.ok(changes > 16, `the operator had ${changes} turns`);
        await repair(store);
        await split(store, uses(code), PARTS);
        // What was given back after the last buyers were refused is sold now.
        const rest = await selling([0, 1, 2].map((n) => ({ name: `rest${round}h${n}`, buyers: 60, code, limit: 300 })));
        const seen = await tables();
        const records = audit(seen);
        assert.equal(usesOf(seen, code), 300);
        assert.equal((await left()) - before, 300);
        for (const [id, count] of [...sold, ...rest]) assert.equal(records.get(id).tickets.length, count);
        assert.deepEqual(await auditStore(store), []);
        assert.ok((await split(store, uses(code), 1)).includes(uses(code)));
        assert.equal(usesOf(await tables(), code), 300);
      }
    });

    test("under limits that differ between hosts and change, none sells above its own, and all is sold", async (t) => {
      const { store, write, ask, selling, left, tables } = await opened(t);
      await split(store, uses("CODE"), PARTS);
      /** The orders of the host with the lower limit; before they came, so many tickets were sold at most. */
      const low = new Map();
      let total = 0;
      const look = async () => {
        const rows = await ask("SELECT order_id FROM tickets");
        for (const { order_id } of rows)
          if (String(order_id).startsWith("low-") && !low.has(String(order_id))) low.set(String(order_id), total);
        total = rows.length;
      };
      const task = (name, limit, buyers = 100) => ({ name, limit, buyers, code: "CODE" });
      // On a busy machine, the others may have sold all before the first host sells again.
      const early = await selling([task("low-early", 100, 3)]);
      const rest = await watching(selling([task("low", 100), task("high", 200), task("also", 200)]), look);
      const sold = new Map([...early, ...rest]);
      await look();
      assert.equal(await left(), 200);
      const judged = [...sold].filter(([id]) => id.startsWith("low-"));
      assert.ok(judged.length >= early.size && early.size === 3);
      for (const [id, count] of judged) assert.ok(low.get(id) + count <= 100, `${id} came after ${low.get(id)}`);
      const everywhere = (name, limit, buyers) => selling([0, 1, 2].map((n) => task(`${name}${n}`, limit, buyers)));
      assert.equal((await everywhere("less", 150, 10)).size, 0);
      assert.equal(await left(), 200);
      let given = 0;
      for (const [id, count] of sold) {
        if (given + count > 60) continue;
        await release(store, { id, reason: "buyer_released" }, { write });
        given += count;
      }
      assert.equal(given, 60);
      await everywhere("again", 150, 20);
      assert.equal(await left(), 150);
      await everywhere("more", 161, 20);
      assert.equal(await left(), 161);
      // 24 tickets at each host: 8 buyers of one, of two and of three would be 16, and 12 more are 24.
      await everywhere("free", null, 12);
      assert.equal(await left(), 161 + 3 * 24);
      await everywhere("last", 300, 40);
      assert.equal(await left(), 300);
      audit(await tables());
      assert.deepEqual(await auditStore(store), []);
    });
  });
}
