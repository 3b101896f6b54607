import { integer, pgTable, text } from "drizzle-orm/pg-core";

export const shops = pgTable("shops", { id: text("id").primaryKey(), seats: integer("seats") });
