import type { Store } from "redeemable/host";

/**
 * The part of a Durable Object's storage that the store uses, `sql` and `transactionSync`: `this.ctx.storage` of an
 * object on SQLite.
 */
export interface Storage {
  readonly sql: { exec(query: string, ...bindings: any[]): any };
  transactionSync<T>(work: () => T): T;
}

/**
 * `storage` is the object's own. `write` gets it, writes through `storage.sql`, and must be synchronous. To join a
 * transaction that the object has begun by `storage.transaction(…)`, pass `{ transaction: storage }`.
 */
export function durableStore<S extends Storage>(
  storage: S,
  options?: {
    /** Called after the commit with the key of a counter that held less than was given back; default: a warning. */
    onDrift?: (key: string) => void;
  },
): Store<S> & {
  /** Creates the tables. The object calls it in its constructor. */
  migrate(): void;
};
