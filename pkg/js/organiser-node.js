// Node's entry to the organiser's functions; see node.js.
import { readFileSync } from "node:fs";
import { loadSync } from "./organiser-engine.js";

loadSync(readFileSync(new URL("./dist/organiser_bg.wasm", import.meta.url)));

export { publicView, validatePromos, checkPromo, simulate, generateCodes } from "./organiser-engine.js";

export async function init() {}
