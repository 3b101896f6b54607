import type { Store } from "redeemable/host";

/** The part of a connection of better-sqlite3, or of libsql, that the store uses. */
export interface Connection {
  /** Whether a transaction is open on the connection. */
  readonly inTransaction: boolean;
  /** Runs a script of statements. */
  exec(sql: string): unknown;
  /** Compiles one statement. */
  prepare(sql: string): any;
}

/**
 * `db` is the host's own connection. `write` gets it, and must be synchronous.
 * The host sets `journal_mode`, the time to wait for a lock, and `synchronous`.
 */
export function sqliteStore<D extends Connection>(
  db: D,
  options?: {
    /** Called after the commit with the key of a counter that held less than was given back; default: a warning. */
    onDrift?: (key: string) => void;
    /** False: each plan has a transaction of its own. By default, plans that come at the same time share one. */
    group?: boolean;
  },
): Store<D> & {
  /** Creates the tables. Every host may call it when it starts. */
  migrate(): void;
};

/** The script that `migrate` executes. */
export const migration: string;
