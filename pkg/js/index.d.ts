import type { Decision, PreparedKeysRequest, PreparedRequest, PrepareRequest } from "./types.js";

export * from "./functions.js";
export type * from "./types.js";

/**
 * Loads the engine: to be awaited before the first call in a browser, already done in Node. After a failed download it
 * may be called again.
 */
export function init(): Promise<void>;

/**
 * Promotions and policy, read, checked and indexed once, for many orders. Its answers are those of the functions of the
 * same names.
 */
export class PreparedRules {
  constructor(document: PrepareRequest);
  /** The keys of the counters to read before the order is decided. `usage` and `now_ms` play no part. */
  usageKeys(request: PreparedKeysRequest): string[];
  /** Decides as the plain function does, to the letter. Throws once the rules are freed. */
  validateRedemption(request: PreparedRequest): Decision;
  /**
   * Gives the memory back at once. Without it that happens when nobody holds the rules any more, and on edge workers
   * that lack `FinalizationRegistry` not at all.
   */
  free(): void;
}
