// The entry for Cloudflare's workers and Next's edge runtime, which compile no bytes. There, an import with `?module`
// gives the compiled file.
import module from "./dist/redeemable_bg.wasm?module";
import { carry } from "./engine.js";

const load = carry(() => module);

export * from "./functions.js";
export { PreparedRules } from "./prepared.js";

export async function init() {
  load();
}
