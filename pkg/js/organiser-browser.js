// The entry to the organiser's functions for browsers and bundlers; see browser.js.
import { downloaded } from "./download.js";
import { load } from "./organiser-engine.js";

export * from "./organiser-functions.js";

export function init() {
  return load(() => downloaded(new URL("./dist/organiser_bg.wasm", import.meta.url)));
}
