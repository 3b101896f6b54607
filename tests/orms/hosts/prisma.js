import { PrismaBetterSqlite3 } from "@prisma/adapter-better-sqlite3";
import { PrismaMariaDb } from "@prisma/adapter-mariadb";
import { PrismaPg } from "@prisma/adapter-pg";
import { prismaStore } from "redeemable/over/prisma";
import { rowsOf } from "../places.js";

/** `provider` names the client that prisma.js has generated. */
async function host(provider, adapter) {
  const { PrismaClient } = await import(`../generated/${provider}/index.js`);
  // The suite's longest plans have thousands of operations.
  const prisma = new PrismaClient({ adapter, transactionOptions: { maxWait: 30_000, timeout: 60_000 } });
  return {
    database: prisma,
    store: (options) => prismaStore(prisma, options),
    put: (tx, text) => tx.ticket.create({ data: { order_id: text, position: 0, state: "held" } }),
    async write(tx, redemptions) {
      for (const redemption of redemptions) {
        await tx.ticket.deleteMany({ where: { order_id: redemption.id } });
        await tx.ticket.createMany({ data: rowsOf(redemption) });
      }
    },
    transaction: (work) => prisma.$transaction(work),
    raw: (tx, text) => tx.$executeRawUnsafe(text),
    close: () => prisma.$disconnect(),
  };
}

export const hosts = {
  "Prisma, pg": (url) => host("postgresql", new PrismaPg({ connectionString: url, max: 8 })),
  "Prisma, mariadb": (url) => host("mysql", new PrismaMariaDb(url.replace("mysql:", "mariadb:"))),
  "Prisma, better-sqlite3": (url) => host("sqlite", new PrismaBetterSqlite3({ url: `file:${url}` })),
};
