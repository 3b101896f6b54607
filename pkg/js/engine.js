// The engine's wasm file, which every entry shares.
import { wasmFile } from "./instance.js";

export const { call, carry, load, loadSync, on, present } = /* @__PURE__ */ wasmFile("redeemable");
