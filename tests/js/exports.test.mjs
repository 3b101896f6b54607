// Checks that the functions that JavaScript calls in the wasm files take and return only numbers: Node 20 may die when
// it discards optimised code during a call that returns an object (V8's `DoComputeBuiltinContinuation`).
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const LIST = `const module = new WebAssembly.Module(require("fs").readFileSync(process.argv[1]));
const functions = WebAssembly.Module.exports(module).filter(({ kind }) => kind === "function");
console.log(JSON.stringify(functions.map(({ name, type }) => [name, ...type.parameters, ...type.results])));`;

for (const [name, call] of [
  ["redeemable_bg.wasm", "validateRedemption"],
  ["organiser_bg.wasm", "checkPromo"],
]) {
  test(`the functions of ${name} take and return only numbers`, () => {
    const file = fileURLToPath(new URL(`dist/${name}`, import.meta.resolve("redeemable")));
    // Node shows the types of exports only with this flag.
    const functions = JSON.parse(
      execFileSync(process.execPath, ["--experimental-wasm-type-reflection", "-e", LIST, file], { encoding: "utf8" }),
    );
    assert.ok(functions.some(([name]) => name === call));
    for (const [name, ...types] of functions) {
      for (const type of types) assert.ok(["i32", "f64"].includes(type), `${name} has ${type}`);
    }
  });
}
