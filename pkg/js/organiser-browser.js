// The entry to the organiser's functions for browsers and bundlers; see browser.js.
import { load } from "./organiser-engine.js";

export { publicView, validatePromos, checkPromo, simulate, generateCodes } from "./organiser-engine.js";

export function init() {
  return load(new URL("./dist/organiser_bg.wasm", import.meta.url));
}
