import { neon } from "@neondatabase/serverless";
import { neonStore } from "redeemable/batch";
import { redeem, sweep } from "redeemable/host";

const sql = neon(process.env.DATABASE_URL);
const store = neonStore(sql);

const PRICE = 4500; // in cents
const promos = [{ code: "EARLY20", discount_percent: 20, max_uses: 20, max_uses_per_identity: 2 }];

/** Adds the shop's own queries to those of the plan. They are not awaited: the store sends them. */
function write(batch, redemptions) {
  for (const { id, tickets } of redemptions) {
    batch.add(sql`DELETE FROM tickets WHERE order_id = ${id}`);
    for (const [position, { price, released }] of tickets.entries())
      if (!released) batch.add(sql`INSERT INTO tickets VALUES (${id}, ${position}, ${price})`);
  }
}

export async function buy(id, { codes, quantity, email, max_total }) {
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
  const { status, quote, violations } = await redeem(store, { codes, promos, order }, { write });
  if (violations[0]?.reason === "price_changed") return { status: "price_changed", total: violations[0].used };
  return { status, total: quote.total };
}

/** Run it when you deploy. */
export async function migrate() {
  await store.migrate();
  await sql`CREATE TABLE IF NOT EXISTS tickets (order_id text, position int, price bigint)`;
}

/** Run it every minute. */
export const release = () => sweep(store, { write });
