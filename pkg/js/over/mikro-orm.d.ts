import type { OverStore, PostgresOptions } from "redeemable/over";

/**
 * A store over MikroORM 7, on PostgreSQL, MySQL or MariaDB, or SQLite. `write` and the option `transaction` get a fork
 * of the EntityManager in its transaction; what `write` persists is flushed with the plan.
 */
export function mikroStore<Manager>(
  orm: { readonly em: Manager },
  options?: PostgresOptions<Manager>,
): OverStore<Manager>;

/**
 * For MikroORM's configuration: with `skipTables` its schema generator leaves the tables alone, and with
 * `ignoreRoutines` it drops and alters no function of the database's, your own neither.
 */
export const schemaGenerator: { skipTables: string[]; ignoreRoutines: boolean };
