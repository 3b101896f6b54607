import type { EngineSource } from "./slim.js";

export * from "./organiser.js";

/** Loads the organiser's functions from `redeemable/organiser.wasm`, synchronously. Call it before any of them. */
export function init(source: EngineSource): void;
