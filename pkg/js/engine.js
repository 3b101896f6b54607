// What all entries of the engine share: the one instance, and its functions.
import start, * as glue from "./dist/redeemable.js";
import { confirmation, decision, keys, releaseAnswer, rules } from "./answers.js";
import { instance } from "./instance.js";
import { json } from "./wire.js";

const { loaded, loadSync, call } = /* @__PURE__ */ instance("redeemable.wasm", glue.initSync, glue.room);

export { loadSync };

/** Fetches the wasm file, once. After a failed download, the next call tries again. */
export async function load(url) {
  loaded(await start({ module_or_path: url }));
}

export function usageKeys(request) {
  return call("usageKeys", glue.usageKeys, request, keys);
}

export function validateRedemption(request) {
  return call("validateRedemption", glue.validateRedemption, request, decision);
}

export function confirmRedemption(request) {
  return call("confirmRedemption", glue.confirmRedemption, request, confirmation);
}

export function applyRelease(request) {
  return call("applyRelease", glue.applyRelease, request, releaseAnswer);
}

export function auditUsage(request) {
  return call("auditUsage", glue.auditUsage, request, json);
}

export function canonicalCode(request) {
  return call("canonicalCode", glue.canonicalCode, request, json);
}

let forgotten = null;

/** Promos and a policy that are read, checked and indexed once, for many orders. */
export class PreparedRules {
  #number;

  constructor(document) {
    this.#number = call("PreparedRules", glue.prepare, document, rules);
    // Some edge workers lack FinalizationRegistry. There, only `free` frees the memory.
    if (typeof FinalizationRegistry === "function") {
      forgotten ??= new FinalizationRegistry(glue.dropRules);
      forgotten.register(this, this.#number, this);
    }
  }

  usageKeys(request) {
    return call("usageKeys", glue.preparedUsageKeys, request, keys, this.#kept());
  }

  validateRedemption(request) {
    return call("validateRedemption", glue.preparedValidateRedemption, request, decision, this.#kept());
  }

  /** Frees the memory at once. Without this call, it is freed when nobody holds the rules any more. */
  free() {
    if (this.#number === null) return;
    forgotten?.unregister(this);
    glue.dropRules(this.#number);
    this.#number = null;
  }

  #kept() {
    if (this.#number === null) throw new Error("these rules were freed");
    return this.#number;
  }
}
