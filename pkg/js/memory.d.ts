import type { Store } from "redeemable/host";

/** A store for tests. `rows` is a map for the host's own writes: `write` gets it, and a rollback undoes the changes. */
export function memoryStore(options?: { onDrift?: (key: string) => void }): Store<Map<unknown, unknown>> & {
  readonly rows: Map<unknown, unknown>;
  /** Does nothing: there are no tables to make. */
  migrate(): void;
};
