import { randomUUID } from "node:crypto";
import { EntitySchema, MikroORM } from "@mikro-orm/postgresql";
import { redeem } from "redeemable/host";
import { mikroStore, schemaGenerator } from "redeemable/over/mikro-orm";

const Ticket = new EntitySchema({
  name: "Ticket",
  tableName: "tickets",
  properties: {
    order_id: { type: "text", primary: true, fieldName: "order_id" },
    position: { type: "integer", primary: true },
    price: { type: "integer" },
  },
});
const orm = await MikroORM.init({ clientUrl: process.env.DATABASE_URL, entities: [Ticket], schemaGenerator });
const store = mikroStore(orm);
await store.migrate();
await orm.schema.update();

const rowsOf = ({ id, tickets }) =>
  tickets.flatMap(({ price, released }, position) => (released ? [] : [{ order_id: id, position, price }]));

async function write(em, redemptions) {
  for (const redemption of redemptions) {
    await em.nativeDelete(Ticket, { order_id: redemption.id });
    for (const row of rowsOf(redemption)) em.persist(em.create(Ticket, row));
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
await orm.close();
