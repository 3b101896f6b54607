// The package in Node: imported, required, and with the wasm file given by the host.
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { early, expected } from "./expected.js";
import { consumer, run } from "./support.js";

let folder;
before(() => {
  folder = consumer("node/module.js", "node/common.cjs", "node/slim.js", "node/shared.js");
});

test("an import is all that a program needs", () => {
  assert.deepEqual(run(folder, "module.js"), expected);
});

test("require works as well, and Node prints no warning", () => {
  assert.deepEqual(run(folder, "common.cjs"), expected);
});

for (const kind of ["bytes", "buffer", "module"]) {
  test(`slim takes the ${kind}`, () => {
    assert.deepEqual(run(folder, "slim.js", kind), { early, ...expected });
  });
}

for (const kind of ["nothing", "text", "promise"]) {
  test(`slim says what it takes when it gets ${kind}`, () => {
    assert.deepEqual(run(folder, "slim.js", kind), {
      error: true,
      message: "init: expected the bytes of redeemable.wasm or a WebAssembly.Module",
    });
  });
}

test("the entries share one instance", () => {
  // The entry for Node has loaded the engine, so redeemable/slim is ready, and its `init` ignores its argument.
  assert.deepEqual(run(folder, "shared.js"), expected);
});
