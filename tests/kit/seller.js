// A host in a process of its own: it sells to many buyers at once when its parent says so, and sends the parent the
// answers that the buyers got.
import { confirm, redeem, release } from "redeemable/host";
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

/** For a task that is `together`: a promise that resolves when the parent says that every host has sold. */
let others = null;
let goOn;

/** Buys, or takes fewer tickets if fewer are left; then some buyers pay, and some of these give a ticket back. */
async function buyer(id, quantity, { code, limit, settles }) {
  for (let wanted = quantity; wanted > 0; ) {
    const decision = await patiently(() =>
      redeem(
        store,
        {
          codes: [code],
          promos: [{ code, discount_percent: 20, max_uses: limit, max_uses_per_identity: 4 }],
          order: {
            id,
            event_id: "gala",
            currency: "EUR",
            lines: [{ unit_price: 1000, quantity: wanted }],
            identities: { email: `${id}@example.org` },
            hold_until_ms: Date.now() + 600_000,
          },
        },
        { write },
      ),
    );
    if (decision.status === "accepted") {
      process.send({ id, state: "held", sold: wanted });
      await others;
      if (settles > 0) {
        await patiently(() =>
          confirm(store, { id, payment: { id: `paid-${id}`, total: 800 * wanted, currency: "EUR" } }, { write }),
        );
        process.send({ id, state: "confirmed" });
      }
      if (settles > 1) {
        await patiently(() => release(store, { id, reason: "buyer_released", tickets: [0] }, { write }));
        process.send({ id, state: wanted === 1 ? "released" : "confirmed" });
      }
      return;
    }
    wanted = Math.min(...decision.violations.map(({ remaining }) => remaining));
  }
}

process.on("message", async (task) => {
  if (task === "go on") {
    goOn();
    return;
  }
  const { name, buyers, atOnce, settle, together = false, ...code } = task;
  others = together
    ? new Promise((resolve) => {
        goOn = resolve;
      })
    : null;
  let next = 0;
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (next < buyers) {
        const index = next;
        next += 1;
        await buyer(`${name}-${index}`, 1 + (index % 4), { ...code, settles: settle ? index % 3 : 0 });
      }
    }),
  );
  process.send({ done: true });
});
process.send({ ready: true });
