// The entry for browsers and bundlers. It fetches the wasm file beside it: await init() before the first call.
import { load } from "./engine.js";

export {
  usageKeys,
  validateRedemption,
  confirmRedemption,
  applyRelease,
  auditUsage,
  canonicalCode,
  PreparedRules,
} from "./engine.js";

export function init() {
  // Bundlers recognise exactly this expression, and put the file into the bundle.
  return load(new URL("./dist/redeemable_bg.wasm", import.meta.url));
}
