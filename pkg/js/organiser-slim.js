// The entry to the organiser's functions for edge workers; see slim.js.
export { loadSync as init } from "./organiser-engine.js";
export * from "./organiser-functions.js";
