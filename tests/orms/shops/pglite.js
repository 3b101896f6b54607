import { randomUUID } from "node:crypto";
import { PGlite } from "@electric-sql/pglite";
import { redeem } from "redeemable/host";
import { pgliteStore } from "redeemable/over/pglite";

const db = await PGlite.create(process.env.SHOP_DATA ?? "memory://");
const store = pgliteStore(db);
await store.migrate();
await db.exec("CREATE TABLE IF NOT EXISTS tickets (order_id text, position int, price bigint)");

const rowsOf = ({ id, tickets }) =>
  tickets.flatMap(({ price, released }, position) => (released ? [] : [{ order_id: id, position, price }]));

async function write(tx, redemptions) {
  for (const redemption of redemptions) {
    await tx.query("DELETE FROM tickets WHERE order_id = $1", [redemption.id]);
    for (const row of rowsOf(redemption)) await tx.query("INSERT INTO tickets VALUES ($1, $2, $3)", Object.values(row));
  }
}

const PRICE = 4500; // in cents
const promos = [{ code: "EARLY20", discount_percent: 20, max_uses: 20, max_uses_per_identity: 2 }];

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

const cart = { codes: ["early20"], quantity: 2, email: "ann@example.org", max_total: 7200 };
console.log(await buy(randomUUID(), cart));
await db.close();
