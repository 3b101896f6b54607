// What every entry shares: one instance of the engine, and calls that say so while it is missing.
import start, * as glue from "./dist/redeemable.js";
import { audit, confirmation, decision, findings, generated, keys, releaseAnswer, simulation, view } from "./answers.js";
import { ask } from "./wire.js";

let module = null;

/** Fetches the wasm file once; after a failed download the next call tries again. */
export async function load(url) {
  loaded(await start({ module_or_path: url }));
}

/** Takes the bytes of the wasm file or a WebAssembly.Module. Once loaded, it does nothing. */
export function loadSync(source) {
  try {
    loaded(glue.initSync({ module: source }));
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    throw new TypeError("init: expected the bytes of redeemable.wasm or a WebAssembly.Module", { cause });
  }
}

function loaded({ memory }) {
  module ??= { memory, room: glue.room, names: new Map() };
}

function call(name, verb, request, read) {
  if (module === null) throw new Error(`${name} was called before init() had loaded the engine`);
  return ask(module, verb, request, read);
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
  return call("auditUsage", glue.auditUsage, request, audit);
}

export function publicView(request) {
  return call("publicView", glue.publicView, request, view);
}

export function checkPromo(request) {
  return call("checkPromo", glue.checkPromo, request, findings);
}

export function simulate(request) {
  return call("simulate", glue.simulate, request, simulation);
}

export function generateCodes(request) {
  return call("generateCodes", glue.generateCodes, request, generated);
}
