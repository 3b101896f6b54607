// The entry for edge workers, and for hosts that load the wasm file themselves and pass it to the synchronous init().
export { loadSync as init } from "./engine.js";
export * from "./functions.js";
export { PreparedRules } from "./prepared.js";
