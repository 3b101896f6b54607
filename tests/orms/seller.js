// A host in a process of its own: many buyers at once, until the code is used up. Every third pays, every sixth gives
// a ticket back. Its parent is told what each buyer was told.
import { confirm, redeem, release } from "redeemable/host";
import { openHost } from "./hosts.js";

const [name, url, prefix, buyers] = process.argv.slice(2);
const host = await openHost(name, url);
const store = host.store();
const options = { write: host.write };

/** Asks again after "busy", which means that others were faster eight times. */
async function patiently(call) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await call();
    } catch (error) {
      if (error.code !== "busy" || attempt === 50) throw error;
    }
  }
}

async function buy(index) {
  const id = `${prefix}-${index}`;
  const order = {
    id,
    event_id: "gala",
    currency: "EUR",
    lines: [{ unit_price: 1000, quantity: 1 + (index % 2) }],
    identities: { email: `${id}@example.org` },
    hold_until_ms: Date.now() + 600_000,
  };
  const promos = [{ code: "RACE", discount_percent: 20, max_uses: 40, max_uses_per_identity: 2 }];
  const decision = await patiently(() => redeem(store, { codes: ["RACE"], promos, order }, options));
  if (decision.status !== "accepted") return { id, tickets: 0 };
  const { total } = decision.quote;
  if (index % 3 === 0)
    await patiently(() => confirm(store, { id, payment: { id: `paid-${id}`, total, currency: "EUR" } }, options));
  if (index % 6 === 0) await patiently(() => release(store, { id, reason: "buyer_released", tickets: [0] }, options));
  return { id, tickets: order.lines[0].quantity };
}

process.on("message", async () => {
  const told = [];
  let next = 0;
  await Promise.all(
    Array.from({ length: 6 }, async () => {
      while (next < Number(buyers)) {
        next += 1;
        told.push(await buy(next - 1));
      }
    }),
  );
  await host.close();
  process.send({ told }, () => process.exit());
});
process.send("ready");
