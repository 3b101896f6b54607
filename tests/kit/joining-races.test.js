// Hosts in processes of their own sell one popular code, each in transactions of its own, some of which it rolls back.
import assert from "node:assert/strict";
import { test } from "node:test";
import { audit as auditKit } from "redeemable/host";
import { audit } from "./audit.js";
import { sell, startHost, usesOf } from "./hosts.js";
import { PLACES } from "./joining-places.js";

/** By database, the store of each host, and the isolation level at which that host sells. */
const RACES = {
  PostgreSQL: [
    ["pg", "read committed"],
    ["pg, over a bridge", "read committed"],
    ["pg", "repeatable read"],
    ["pg, over a bridge", "serializable"],
  ],
  MariaDB: [
    ["mysql2", "repeatable read"],
    ["mysql2, over a bridge", "repeatable read"],
    ["mysql2", "read committed"],
  ],
  SQLite: [["SQLite, over a bridge"], ["SQLite, over a bridge"]],
};
const LIMIT = 90;

for (const [database, hosts] of Object.entries(RACES)) {
  test(`${database}: ${hosts.length} hosts sell exactly ${LIMIT} uses in transactions of their own`, async (t) => {
    const { store, place, tables, orders, close } = await PLACES[hosts[0][0]]();
    t.after(() => close());
    const processes = await Promise.all(
      hosts.map(([name, isolation]) => startHost({ ...place, name, isolation }, "joined-seller.js")),
    );
    t.after(() => {
      for (const each of processes) each.kill();
    });
    const sold = [];
    const total = { repeated: 0, undone: 0 };
    let most = 0;
    const hear = (message) => {
      if (message.sold) sold.push(...message.sold);
      for (const name of Object.keys(total)) total[name] += message.counts?.[name] ?? 0;
    };
    const task = (index) => ({ name: `h${index}`, buyers: 80, atOnce: 5, code: "HOT", limit: LIMIT });
    let over = false;
    const selling = Promise.all(processes.map((each, index) => sell(each, task(index), hear))).finally(() => {
      over = true;
    });
    selling.catch(() => {});
    while (!over) {
      most = Math.max(most, usesOf(await tables(), "HOT"));
      await new Promise((resume) => {
        setTimeout(resume, 20);
      });
    }
    assert.deepEqual(await selling, Array(hosts.length).fill("done"));
    const stored = await tables();
    const records = [...audit(stored).keys()].sort();
    assert.deepEqual([usesOf(stored, "HOT"), most], [LIMIT, LIMIT]);
    assert.deepEqual(records, sold.sort(), "what the hosts have committed is what is stored");
    assert.deepEqual(await orders(), records, "every record has the host's order, and every order its record");
    assert.deepEqual(await auditKit(store), []);
    // With two orders in one transaction, both are stored or neither.
    for (const id of records) if (id.endsWith("+")) assert.ok(records.includes(id.slice(0, -1)), id);
    t.diagnostic(`${total.repeated} transactions repeated, ${total.undone} undone`);
    assert.ok(total.undone > 0);
    if (database !== "SQLite") assert.ok(total.repeated > 0, "some had to be repeated");
  });
}
