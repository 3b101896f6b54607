// The entry to the organiser's functions for Cloudflare's workers and Next's edge runtime; see edge.js.
import module from "./dist/organiser_bg.wasm?module";
import { carry } from "./organiser-engine.js";

const load = carry(() => module);

export * from "./organiser-functions.js";

export async function init() {
  load();
}
