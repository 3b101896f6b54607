// Made by `make generate` from contract/; do not edit.
import * as glue from "./dist/organiser.js";
import { call } from "./organiser-engine.js";
import { json } from "./wire-answers.js";

export function publicView(request) {
  return call("publicView", glue.publicView, request, json);
}

export function validatePromos(request) {
  return call("validatePromos", glue.validatePromos, request, json);
}

export function checkPromo(request) {
  return call("checkPromo", glue.checkPromo, request, json);
}

export function simulate(request) {
  return call("simulate", glue.simulate, request, json);
}

export function generateCodes(request) {
  return call("generateCodes", glue.generateCodes, request, json);
}
