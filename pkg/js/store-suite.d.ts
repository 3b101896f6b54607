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

/** Declares tests on node:test of everything that a store must do; `open` makes an empty store for each test. */
export function storeSuite<T>(
  name: string,
  open: (hooks: { onDrift: (key: string) => void }) => Opened<T> | Promise<Opened<T>>,
): void;
