// The entry for browsers and bundlers: fetches the wasm file that lies beside it. Await init() before the first call.
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
  // Bundlers look for exactly this expression, and bring the file along.
  return load(new URL("./dist/redeemable_bg.wasm", import.meta.url));
}
