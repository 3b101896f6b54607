// The tables of the store on PostgreSQL as Drizzle's schema. `migrate()` of the store makes them; with them in the
// host's schema, `drizzle-kit push` finds nothing to drop and nothing to change.
import { sql } from "drizzle-orm";
import { bigint, check, customType, integer, json, pgTable, primaryKey, text } from "drizzle-orm/pg-core";

const bytea = customType({ dataType: () => "bytea" });
const number = (name) => bigint(name, { mode: "number" });
/** A primary key under the name that PostgreSQL gives it. */
const keyed = (name, ...columns) => primaryKey({ name: `${name}_pkey`, columns });
const unsigned = (name) => check(`${name}_used_check`, sql`used >= 0`);

const record = () => ({
  id: text("id").primaryKey(),
  revision: number("revision").notNull(),
  state: text("state").notNull(),
  eventId: text("event_id").notNull(),
});

export const redeemableRedemptions = pgTable("redeemable_redemptions", {
  ...record(),
  expiresAtMs: number("expires_at_ms"),
  document: json("document").notNull(),
});

export const redeemableCounters = pgTable(
  "redeemable_counters",
  {
    key: text("key").primaryKey(),
    used: number("used").notNull(),
    archived: number("archived"),
    corrected: number("corrected"),
    parts: integer("parts"),
  },
  () => [unsigned("redeemable_counters")],
);

export const redeemableHeld = pgTable(
  "redeemable_held",
  { key: bytea("key").notNull(), expiresAtMs: number("expires_at_ms").notNull(), id: text("id").notNull() },
  ({ key, expiresAtMs, id }) => [keyed("redeemable_held", key, expiresAtMs, id)],
);

export const redeemablePersons = pgTable(
  "redeemable_persons",
  { person: bytea("person").notNull(), id: text("id").notNull() },
  ({ person, id }) => [keyed("redeemable_persons", person, id)],
);

export const redeemableArchive = pgTable("redeemable_archive", { ...record(), document: json("document").notNull() });

export const redeemableParts = pgTable(
  "redeemable_parts",
  {
    key: text("key").notNull(),
    part: integer("part").notNull(),
    used: number("used").notNull(),
    cap: number("cap"),
    bound: number("bound"),
  },
  ({ key, part }) => [keyed("redeemable_parts", key, part), unsigned("redeemable_parts")],
);
