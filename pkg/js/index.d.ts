import type {
  Decision,
  ExchangeAnswer,
  PreparedExchangeRequest,
  PreparedKeysRequest,
  PreparedRequest,
  PrepareRequest,
} from "./types.js";

export * from "./functions.js";
export type * from "./types.js";

/**
 * Loads the engine. In a browser, await it before the first call. In Node and its like the first call does it, and a
 * server may do it when it starts. After a failed download it may be called again.
 */
export function init(): Promise<void>;

/**
 * Promotions and a policy that are read, checked and indexed once, for many orders. The methods answer exactly what
 * the functions of the same names answer.
 */
export class PreparedRules {
  constructor(document: PrepareRequest);
  /** The keys of the counters to read before the order is decided. They do not depend on `usage` and `now_ms`. */
  usageKeys(request: PreparedKeysRequest): string[];
  /** Decides exactly as the function `validateRedemption` does. It throws after the rules were freed. */
  validateRedemption(request: PreparedRequest): Decision;
  /** Exchanges tickets of a paid order for other ones, exactly as the function `exchangeRedemption` does. */
  exchangeRedemption(request: PreparedExchangeRequest): ExchangeAnswer;
  /**
   * Frees the memory of the rules at once. Without this call, the garbage collector frees it when nobody holds the
   * rules any more; on edge workers that lack `FinalizationRegistry`, nobody ever frees it.
   */
  free(): void;
}
