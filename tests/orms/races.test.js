// Hosts in processes of their own sell one code on one database, through each library.
import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { audit as driftOf } from "redeemable/host";
import { audit } from "../kit/audit.js";
import { chosen } from "./hosts.js";
import { PLACES } from "./places.js";

const BUYERS = 22;

for (const [name, { place: kind, open }] of chosen().filter(([, { place }]) => place !== "pglite"))
  test(`${name}: two hosts sell 40 uses, and no more`, async (t) => {
    const place = await PLACES[kind]();
    const host = await open(place.url);
    t.after(async () => {
      await host.close();
      await place.close();
    });
    const sellers = ["a", "b"].map((prefix) => fork("./seller.js", [name, place.url, prefix, BUYERS]));
    t.after(() => {
      for (const each of sellers) each.kill();
    });
    const heard = (each) =>
      Promise.race([
        once(each, "message"),
        once(each, "exit").then(([code]) => assert.fail(`a host of ${name} ended with ${code}`)),
      ]);
    await Promise.all(sellers.map(heard));
    const answers = sellers.map(heard);
    for (const each of sellers) each.send("go");
    const told = (await Promise.all(answers)).flatMap(([message]) => message.told);

    assert.equal(told.length, 2 * BUYERS);
    const tables = await place.tables();
    const records = audit(tables);
    assert.deepEqual(
      [...records.values()].map(({ id, tickets }) => [id, tickets.length]).sort(),
      told.flatMap(({ id, tickets }) => (tickets > 0 ? [[id, tickets]] : [])).sort(),
      "what was told is what is stored",
    );
    const left = [...records.values()].flatMap(({ tickets }) => tickets.filter(({ released }) => !released)).length;
    const uses = Number(tables.counters.find(({ key }) => key === "code/event:gala:RACE/uses").used);
    assert.equal(uses, left);
    // The demand is 66 tickets. A buyer of two is refused where one is left, and buyers give back at the end.
    assert.ok(uses <= 40 && uses >= 28, `${uses} uses`);
    assert.deepEqual(await driftOf(host.store()), []);
  });
