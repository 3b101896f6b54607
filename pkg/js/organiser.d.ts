export * from "./organiser-functions.js";
export type * from "./types.js";

/**
 * Loads the organiser's functions, which are a wasm file of their own. Await it before the first call in a browser; it
 * is done in Node.
 */
export function init(): Promise<void>;
