import type { Knex } from "knex";
import type { OverOptions, OverStore } from "redeemable/over";

/** A store over Knex, on PostgreSQL, MySQL or MariaDB, or SQLite. */
export function knexStore(knex: Knex, options?: OverOptions): OverStore<Knex.Transaction>;
