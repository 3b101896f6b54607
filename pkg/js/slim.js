// The entry for edge workers and whoever has the wasm file at hand: fetches nothing, reads nothing, and init is synchronous.
export {
  loadSync as init,
  usageKeys,
  validateRedemption,
  confirmRedemption,
  applyRelease,
  auditUsage,
  canonicalCode,
  PreparedRules,
} from "./engine.js";
