import { d1Store } from "redeemable/batch";
import { redeem, sweep } from "redeemable/host";

const PRICE = 4500; // in cents
const promos = [{ code: "EARLY20", discount_percent: 20, max_uses: 20, max_uses_per_identity: 2 }];
const ORDER = /^\/orders\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

/** Adds the shop's own statements to those of the plan: they are stored together, or not at all. */
const writeTo = (DB) => (batch, redemptions) => {
  for (const { id, tickets } of redemptions) {
    batch.add(DB.prepare("DELETE FROM tickets WHERE order_id = ?").bind(id));
    for (const [position, { price, released }] of tickets.entries())
      if (!released) batch.add(DB.prepare("INSERT INTO tickets VALUES (?, ?, ?)").bind(id, position, price));
  }
};

async function buy(DB, id, { codes, quantity, email, max_total }) {
  const lines = [{ unit_price: PRICE, quantity }];
  const hold_until_ms = Date.now() + 17 * 60_000;
  const order = {
    id,
    event_id: "gala",
    currency: "EUR",
    lines,
    identities: { email },
    hold_until_ms,
    max_total: max_total ?? 0, // null would agree to any price
  };
  const { status, quote, violations } = await redeem(d1Store(DB), { codes, promos, order }, { write: writeTo(DB) });
  if (violations[0]?.reason === "price_changed") return { status: "price_changed", total: violations[0].used };
  return { status, total: quote.total };
}

let ready = false;
/** Makes the tables, once for each start of the worker. */
async function migrate(DB) {
  if (ready) return;
  await d1Store(DB).migrate();
  await DB.prepare("CREATE TABLE IF NOT EXISTS tickets (order_id TEXT, position INTEGER, price INTEGER)").run();
  ready = true;
}

export default {
  async fetch(request, { DB }) {
    const [, id] = ORDER.exec(new URL(request.url).pathname) ?? [];
    if (request.method !== "PUT" || !id)
      return Response.json({ error: "expected PUT /orders/<uuid>" }, { status: 404 });
    await migrate(DB);
    return buy(DB, id, await request.json()).then(
      (answer) => Response.json(answer),
      ({ message }) => Response.json({ error: message }, { status: 409 }),
    );
  },
  async scheduled(_controller, { DB }) {
    await migrate(DB);
    await sweep(d1Store(DB), { write: writeTo(DB) });
  },
};
