import type { OverStore, PostgresOptions } from "redeemable/over";

/** What Drizzle's own `transaction` hands out. With better-sqlite3 it is the database itself. */
export type DrizzleTransaction<Database extends DrizzleDatabase> = Database extends { run(query: any): infer Answer }
  ? Answer extends PromiseLike<any>
    ? Handed<Database>
    : Database
  : Handed<Database>;

type Handed<Database extends DrizzleDatabase> = Parameters<Parameters<Database["transaction"]>[0]>[0];

/** The part of a database of Drizzle that the store uses, `transaction`, beside its dialect. */
export interface DrizzleDatabase {
  transaction(work: (tx: any) => any, config?: any): any;
}

/**
 * A store over a database of Drizzle, on PostgreSQL, MySQL or MariaDB, libsql or better-sqlite3. `write` and the option
 * `transaction` get Drizzle's transaction. With better-sqlite3, `write` must not be asynchronous.
 */
export function drizzleStore<Database extends DrizzleDatabase>(
  db: Database,
  options?: PostgresOptions<DrizzleTransaction<Database>>,
): OverStore<DrizzleTransaction<Database>>;
