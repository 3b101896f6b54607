import type { Store } from "redeemable/host";

/** What a store uses of a better-sqlite3 connection. */
export interface Connection {
  readonly inTransaction: boolean;
  exec(sql: string): unknown;
  prepare(sql: string): any;
  transaction(work: (...values: any[]) => any): any;
}

/**
 * The host's own connection: `write` gets it, and must be synchronous.
 * WAL, the time to wait for a lock and `synchronous` are the host's to set.
 */
export function sqliteStore<D extends Connection>(
  db: D,
  options?: {
    /** Told, after the commit, of a counter that held less than was given back; default a warning in the log. */
    onDrift?: (key: string) => void;
  },
): Store<D> & {
  /** Creates the tables; again, or from several hosts at once, it does nothing. */
  migrate(): void;
};

/** What `migrate` executes. */
export const migration: string;
