import type { Store } from "redeemable/host";

/**
 * What `write` writes through: `query` is the driver's.
 * A query that is not awaited is sent all the same, and its failure is the transaction's.
 */
export interface Transaction {
  query(
    text: string | { text: string; values?: unknown[] },
    values?: unknown[],
  ): Promise<{ rows: any[]; rowCount: number | null }>;
}

interface Client {
  query(text: string, values?: any[]): Promise<{ rows: any[] }>;
  on(event: "error", listener: (error: Error) => void): unknown;
  removeListener(event: "error", listener: (error: Error) => void): unknown;
}

/**
 * `target` is a pool of pg, or a connected client that nobody else uses.
 * With `pipeline: true` in their settings, the plan and whatever `write` sends without awaiting it make one round trip.
 */
export function postgresStore(
  target:
    | { readonly totalCount: number; connect(): Promise<Client & { release(broken?: boolean): void }> }
    | (Client & { end(): Promise<void> }),
  options?: {
    /** Told, after the commit, of a counter that held less than was given back; default a warning in the log. */
    onDrift?: (key: string) => void;
  },
): Store<Transaction> & {
  /** Creates the tables and the function; again, or from several hosts at once, it does nothing. */
  migrate(): Promise<void>;
};

/** What `migrate` executes: to be run as one transaction. */
export const migration: string;
