import type { Store } from "redeemable/host";

/** The part of a connection of node:sqlite that the store uses: `isTransaction`, `exec` and `prepare`. */
export interface Connection {
  readonly isTransaction: boolean;
  exec(sql: string): unknown;
  prepare(sql: string): any;
}

/** `db` is the host's own `DatabaseSync`. `write` gets it, and must be synchronous. `transaction` takes it, too. */
export function nodeSqliteStore<D extends Connection>(
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
