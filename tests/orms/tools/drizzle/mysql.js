import { int, mysqlTable, varchar } from "drizzle-orm/mysql-core";

export const shops = mysqlTable("shops", { id: varchar("id", { length: 64 }).primaryKey(), seats: int("seats") });
