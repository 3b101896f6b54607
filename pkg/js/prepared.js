// Promotions and a policy that are read, checked and indexed once.
import { decision, keys } from "./answers.js";
import { callUnder, prepare } from "./engine.js";

const drop = ({ instance, number }) => instance.exports.dropRules(number);
let forgotten = null;

/** Promos and policy, read, checked and indexed once. */
export class PreparedRules {
  #rules;

  constructor(document) {
    this.#rules = prepare(document);
    // Some edge workers lack FinalizationRegistry: there, only `free` frees the memory.
    if (typeof FinalizationRegistry === "function") {
      forgotten ??= new FinalizationRegistry(drop);
      forgotten.register(this, this.#rules, this);
    }
  }

  usageKeys(request) {
    return callUnder(this.#kept(), "preparedUsageKeys", request, keys);
  }

  validateRedemption(request) {
    return callUnder(this.#kept(), "preparedValidateRedemption", request, decision);
  }

  /** Frees the memory. Without this call, the garbage collector does it when nobody holds the rules any more. */
  free() {
    if (this.#rules === null) return;
    forgotten?.unregister(this);
    drop(this.#rules);
    this.#rules = null;
  }

  #kept() {
    if (this.#rules === null) throw new Error("these rules were freed");
    return this.#rules;
  }
}
