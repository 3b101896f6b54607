// The browser's entry: the same bytes, fetched once. Await init() before the first call.
import start from "./dist/redeemable.js";

export { usageKeys, validateRedemption, confirmRedemption, applyRelease } from "./dist/redeemable.js";

let started;

export function init() {
  started ??= start({ module_or_path: new URL("./dist/redeemable_bg.wasm", import.meta.url) }).then(() => undefined, (error) => {
    // A failed download is not remembered: the page may try again.
    started = undefined;
    throw error;
  });
  return started;
}
