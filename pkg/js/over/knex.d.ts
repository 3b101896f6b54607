import type { Knex } from "knex";
import type { OverStore, PostgresOptions } from "redeemable/over";

/** A store over Knex, on PostgreSQL, MySQL or MariaDB, or SQLite. */
export function knexStore(knex: Knex, options?: PostgresOptions<Knex.Transaction>): OverStore<Knex.Transaction>;
