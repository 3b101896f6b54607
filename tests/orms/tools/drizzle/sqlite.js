import { integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

export const shops = sqliteTable("shops", { id: text("id").primaryKey(), seats: integer("seats") });
