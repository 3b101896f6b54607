export * from "./index.js";

/** `redeemable/redeemable.wasm`: its bytes, or a WebAssembly.Module, which not every host has a type for. */
export type EngineSource = ArrayBuffer | ArrayBufferView | (object & { then?: never });

/** Loads the engine, at once; to be called before the first call. A second time it does nothing. */
export function init(source: EngineSource): void;
