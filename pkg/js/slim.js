// The entry for edge workers, and for hosts that load the wasm file themselves and pass it to the synchronous init().
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
