export * from "./index.js";

/** The bytes of the wasm file, or a WebAssembly.Module (typed loosely, because not every host has that type). */
export type EngineSource = ArrayBuffer | ArrayBufferView | (object & { then?: never });

/** Loads the engine from `redeemable/redeemable.wasm`, synchronously. Call it first; a second call does nothing. */
export function init(source: EngineSource): void;
