// The organiser's wasm file, which its entries share.
import { wasmFile } from "./instance.js";

export const { call, carry, load, loadSync } = /* @__PURE__ */ wasmFile("organiser");
