import type { Joined, Store } from "redeemable/host";

/**
 * The transaction in which `write` writes: `query` is the one of pg.
 * A query that is not awaited is sent, too; if it fails, the whole transaction fails.
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
 * With pg's setting `pipeline: true`, the plan and the queries that `write` does not await make one round trip.
 */
export function postgresStore(
  target:
    | { readonly totalCount: number; connect(): Promise<Client & { release(broken?: boolean): void }> }
    | (Client & { end(): Promise<void> }),
  options?: {
    /** Called after the commit with the key of a counter that held less than was given back; default: a warning. */
    onDrift?: (key: string) => void;
    /** False: each plan has a transaction of its own. By default, plans that come at the same time share one. */
    group?: boolean;
    /** The tables are those of this schema of PostgreSQL; by default, the connection's search_path says which. */
    schema?: string;
    /** Gets each transaction that reads or sells before any other statement, for example to set a tenant. */
    begin?: (transaction: Transaction) => unknown;
  },
): Store<Transaction> & {
  /** For the option `transaction`, which takes a client on which the host has begun a transaction. */
  joining(transaction: Transaction): Joined<Transaction>;
  /** Creates the tables and the function that executes plans. Every host may call it when it starts. */
  migrate(): Promise<void>;
};

/** The script that `migrate` executes; run it as one transaction. */
export const migration: string;
