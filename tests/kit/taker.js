// A host in a process of its own: when its parent says so, all of its buyers ask once, at the same time. It sends the
// parent the answers.
import { redeem } from "redeemable/host";
import { openPlace } from "./place.js";

const { store, write } = openPlace(JSON.parse(process.argv[2]));

process.on("message", async ({ orders, code, limit }) => {
  await Promise.all(
    orders.map(async ({ id, quantity }) => {
      const answer = await redeem(
        store,
        {
          codes: [code],
          promos: [{ code, discount_percent: 20, max_uses: limit }],
          order: {
            id,
            event_id: "gala",
            currency: "EUR",
            lines: [{ unit_price: 1000, quantity }],
            hold_until_ms: Date.now() + 600_000,
          },
        },
        { write },
      ).then(
        ({ status }) => status,
        (error) => error.code ?? error.message,
      );
      process.send({ id, answer });
    }),
  );
  process.send({ done: true });
});
process.send({ ready: true });
