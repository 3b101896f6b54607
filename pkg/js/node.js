// The entry for Node, Deno and Bun. It carries the wasm file as text and reads no file: bundlers may put it anywhere.
import { bytesOf } from "./base64.js";
import text from "./dist/redeemable_base64.js";
import { carry } from "./engine.js";

const load = carry(() => bytesOf(text));

export * from "./functions.js";
export { PreparedRules } from "./prepared.js";

/** The first call of the engine does the same. A server may do it when it starts, which takes some milliseconds. */
export async function init() {
  load();
}
