import type { Kysely, Transaction } from "kysely";
import type { OverStore, PostgresOptions } from "redeemable/over";

/** A store over Kysely, on PostgreSQL, PGlite, MySQL or MariaDB, or SQLite. */
export function kyselyStore<Tables>(
  db: Kysely<Tables>,
  options?: PostgresOptions<Transaction<Tables>>,
): OverStore<Transaction<Tables>>;

/** A migration that creates the tables, as `migrate()` does: `export { up, down } from "redeemable/over/kysely"`. */
export function up(db: Kysely<any>): Promise<void>;
/** Leaves the tables as they are. */
export function down(db: Kysely<any>): Promise<void>;
