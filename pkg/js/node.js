// Node's entry. It reads the wasm file synchronously while the package is imported, so that no init() is needed.
import { readFileSync } from "node:fs";
import { loadSync } from "./engine.js";

loadSync(readFileSync(new URL("./dist/redeemable_bg.wasm", import.meta.url)));

export * from "./functions.js";
export { PreparedRules } from "./prepared.js";

/** Does nothing in Node. It exists so that the same program runs in Node and in browsers. */
export async function init() {}
