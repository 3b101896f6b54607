// The engine's wasm file, which every entry shares.
import { wasmFile } from "./instance.js";

export const { call, callUnder, carry, load, loadSync, prepare } = /* @__PURE__ */ wasmFile("redeemable");
