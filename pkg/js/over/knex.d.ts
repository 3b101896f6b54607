import type { Knex } from "knex";
import type { OverStore, PostgresOptions } from "redeemable/over";

/** A store over Knex, on PostgreSQL, MySQL or MariaDB, or SQLite. */
export function knexStore(knex: Knex, options?: PostgresOptions<Knex.Transaction>): OverStore<Knex.Transaction>;

/** A migration that creates the tables, as `migrate()` does: `export { up, down } from "redeemable/over/knex"`. */
export function up(knex: Knex): Promise<void>;
/** Leaves the tables as they are. */
export function down(knex: Knex): Promise<void>;
