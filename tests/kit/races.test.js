// Hosts in processes of their own sell one popular code from one database; then again while hosts are killed.
// KILLS is the number of hosts to kill on each database, 50 by default (30 on MariaDB, to save time).
import assert from "node:assert/strict";
import { once } from "node:events";
import { describe, test } from "node:test";
import { audit } from "./audit.js";
import { DATABASES, sell, startHost, usesOf } from "./hosts.js";

for (const [name, { hosts: count, kills = 50, open }] of Object.entries(DATABASES)) {
  const KILLS = Number(process.env.KILLS ?? kills);
  describe(name, () => {
    test(`1000 buyers of 1 to 4 tickets at ${count} hosts use 100 uses up, exactly`, async (t) => {
      const database = await open();
      t.after(() => database.close());
      const hosts = await Promise.all(Array.from({ length: count }, (_, n) => startHost(database.place(n))));
      t.after(() => {
        for (const host of hosts) host.kill();
      });
      const sold = new Map();
      let most = 0;
      const share = Math.ceil(1000 / count);
      // One host could sell everything before another begins, so a host that has sold 40 waits until every host has
      // sold some.
      const slow = new Set(hosts);
      const begun = (host) => {
        if (slow.delete(host) && slow.size === 0) for (const each of hosts) each.send("go on");
      };
      const selling = Promise.all(
        hosts.map((host, n) =>
          sell(
            host,
            { name: `h${n}`, buyers: share, atOnce: 16, together: true, code: "FIFTY", limit: 100 },
            (message, from) => {
              sold.set(message.id, message.sold);
              from.sold = (from.sold ?? 0) + message.sold;
              begun(from);
            },
          ).finally(() => begun(host)),
        ),
      );
      // Check all the time that no more uses are stored than the limit.
      let over = false;
      selling
        .finally(() => {
          over = true;
        })
        .catch(() => {});
      while (!over) {
        most = Math.max(most, usesOf(await database.tables(), "FIFTY"));
        await new Promise((resume) => {
          setTimeout(resume, 20);
        });
      }
      assert.deepEqual(await selling, Array(count).fill("done"));
      const tables = await database.tables();
      const records = audit(tables);
      assert.equal(usesOf(tables, "FIFTY"), 100);
      assert.ok(most <= 100);
      assert.equal(tables.tickets.length, 100);
      assert.deepEqual(
        [...records.values()].map(({ id, tickets }) => [id, tickets.length]).sort(),
        [...sold].sort(),
        "what was told is what is stored",
      );
      assert.ok(
        hosts.every((host) => host.sold > 0),
        "every host sold some",
      );
    });

    test(`hosts killed ${KILLS} times while they sell, settle and release leave nothing half done`, async (t) => {
      const database = await open();
      t.after(() => database.close());
      const hosts = await Promise.all(Array.from({ length: count }, (_, n) => startHost(database.place(n))));
      t.after(() => {
        for (const host of hosts) host.kill();
      });
      /** By order id, the last state that the buyer was told. */
      const told = new Map();
      let unheard = 0;
      let interrupted = 0;
      for (let round = 0; round < KILLS; round += 1) {
        const fate = Math.floor(Math.random() * count);
        const victim = hosts[fate];
        const successor = startHost(database.place(fate));
        successor.catch(() => {});
        // A host is killed after a number of answers, not after a time, while its next calls are under way.
        let answersLeft = 1 + Math.floor(Math.random() * 20);
        const hear = ({ id, state }, from) => {
          told.set(id, state);
          if (from === victim && --answersLeft === 0) victim.kill("SIGKILL");
        };
        const task = (n) => ({
          name: `r${round}h${n}`,
          buyers: 14,
          atOnce: 6,
          settle: true,
          code: `R${round}`,
          limit: 40,
        });
        const ends = await Promise.all(hosts.map((host, n) => sell(host, task(n), hear)));
        const tables = await database.tables();
        const records = audit(tables);
        assert.ok(usesOf(tables, `R${round}`) <= 40);
        const order = ["held", "confirmed", "released"];
        for (const [id, state] of told) {
          assert.ok(records.has(id), `order ${id} was accepted and is gone`);
          assert.ok(order.indexOf(records.get(id).state) >= order.indexOf(state), `order ${id} was ${state}`);
        }
        unheard += [...records].filter(
          ([id, { state }]) => id.startsWith(`r${round}h`) && told.get(id) !== state,
        ).length;
        if (ends[fate] === "killed") interrupted += 1;
        else if (victim.signalCode === null) {
          // The host finished before its parent had heard the answer after which it was to be killed.
          victim.kill("SIGKILL");
          await once(victim, "exit");
        }
        hosts[fate] = await successor;
      }
      t.diagnostic(
        `${interrupted} kills interrupted a host, ${told.size} orders, ` +
          `${unheard} of them further than their buyer was told`,
      );
      assert.ok(interrupted > KILLS / 3, "the kills interrupted hosts");
    });
  });
}
