// What the organiser's entries share: one instance of their wasm file.
import start, * as glue from "./dist/organiser.js";
import { instance } from "./instance.js";
import { findings, generated, simulation, view } from "./organiser-answers.js";

const { load, loadSync, call } = /* @__PURE__ */ instance("organiser.wasm", start, glue.initSync, glue.room);

export { load, loadSync };

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
