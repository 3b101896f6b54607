// A host in a process of its own that gets every order, in an order of its own, many at once; some are given back.
import { redeem, release } from "redeemable/host";
import { openPlace } from "./place.js";
import { chance } from "./faults/plan.js";

const { store, write, close } = openPlace(JSON.parse(process.argv[2]));

process.on("message", async ({ orders, promos, seed, atOnce }) => {
  const random = chance(seed);
  const mixed = orders.map((order) => [random(), order]).sort(([a], [b]) => a - b);
  const told = {};
  const patiently = async (call) => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await call();
      } catch (error) {
        if (error.code !== "busy" || attempt === 50) throw error;
      }
    }
  };
  const serve = async ({ id, code, email, returned }) => {
    const order = {
      id,
      event_id: "gala",
      currency: "EUR",
      lines: [{ unit_price: 1000, quantity: 1 }],
      identities: { email },
      hold_until_ms: Date.now() + 600_000,
    };
    const { status } = await patiently(() => redeem(store, { codes: [code], promos, order }, { write }));
    told[id] = status;
    if (status === "accepted" && returned)
      await patiently(() => release(store, { id, reason: "payment_failed", release_id: "back" }, { write }));
  };
  let next = 0;
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (next < mixed.length) await serve(mixed[next++][1]);
    }),
  );
  // The database counts what a connection has seen when the connection ends.
  await close();
  process.send({ told });
  process.send({ done: true });
});
process.send({ ready: true });
