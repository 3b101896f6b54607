// The entry for browsers and bundlers. It fetches the wasm file beside it: await init() before the first call.
import { downloaded } from "./download.js";
import { load } from "./engine.js";

export * from "./functions.js";
export { PreparedRules } from "./prepared.js";

export function init() {
  // Bundlers recognise exactly this expression, and put the file into the bundle.
  return load(() => downloaded(new URL("./dist/redeemable_bg.wasm", import.meta.url)));
}
