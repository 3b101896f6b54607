import type { Sql, TransactionSql } from "postgres";
import type { OverOptions, OverStore } from "redeemable/over";

/** A store on PostgreSQL over the package `postgres` (postgres.js). */
export function postgresJsStore<Types extends Record<string, unknown>>(
  sql: Sql<Types>,
  options?: OverOptions,
): OverStore<TransactionSql<Types>>;
