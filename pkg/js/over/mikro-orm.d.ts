import type { OverOptions, OverStore } from "redeemable/over";

/**
 * A store over MikroORM 7, on PostgreSQL, MySQL or MariaDB, or SQLite. `write` and the option `transaction` get a fork
 * of the EntityManager in its transaction; what `write` persists is flushed before the commit.
 */
export function mikroStore<Manager>(orm: { readonly em: Manager }, options?: OverOptions): OverStore<Manager>;

/**
 * For MikroORM's configuration: its schema generator then leaves the tables alone, and drops and alters no function of
 * the database's, your own neither.
 */
export const schemaGenerator: { skipTables: string[]; ignoreRoutines: boolean };
