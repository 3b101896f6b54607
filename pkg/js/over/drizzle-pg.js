// The tables of the store on PostgreSQL as Drizzle's schema. `migrate()` of the store makes them; with them in the
// host's schema, `drizzle-kit push` finds nothing to drop and nothing to change.
import { sql } from "drizzle-orm";
import { bigint, check, index, json, pgTable, text } from "drizzle-orm/pg-core";

export const redeemableRedemptions = pgTable(
  "redeemable_redemptions",
  {
    id: text("id").primaryKey(),
    revision: bigint("revision", { mode: "number" }).notNull(),
    state: text("state").notNull(),
    eventId: text("event_id").notNull(),
    expiresAtMs: bigint("expires_at_ms", { mode: "number" }),
    document: json("document").notNull(),
  },
  (table) => [index("redeemable_holds").on(table.expiresAtMs).where(sql`(state = 'held'::text)`)],
);

export const redeemableCounters = pgTable(
  "redeemable_counters",
  { key: text("key").primaryKey(), used: bigint("used", { mode: "number" }).notNull() },
  () => [check("redeemable_counters_used_check", sql`used >= 0`)],
);
