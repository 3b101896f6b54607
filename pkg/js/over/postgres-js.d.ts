import type { Sql, TransactionSql } from "postgres";
import type { OverStore, PostgresOptions } from "redeemable/over";

/** A store on PostgreSQL over the package `postgres` (postgres.js). */
export function postgresJsStore<Types extends Record<string, unknown>>(
  sql: Sql<Types>,
  options?: PostgresOptions<TransactionSql<Types>>,
): OverStore<TransactionSql<Types>>;
