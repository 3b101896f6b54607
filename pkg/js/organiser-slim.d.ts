import type { EngineSource } from "./slim.js";

export * from "./organiser.js";

/** Loads the organiser's functions from `redeemable/organiser.wasm`, at once; to be called before the first call. */
export function init(source: EngineSource): void;
