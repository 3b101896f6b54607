// The entry to the organiser's functions for browsers and bundlers; see browser.js.
import { load } from "./organiser-engine.js";

export * from "./organiser-functions.js";

export function init() {
  return load(new URL("./dist/organiser_bg.wasm", import.meta.url));
}
