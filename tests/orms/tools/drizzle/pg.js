import { integer, pgTable, text } from "drizzle-orm/pg-core";

export * from "redeemable/over/drizzle-pg";

export const shops = pgTable("shops", { id: text("id").primaryKey(), seats: integer("seats") });
