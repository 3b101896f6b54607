import type { Kysely, Transaction } from "kysely";
import type { OverStore, PostgresOptions } from "redeemable/over";

/** A store over Kysely, on PostgreSQL, PGlite, MySQL or MariaDB, or SQLite. */
export function kyselyStore<Tables>(
  db: Kysely<Tables>,
  options?: PostgresOptions<Transaction<Tables>>,
): OverStore<Transaction<Tables>>;
