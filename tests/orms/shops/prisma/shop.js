import { randomUUID } from "node:crypto";
import { PrismaPg } from "@prisma/adapter-pg";
import { redeem } from "redeemable/host";
import { prismaStore } from "redeemable/over/prisma";
import { PrismaClient } from "./generated/index.js";

const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: process.env.DATABASE_URL }) });
const store = prismaStore(prisma);
await store.migrate();

const rowsOf = ({ id, tickets }) =>
  tickets.flatMap(({ price, released }, position) => (released ? [] : [{ order_id: id, position, price }]));

async function write(tx, redemptions) {
  for (const redemption of redemptions) {
    await tx.ticket.deleteMany({ where: { order_id: redemption.id } });
    await tx.ticket.createMany({ data: rowsOf(redemption) });
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
await prisma.$disconnect();
