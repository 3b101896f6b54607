// Made by `make generate` from contract/; do not edit.
import { codeForms, confirmation, decision, exchangeAnswer, keys, releaseAnswer } from "./answers.js";
import { call } from "./engine.js";
import { json } from "./wire-answers.js";

export function usageKeys(request) {
  return call("usageKeys", request, keys);
}

export function validateRedemption(request) {
  return call("validateRedemption", request, decision);
}

export function confirmRedemption(request) {
  return call("confirmRedemption", request, confirmation);
}

export function applyRelease(request) {
  return call("applyRelease", request, releaseAnswer);
}

export function exchangeRedemption(request) {
  return call("exchangeRedemption", request, exchangeAnswer);
}

export function auditUsage(request) {
  return call("auditUsage", request, json);
}

export function canonicalCode(request) {
  return call("canonicalCode", request, codeForms);
}
