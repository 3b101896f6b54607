import type { Store } from "redeemable/host";

/** An empty store with what the suite needs beside it. */
export interface Opened<T> {
  /** Empty; its `migrate` is called if it has one. */
  store: Store<T> & { migrate?(): unknown };
  /** Another store over the same tables; left out: the store itself. */
  peer?: Store<T> & { migrate?(): unknown };
  /** Writes a row of the host's own. */
  put(transaction: T, text: string): unknown;
  /** The host's rows that are stored. */
  rows(): string[] | Promise<string[]>;
  /** Ends it all, after each test. */
  close?(): unknown;
}

/** Declares tests on node:test of everything that a store does; `open` makes an empty one for each. */
export function storeSuite<T>(
  name: string,
  open: (hooks: { onDrift: (key: string) => void }) => Opened<T> | Promise<Opened<T>>,
): void;
