// The entry for edge workers and for hosts that have the wasm file: it fetches and reads nothing; init is synchronous.
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
