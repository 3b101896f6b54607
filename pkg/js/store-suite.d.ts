import type { Store } from "redeemable/host";

/** An empty store, and what the suite needs to test it. */
export interface Opened<T> {
  /** The store to test. It is empty, and its tables exist. */
  store: Store<T> & { migrate?(): unknown };
  /** Another store over the same tables; if left out, the store itself. */
  peer?: Store<T> & { migrate?(): unknown };
  /** Writes a row of the host's own in the transaction that `write` got. */
  put(transaction: T, text: string): unknown;
  /** The host's rows that are stored. */
  rows(): string[] | Promise<string[]>;
  /**
   * Needed if the store has `joining`: begins a transaction of the host's, calls `work` with it, commits it and returns
   * what `work` returned. If `work` throws, it rolls the transaction back and throws that error.
   */
  transaction?<R>(work: (transaction: T) => Promise<R>): Promise<R>;
  /** Closes everything; called after each test. */
  close?(): unknown;
}

/** Makes an empty store for each check. The store must call `onDrift(key)` for each counter that has drifted. */
export type Open<T> = (hooks: { onDrift: (key: string) => void }) => Opened<T> | Promise<Opened<T>>;

/** One thing that a store must do. */
export interface StoreCheck {
  /** What the store must do, in words. */
  name: string;
  /** Rejects if the store does not do it. */
  run<T>(open: Open<T>): Promise<void>;
}

/** Checks of everything that a store must do, for any runner and any runtime. */
export const storeChecks: readonly StoreCheck[];

/** What a runner has: node:test, Vitest, Jest and Bun all do. */
export interface Runner {
  /** Declares a group of tests: calls `declare`, which declares them. */
  describe(name: string, declare: () => void): unknown;
  /** Declares a test, which fails if the promise rejects. */
  test(name: string, run: () => Promise<void>): unknown;
}

/** Declares each check as a test, with the `describe` and `test` of the runner, by default of node:test. */
export function storeSuite<T>(name: string, open: Open<T>, runner?: Runner): void;
