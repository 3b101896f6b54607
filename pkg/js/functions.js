// Made by `make generate` from contract/; do not edit.
import { codeForms, confirmation, decision, keys, releaseAnswer } from "./answers.js";
import * as glue from "./dist/redeemable.js";
import { call } from "./engine.js";
import { json } from "./wire-answers.js";

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
  return call("canonicalCode", glue.canonicalCode, request, codeForms);
}
