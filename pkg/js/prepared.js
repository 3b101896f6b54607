// Promotions and a policy that are read, checked and indexed once.
import { decision, exchangeAnswer, keys } from "./answers.js";
import { on, present } from "./engine.js";
import { number } from "./wire-answers.js";

const drop = ({ instance, number }) => instance.exports.dropRules(number);
let forgotten = null;

/** Promos and policy, read, checked and indexed once. */
export class PreparedRules {
  #rules;

  constructor(document) {
    // The rules stay in this instance, also when other calls have a newer one.
    const instance = present("PreparedRules");
    this.#rules = { instance, number: on(instance, "prepare", document, number) };
    // Some edge workers lack FinalizationRegistry: there, only `free` frees the memory.
    if (typeof FinalizationRegistry === "function") {
      forgotten ??= new FinalizationRegistry(drop);
      forgotten.register(this, this.#rules, this);
    }
  }

  usageKeys(request) {
    return this.#ask("preparedUsageKeys", request, keys);
  }

  validateRedemption(request) {
    return this.#ask("preparedValidateRedemption", request, decision);
  }

  exchangeRedemption(request) {
    return this.#ask("preparedExchangeRedemption", request, exchangeAnswer);
  }

  /** Frees the memory. Without this call, the garbage collector does it when nobody holds the rules any more. */
  free() {
    if (this.#rules === null) return;
    forgotten?.unregister(this);
    drop(this.#rules);
    this.#rules = null;
  }

  #ask(verb, request, read) {
    if (this.#rules === null) throw new Error("these rules were freed");
    return on(this.#rules.instance, verb, request, read, this.#rules.number);
  }
}
