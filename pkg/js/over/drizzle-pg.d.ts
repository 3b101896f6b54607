import type { PgColumn, PgTableWithColumns } from "drizzle-orm/pg-core";
import type { Redemption } from "redeemable";

type Column<
  Table extends string,
  Name extends string,
  Data,
  NotNull extends boolean,
  Key extends boolean = false,
> = PgColumn<{
  tableName: Table;
  name: Name;
  data: Data;
  dataType: Data extends string ? "string" : Data extends number ? "number" : "json";
  columnType: Data extends string ? "PgText" : Data extends number ? "PgBigInt53" : "PgJson";
  driverParam: Data extends number ? string | number : unknown;
  notNull: NotNull;
  hasDefault: false;
  isPrimaryKey: Key;
  isAutoincrement: false;
  hasRuntimeDefault: false;
  enumValues: undefined;
  baseColumn: never;
  identity: undefined;
  generated: undefined;
}>;

/**
 * The records, for your schema on PostgreSQL and for your queries. Only the store writes to the table: `migrate()`
 * makes it, and `drizzle-kit push` then finds nothing to drop and nothing to change.
 */
export const redeemableRedemptions: PgTableWithColumns<{
  name: "redeemable_redemptions";
  schema: undefined;
  dialect: "pg";
  columns: {
    id: Column<"redeemable_redemptions", "id", string, true, true>;
    revision: Column<"redeemable_redemptions", "revision", number, true>;
    state: Column<"redeemable_redemptions", "state", string, true>;
    eventId: Column<"redeemable_redemptions", "event_id", string, true>;
    expiresAtMs: Column<"redeemable_redemptions", "expires_at_ms", number, false>;
    document: Column<"redeemable_redemptions", "document", Redemption, true>;
  };
}>;

/** The counters, as above. */
export const redeemableCounters: PgTableWithColumns<{
  name: "redeemable_counters";
  schema: undefined;
  dialect: "pg";
  columns: {
    key: Column<"redeemable_counters", "key", string, true, true>;
    used: Column<"redeemable_counters", "used", number, true>;
    archived: Column<"redeemable_counters", "archived", number, false>;
    corrected: Column<"redeemable_counters", "corrected", number, false>;
    parts: Column<"redeemable_counters", "parts", number, false>;
  };
}>;

/** Records that `archive` has moved out of the way. */
export const redeemableArchive: PgTableWithColumns<{
  name: "redeemable_archive";
  schema: undefined;
  dialect: "pg";
  columns: {
    id: Column<"redeemable_archive", "id", string, true, true>;
    revision: Column<"redeemable_archive", "revision", number, true>;
    state: Column<"redeemable_archive", "state", string, true>;
    eventId: Column<"redeemable_archive", "event_id", string, true>;
    document: Column<"redeemable_archive", "document", Redemption, true>;
  };
}>;

/** What the store finds holds by, only for `drizzle-kit`. */
export const redeemableHeld: PgTableWithColumns<any>;
/** What the store finds persons by, only for `drizzle-kit`. */
export const redeemablePersons: PgTableWithColumns<any>;
/** The parts of split counters, only for `drizzle-kit`. */
export const redeemableParts: PgTableWithColumns<any>;
