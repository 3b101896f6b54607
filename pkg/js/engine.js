// The one instance of the engine, which every entry shares.
import start, * as glue from "./dist/redeemable.js";
import { instance } from "./instance.js";

const { loaded, loadSync, carry, call } = /* @__PURE__ */ instance("redeemable.wasm", glue.initSync, glue.room);

export { call, carry, loadSync };

/** Fetches the wasm file, once. After a failed download, the next call tries again. */
export async function load(url) {
  loaded(await start({ module_or_path: url }));
}
