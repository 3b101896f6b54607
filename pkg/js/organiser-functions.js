// Made by `make generate` from contract/; do not edit.
import { call } from "./organiser-engine.js";
import { json } from "./wire-answers.js";

export function publicView(request) {
  return call("publicView", request, json);
}

export function validatePromos(request) {
  return call("validatePromos", request, json);
}

export function checkPromo(request) {
  return call("checkPromo", request, json);
}

export function explainRedemption(request) {
  return call("explainRedemption", request, json);
}

export function reportUsage(request) {
  return call("reportUsage", request, json);
}

export function simulate(request) {
  return call("simulate", request, json);
}

export function generateCodes(request) {
  return call("generateCodes", request, json);
}
