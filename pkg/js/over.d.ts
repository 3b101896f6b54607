import type { Joined, Store } from "redeemable/host";

/**
 * How the store uses a library that the host uses already. `T` is what the library hands out for a transaction: it is
 * what `write` and the option `transaction` get.
 */
export interface Bridge<T> {
  /**
   * Executes one statement and returns its rows as objects; for a statement without rows it does not matter what is
   * returned. Without `transaction`, the statement is a transaction by itself. Placeholders are `$1`, `$2` and so on
   * on PostgreSQL (one may stand several times in a text), and `?` on SQLite and MySQL; on PostgreSQL every value is a
   * text or null. An `UPDATE … RETURNING` has rows, too.
   */
  query(text: string, values: (string | number | null)[], transaction?: T): PromiseLike<unknown>;
  /**
   * Begins a transaction, calls `work` with it, commits it and returns what `work` returned. If `work` throws, it rolls
   * the transaction back and throws that error. It sets the `isolation` level where the library can: on PostgreSQL and
   * SQLite the store does without, on MySQL and MariaDB `scan` (and so `audit`) needs "repeatable read".
   */
  transaction<R>(work: (transaction: T) => Promise<R>, isolation: "read committed" | "repeatable read"): PromiseLike<R>;
  /**
   * True if the library finds its open transaction in the caller's context (AsyncLocalStorage), so that `write` could
   * work in it without naming it. Plans with a `write` then never share a transaction. Default false.
   */
  ambient?: boolean;
}

/** The options of every store over a bridge. */
export interface OverOptions {
  /** Called after the commit with the key of a counter that held less than was given back; default: a warning. */
  onDrift?: (key: string) => void;
}

/**
 * A store over a bridge. `write` must await all that it sends: the store does not see the library's own queries.
 * `joining` is what the option `transaction` uses.
 */
export interface OverStore<T> extends Store<T> {
  joining(transaction: T): Joined<T>;
  /** Creates what the store needs in the database. Every host may call it when it starts. */
  migrate(): Promise<void>;
}

/** What a store on MariaDB or MySQL takes besides. */
export interface GroupOptions extends OverOptions {
  /** False: each plan has a transaction of its own. By default, plans that come at the same time share one. */
  group?: boolean;
}

/** What a store on PostgreSQL takes besides. With `begin`, each plan has a transaction of its own. */
export interface PostgresOptions<T> extends GroupOptions {
  /** The tables are those of this schema of PostgreSQL; by default, the connection's search_path says which. */
  schema?: string;
  /** Gets each transaction that reads or sells before any other statement, for example to set a tenant. */
  begin?: (transaction: T) => unknown;
}

/** For PostgreSQL. The limits hold at every isolation level. */
export function postgresOver<T>(bridge: Bridge<T>, options?: PostgresOptions<T>): OverStore<T>;

/**
 * The host sets `journal_mode = WAL`, and how long a writer waits for another (`busy_timeout`). A store's transaction
 * begins with a statement that writes, so that it waits.
 */
export function sqliteOver<T>(bridge: Bridge<T>, options?: OverOptions): OverStore<T>;

/** For MariaDB and MySQL. The limits hold at every isolation level. */
export function mysqlOver<T>(bridge: Bridge<T>, options?: GroupOptions): OverStore<T>;
