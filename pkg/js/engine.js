// What every entry shares: one instance of the engine, and calls that say so while it is missing.
import start, * as glue from "./dist/redeemable.js";

let loaded = false;

/** Fetches the wasm file once; after a failed download the next call tries again. */
export async function load(url) {
  await start({ module_or_path: url });
  loaded = true;
}

/** Takes the bytes of the wasm file or a WebAssembly.Module. Once loaded, it does nothing. */
export function loadSync(module) {
  try {
    glue.initSync({ module });
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    throw new TypeError("init: expected the bytes of redeemable.wasm or a WebAssembly.Module", { cause });
  }
  loaded = true;
}

function ready(call) {
  if (!loaded) throw new Error(`${call} was called before init() had loaded the engine`);
}

export function usageKeys(request) {
  ready("usageKeys");
  return glue.usageKeys(request);
}

export function validateRedemption(request) {
  ready("validateRedemption");
  return glue.validateRedemption(request);
}

export function confirmRedemption(request) {
  ready("confirmRedemption");
  return glue.confirmRedemption(request);
}

export function applyRelease(request) {
  ready("applyRelease");
  return glue.applyRelease(request);
}

export function auditUsage(request) {
  ready("auditUsage");
  return glue.auditUsage(request);
}

export function publicView(request) {
  ready("publicView");
  return glue.publicView(request);
}

export function checkPromo(request) {
  ready("checkPromo");
  return glue.checkPromo(request);
}

export function simulate(request) {
  ready("simulate");
  return glue.simulate(request);
}

export function generateCodes(request) {
  ready("generateCodes");
  return glue.generateCodes(request);
}
