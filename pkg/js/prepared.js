// Promotions and a policy that are read, checked and indexed once.
import { decision, keys } from "./answers.js";
import * as glue from "./dist/redeemable.js";
import { call } from "./engine.js";
import { number } from "./wire-answers.js";

let forgotten = null;

/** Promos and policy, read, checked and indexed once. */
export class PreparedRules {
  #number;

  constructor(document) {
    this.#number = call("PreparedRules", glue.prepare, document, number);
    // Some edge workers lack FinalizationRegistry: there, only `free` frees the memory.
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

  /** Frees the memory. Without this call, the garbage collector does it when nobody holds the rules any more. */
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
