import type { Store } from "redeemable/host";

/**
 * What `write` gets: it adds the host's own statements to those of the plan. They are sent together, after `write` has
 * ended, and are stored together or not at all.
 */
export interface Batch<S> {
  /** Adds these statements, in this order. */
  add(...statements: S[]): void;
}

/** The options of every store that sends a plan as one list of statements. */
export interface BatchOptions {
  /** Called after the commit with the key of a counter that held less than was given back; default: a warning. */
  onDrift?: (key: string) => void;
}

/** What such a store on PostgreSQL takes besides. */
export interface PostgresBatchOptions<S> extends BatchOptions {
  /** The tables are those of this schema of PostgreSQL; by default, the connection's search_path says which. */
  schema?: string;
  /** Adds the statements that run first in each transaction that reads or sells, for example to set a tenant. */
  begin?: (batch: Batch<S>) => unknown;
}

/** A store that sends a plan and the host's statements together; it cannot join a transaction of the host's. */
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

/** The part of a binding of D1 that the store uses: `prepare` and `batch`. */
export interface D1 {
  prepare(query: string): any;
  batch(statements: any[]): Promise<any[]>;
}

/** A store on D1. `write` adds prepared statements: `db.prepare(…).bind(…)`. */
export function d1Store<D extends D1>(db: D, options?: BatchOptions): BatchStore<ReturnType<D["prepare"]>>;

/** The part of what `neon(…)` of `@neondatabase/serverless` returns that the store uses: `query` and `transaction`. */
export interface Neon {
  query(text: string, values?: any[]): any;
  transaction(queries: any, options?: any): Promise<any>;
}

/** A store on Neon over HTTP. `write` adds queries of `sql`, which it does not await. */
export function neonStore(
  sql: Neon,
  options?: PostgresBatchOptions<PromiseLike<unknown>>,
): BatchStore<PromiseLike<unknown>>;

/** The part of a client of `@libsql/client` that the store uses: `batch`. */
export interface LibsqlClient {
  batch(statements: any[], mode?: any): Promise<any[]>;
}

/** A store on libSQL. `write` adds statements as the client's `batch` takes them. */
export function libsqlBatchStore(
  client: LibsqlClient,
  options?: BatchOptions,
): BatchStore<string | { sql: string; args?: any }>;
