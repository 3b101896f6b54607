// What the organiser's entries share: the one instance of their wasm file, and its functions.
import start, * as glue from "./dist/organiser.js";
import { instance } from "./instance.js";
import { json } from "./wire.js";

const { loaded, loadSync, call } = /* @__PURE__ */ instance("organiser.wasm", glue.initSync, glue.room);

export { loadSync };

/** Fetches the wasm file, once. After a failed download, the next call tries again. */
export async function load(url) {
  loaded(await start({ module_or_path: url }));
}

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
