// Compiled, never run: in each store, `write` and the option `transaction` have the type of the library's own
// transaction, with the host's own tables, and each misuse below is an error.
import { PGlite } from "@electric-sql/pglite";
import { createClient } from "@libsql/client";
import type { MikroORM } from "@mikro-orm/postgresql";
import Database from "better-sqlite3";
import { eq } from "drizzle-orm";
import { drizzle as onSqlite } from "drizzle-orm/better-sqlite3";
import { drizzle as onLibsql } from "drizzle-orm/libsql";
import { drizzle as onMysql } from "drizzle-orm/mysql2";
import { drizzle } from "drizzle-orm/node-postgres";
import { int, mysqlTable, varchar } from "drizzle-orm/mysql-core";
import { integer, pgTable, text } from "drizzle-orm/pg-core";
import { drizzle as onPostgresJs } from "drizzle-orm/postgres-js";
import * as lite from "drizzle-orm/sqlite-core";
import Knex from "knex";
import { Kysely, PostgresDialect } from "kysely";
import pg from "pg";
import postgres from "postgres";
import { redeem, type RedeemRequest, type Store } from "redeemable/host";
import { drizzleStore } from "redeemable/over/drizzle";
import { redeemableCounters, redeemableRedemptions } from "redeemable/over/drizzle-pg";
import { knexStore } from "redeemable/over/knex";
import { kyselyStore } from "redeemable/over/kysely";
import { libsqlStore } from "redeemable/over/libsql";
import { mikroStore } from "redeemable/over/mikro-orm";
import { pgliteStore } from "redeemable/over/pglite";
import { postgresJsStore } from "redeemable/over/postgres-js";
import { prismaStore } from "redeemable/over/prisma";
import { sequelizeStore } from "redeemable/over/sequelize";
import { typeormStore } from "redeemable/over/typeorm";
import { Sequelize } from "sequelize";
import { DataSource, EntitySchema } from "typeorm";
import type { PrismaClient } from "../generated/postgresql/index.js";

declare const request: RedeemRequest & { order: { id: string } };
const url = "postgres://shop@localhost/shop";

async function withDrizzle() {
  const tickets = pgTable("tickets", { order_id: text().notNull(), position: integer() });
  const db = drizzle(url, { schema: { tickets } });
  const store = drizzleStore(db, { onDrift: (key: string) => console.warn(key) });
  await store.migrate();
  await redeem(store, request, {
    async write(tx, redemptions) {
      for (const { id } of redemptions) {
        await tx.delete(tickets).where(eq(tickets.order_id, id));
        await tx.insert(tickets).values({ order_id: id, position: 0 });
        // @ts-expect-error: the table has no such column
        await tx.insert(tickets).values({ order_id: id, seat: 0 });
        await tx.query.tickets.findMany();
        // @ts-expect-error: the schema has no such table
        await tx.query.seats.findMany();
      }
    },
  });
  await db.transaction(async (tx) => {
    await redeem(store, request, { transaction: tx, write: (same) => same.insert(tickets).values({ order_id: "a" }) });
    // @ts-expect-error: not a transaction
    await redeem(store, request, { transaction: "tx" });
  });
  const [held] = await db
    .select({ document: redeemableRedemptions.document, until: redeemableRedemptions.expiresAtMs })
    .from(redeemableRedemptions)
    .where(eq(redeemableRedemptions.state, "held"));
  const until: number | null | undefined = held?.until;
  console.log(until, held?.document.tickets.length);
  const [{ used }] = (await db.select().from(redeemableCounters)) as [typeof redeemableCounters.$inferSelect];
  // @ts-expect-error: a number
  const wrong: string = used;
  console.log(wrong);
  // @ts-expect-error: no such option
  drizzleStore(db, { ondrift() {} });
  // @ts-expect-error: a pool is no database of Drizzle
  drizzleStore(new pg.Pool());

  const other = onPostgresJs(url);
  await other.transaction((tx) => redeem(drizzleStore(other), request, { transaction: tx }));
  const seats = mysqlTable("tickets", { order_id: varchar({ length: 256 }), position: int() });
  const mysql = onMysql("mysql://shop@localhost/shop");
  await redeem(drizzleStore(mysql), request, { write: (tx) => tx.insert(seats).values({ order_id: "a" }) });
  const rows = lite.sqliteTable("tickets", { order_id: lite.text() });
  const libsql = onLibsql("file:shop.sqlite");
  await redeem(drizzleStore(libsql), request, { write: (tx) => tx.insert(rows).values({ order_id: "a" }) });
  await libsql.transaction((tx) => redeem(drizzleStore(libsql), request, { transaction: tx }));
  const sqlite = onSqlite({ client: new Database("shop.sqlite") });
  await redeem(drizzleStore(sqlite), request, {
    transaction: sqlite,
    write: (tx) => tx.insert(rows).values({ order_id: "a" }).run(),
  });
}

