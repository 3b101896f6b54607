// Node's entry to the organiser's functions; see node.js.
import { readFileSync } from "node:fs";
import { loadSync } from "./organiser-engine.js";

loadSync(readFileSync(new URL("./dist/organiser_bg.wasm", import.meta.url)));

export * from "./organiser-functions.js";

export async function init() {}
