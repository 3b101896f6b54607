// A host in a process of its own: it sells to many buyers at once under the limits that its parent names, and tells the
// parent what it has sold.
import { redeem, release } from "redeemable/host";
import { openPlace } from "./place.js";

const { store, write } = openPlace(JSON.parse(process.argv[2]));

/** Asks again after "busy", which means that other hosts were faster eight times. */
async function patiently(call) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await call();
    } catch (error) {
      if (error.code !== "busy" || attempt === 50) throw error;
    }
  }
}

/** Buys 1 to 3 tickets, or fewer if fewer are left; every `gives`th buyer gives one back. */
async function buyer(id, index, { code, limit, gives }) {
  for (let wanted = 1 + (index % 3); wanted > 0; ) {
    const request = {
      codes: [code],
      promos: [{ code, discount_percent: 20, max_uses: limit }],
      order: {
        id,
        event_id: "gala",
        currency: "EUR",
        lines: [{ unit_price: 1000, quantity: wanted }],
        hold_until_ms: Date.now() + 600_000,
      },
    };
    const decision = await patiently(() => redeem(store, request, { write }));
    if (decision.status === "accepted") {
      if (gives > 0 && index % gives === 0)
        await patiently(() => release(store, { id, reason: "buyer_released", tickets: [0] }, { write }));
      process.send({ id, sold: wanted });
      return;
    }
    wanted = Math.min(...decision.violations.map(({ remaining }) => remaining));
  }
}

process.on("message", async ({ name, buyers, atOnce, code, limit, gives = 0 }) => {
  let next = 0;
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (next < buyers) {
        const index = next;
        next += 1;
        await buyer(`${name}-${index}`, index, { code, limit, gives });
      }
    }),
  );
  process.send({ done: true });
});
process.send({ ready: true });
