// The entry to the organiser's functions for Node, Deno and Bun; see node.js.
import { bytesOf } from "./base64.js";
import text from "./dist/organiser_base64.js";
import { carry } from "./organiser-engine.js";

const load = carry(() => bytesOf(text));

export * from "./organiser-functions.js";

export async function init() {
  load();
}
