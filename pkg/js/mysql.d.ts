import type { Joined, Store } from "redeemable/host";

/**
 * The transaction in which `write` writes: `query` and `execute` are those of mysql2.
 * A query that is not awaited is sent, too; if it fails, the whole transaction fails. Caught or not, a query that fails
 * does so, unless `write` then sends ROLLBACK TO a savepoint.
 */
export interface Transaction {
  query(sql: string | { sql: string; values?: any }, values?: any): Promise<[any, any]>;
  execute(sql: string | { sql: string; values?: any }, values?: any): Promise<[any, any]>;
}

interface Connection {
  query(options: any): Promise<[any, any]>;
  execute(options: any): Promise<[any, any]>;
  on(event: "error", listener: (error: Error) => void): unknown;
  removeListener(event: "error", listener: (error: Error) => void): unknown;
  destroy(): void;
}

interface Pool {
  getConnection(): Promise<Connection & { release(): void }>;
}

/**
 * `target` is a pool of mysql2, or a connection that nobody else uses, of `mysql2` or of `mysql2/promise`.
 * Its connections must have autocommit on and an isolation level above READ UNCOMMITTED, as they have by default.
 */
export function mysqlStore(
  target: Pool | Connection | { promise(): Pool | Connection },
  options?: {
    /** Called after the commit with the key of a counter that held less than was given back; default: a warning. */
    onDrift?: (key: string) => void;
    /** False: each plan has a transaction of its own. By default, plans that come at the same time share one. */
    group?: boolean;
  },
): Store<Transaction> & {
  /** For the option `transaction`, which takes a client on which the host has begun a transaction. */
  joining(transaction: Transaction): Joined<Transaction>;
  /** Creates the tables. Every host may call it when it starts. */
  migrate(): Promise<void>;
};

/** The script that `migrate` executes, one statement after the other. */
export const migration: string;