async function withPrisma(prisma: PrismaClient) {
  const store = prismaStore(prisma);
  await redeem(store, request, {
    async write(tx, redemptions) {
      const [{ id: order_id }] = redemptions as [(typeof redemptions)[0]];
      await tx.ticket.create({ data: { order_id, position: 0, state: "held" } });
      // @ts-expect-error: the model has no such field
      await tx.ticket.create({ data: { order_id, seat: 0 } });
      // @ts-expect-error: the schema has no such model
      await tx.seat.findMany();
      // @ts-expect-error: a transaction has no connection of its own
      await tx.$disconnect();
    },
  });
  await prisma.$transaction((tx) => redeem(store, request, { transaction: tx }));
  // @ts-expect-error: not a transaction
  await redeem(store, request, { transaction: new pg.Client() });
  // @ts-expect-error: not a client of Prisma
  prismaStore(new pg.Pool());
}

async function withKysely() {
  const db = new Kysely<{ tickets: { order_id: string; position: number } }>({
    dialect: new PostgresDialect({ pool: new pg.Pool() }),
  });
  const store = kyselyStore(db);
  await redeem(store, request, {
    async write(tx, redemptions) {
      await tx.insertInto("tickets").values({ order_id: redemptions[0]!.id, position: 0 }).execute();
      // @ts-expect-error: no such table
      await tx.insertInto("seats").values({ order_id: "a" }).execute();
    },
  });
  await db.transaction().execute((tx) => redeem(store, request, { transaction: tx }));
  kyselyStore(db, { schema: "shop", begin: (tx) => tx.selectFrom("tickets").selectAll().execute() });
  // @ts-expect-error: a name
  kyselyStore(db, { schema: 1 });
}

async function withKnex() {
  const knex = Knex({ client: "pg", connection: url });
  const store = knexStore(knex);
  await redeem(store, request, {
    async write(tx, redemptions) {
      await tx("tickets").insert({ order_id: redemptions[0]!.id });
      // @ts-expect-error: no such method
      await tx("tickets").put({ order_id: "a" });
    },
  });
  await knex.transaction((tx) => redeem(store, request, { transaction: tx }));
}

async function withTypeorm() {
  const Ticket = new EntitySchema<{ order_id: string }>({ name: "t", columns: { order_id: { type: "text" } } });
  const db = new DataSource({ type: "postgres", url, entities: [Ticket] });
  const store = typeormStore(db);
  await redeem(store, request, {
    async write(manager, redemptions) {
      await manager.insert(Ticket, { order_id: redemptions[0]!.id });
      // @ts-expect-error: the entity has no such column
      await manager.insert(Ticket, { seat: 0 });
    },
  });
  await db.transaction((manager) => redeem(store, request, { transaction: manager }));
  // @ts-expect-error: the data source, and no manager
  await redeem(store, request, { transaction: db });
}

async function withSequelize() {
  const db = new Sequelize(url);
  const store = sequelizeStore(db);
  await redeem(store, request, { write: (transaction) => db.query("SELECT 1", { transaction }) });
  await db.transaction((transaction) => redeem(store, request, { transaction }));
  // @ts-expect-error: the database, and no transaction of it
  await redeem(store, request, { transaction: db });
}

async function withMikro(orm: MikroORM) {
  const store = mikroStore(orm);
  await redeem(store, request, {
    async write(em, redemptions) {
      await em.execute("DELETE FROM tickets WHERE order_id = ?", [redemptions[0]!.id]);
      // @ts-expect-error: no such method
      await em.remember();
    },
  });
  await orm.em.fork().transactional((em) => redeem(store, request, { transaction: em }));
  // @ts-expect-error: not a manager
  await redeem(store, request, { transaction: orm });
}

async function withDrivers() {
  const sql = postgres(url);
  await redeem(postgresJsStore(sql), request, { write: (tx) => tx`DELETE FROM tickets` });
  await sql.begin((tx) => redeem(postgresJsStore(sql), request, { transaction: tx }));
  // @ts-expect-error: the pool, and no transaction of it
  await redeem(postgresJsStore(sql), request, { transaction: sql });
  const db = await PGlite.create();
  await redeem(pgliteStore(db), request, { write: (tx) => tx.query("DELETE FROM tickets") });
  await db.transaction((tx) => redeem(pgliteStore(db), request, { transaction: tx }));
  const client = createClient({ url: "file:shop.sqlite" });
  const store: Store<Awaited<ReturnType<typeof client.transaction>>> = libsqlStore(client);
  await redeem(store, request, { write: (tx) => tx.execute("DELETE FROM tickets") });
  // @ts-expect-error: the client, and no transaction of it
  await redeem(store, request, { transaction: client });
}

void [withDrizzle, withPrisma, withKysely, withKnex, withTypeorm, withSequelize, withMikro, withDrivers];
