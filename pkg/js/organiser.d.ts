export * from "./organiser-functions.js";
export type * from "./types.js";

/**
 * Loads the organiser's functions, which are in a wasm file of their own. In a browser, await it before the first
 * call. In Node and its like the first call does it.
 */
export function init(): Promise<void>;
