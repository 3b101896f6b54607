// Node's entry: the bytes are read synchronously, so that importing the package is all a host does.
import { readFileSync } from "node:fs";
import { loadSync } from "./engine.js";

loadSync(readFileSync(new URL("./dist/redeemable_bg.wasm", import.meta.url)));

export {
  usageKeys,
  validateRedemption,
  confirmRedemption,
  applyRelease,
  auditUsage,
  canonicalCode,
  PreparedRules,
} from "./engine.js";

/** Already done in Node; here so that one program text runs in both places. */
export async function init() {}
