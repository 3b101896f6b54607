// The entry to the organiser's functions for edge workers; see slim.js.
export {
  loadSync as init,
  publicView,
  validatePromos,
  checkPromo,
  simulate,
  generateCodes,
} from "./organiser-engine.js";
