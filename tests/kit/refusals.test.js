// Buyers at several hosts ask at once for uses that lapsed holds have. There are enough uses for all, so every buyer
// must be served.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { redeem } from "redeemable/host";
import { audit } from "./audit.js";
import { DATABASES, sell, startHost, usesOf } from "./hosts.js";
import { openPlace } from "./place.js";

const ROUNDS = Number(process.env.ROUNDS ?? 8);
/** How many tickets each hold has, and how many each buyer wants; both sums are equal. */
const SCENES = [
  ["40 buyers of the 40 uses that 40 lapsed holds have", 40, 1, 40, 1],
  ["10 buyers of 4 tickets, and 40 lapsed holds of one", 40, 1, 10, 4],
  ["40 buyers of a ticket, and 4 lapsed holds of ten", 4, 10, 40, 1],
];

for (const [name, { hosts: count, open }] of Object.entries(DATABASES)) {
  describe(name, () => {
    for (const [title, holds, held, buyers, wanted] of SCENES) {
      test(`${title}: nobody is refused, ${ROUNDS} times`, async (t) => {
        const database = await open();
        t.after(() => database.close());
        const { store, write, close } = openPlace(database.place(1));
        t.after(close);
        const hosts = await Promise.all(
          Array.from({ length: count }, (_, n) => startHost(database.place(n), "taker.js")),
        );
        t.after(() => {
          for (const host of hosts) host.kill();
        });
        for (let round = 0; round < ROUNDS; round += 1) {
          const code = `L${round}`;
          const lapsed = (id) =>
            redeem(
              store,
              {
                codes: [code],
                promos: [{ code, discount_percent: 20 }],
                order: {
                  id,
                  event_id: "gala",
                  currency: "EUR",
                  lines: [{ unit_price: 1000, quantity: held }],
                  hold_until_ms: Date.now(),
                },
              },
              { write },
            );
          for (let i = 0; i < holds; i += 1) assert.equal((await lapsed(`${code}-lapsed-${i}`)).status, "accepted");
          const told = new Map();
          const hear = ({ id, answer }) => told.set(id, answer);
          const orders = Array.from({ length: buyers }, (_, i) => ({ id: `${code}-${i}`, quantity: wanted }));
          await Promise.all(
            hosts.map((host, n) =>
              sell(host, { code, limit: holds * held, orders: orders.filter((_, i) => i % count === n) }, hear),
            ),
          );
          assert.deepEqual(
            [...told].filter(([, answer]) => answer !== "accepted"),
            [],
            `round ${round}`,
          );
          assert.equal(told.size, buyers);
          const tables = await database.tables();
          audit(tables);
          assert.equal(usesOf(tables, code), holds * held);
        }
      });
    }
  });
}
