export { usageKeys, validateRedemption, confirmRedemption, applyRelease } from "./dist/redeemable.js";
export type * from "./dist/redeemable.js";

/** Loads the engine: to be awaited before the first call in a browser, already done in Node. */
export function init(): Promise<void>;
