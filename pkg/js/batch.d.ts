import type { Store } from "redeemable/host";

/**
 * What `write` gets: it adds the host's own statements to those of the plan. They are sent together, after `write` has
 * ended, and are stored together or not at all.
 */
export interface Batch<S> {
  add(...statements: S[]): void;
}

export interface BatchOptions {
  /** Called after the commit with the key of a counter that held less than was given back; default: a warning. */
  onDrift?: (key: string) => void;
}

export interface PostgresBatchOptions<S> extends BatchOptions {
  /** The tables are those of this schema of PostgreSQL; by default, the connection's search_path says which. */
  schema?: string;
  /** Adds the statements that run first in each transaction that reads or sells, for example to set a tenant. */
  begin?: (batch: Batch<S>) => unknown;
}

export type BatchStore<S> = Store<Batch<S>> & {
  /** Creates the tables. Every host may call it when it starts. */
  migrate(): Promise<void>;
};

/** A library that takes a transaction as a list of statements of its own kind, `S`. */
export interface BatchHost<S> {
  database: "sqlite" | "postgres";
  /** Makes a statement. The values are strings, numbers and nulls, for `?` on SQLite and for `$1` on PostgreSQL. */
  statement(text: string, values: (string | number | null)[]): S;
  /**
   * Executes the statements in one transaction, and returns the rows of each as objects. If one of them fails, nothing
   * is stored, and its error is thrown. If `writes` is false, all of them see the same moment.
   */
  batch(statements: S[], writes: boolean): Promise<readonly unknown[][]>;
  /** Whether the list may have savepoints; default false. With them, a COMMIT of the host's makes a plan fail. */
  savepoints?: boolean;
}

/** A store over any such library. */
export function batchStore<S>(host: BatchHost<S>, options?: PostgresBatchOptions<S>): BatchStore<S>;

/** The part of a binding of D1 that the store uses. `write` adds prepared statements: `db.prepare(…).bind(…)`. */
export interface D1 {
  prepare(query: string): any;
  batch(statements: any[]): Promise<any[]>;
}

export function d1Store<D extends D1>(db: D, options?: BatchOptions): BatchStore<ReturnType<D["prepare"]>>;

/** What `neon(…)` of `@neondatabase/serverless` returns. `write` adds its queries, which it does not await. */
export interface Neon {
  query(text: string, values?: any[]): any;
  transaction(queries: any, options?: any): Promise<any>;
}

export function neonStore(
  sql: Neon,
  options?: PostgresBatchOptions<PromiseLike<unknown>>,
): BatchStore<PromiseLike<unknown>>;

/** The part of a client of `@libsql/client` that the store uses. `write` adds statements as its `batch` takes them. */
export interface LibsqlClient {
  batch(statements: any[], mode?: any): Promise<any[]>;
}

export function libsqlBatchStore(
  client: LibsqlClient,
  options?: BatchOptions,
): BatchStore<string | { sql: string; args?: any }>;
