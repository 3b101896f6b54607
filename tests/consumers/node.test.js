// Node: as an ES module, through require, and with the file handed in.
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { early, expected } from "./expected.js";
import { consumer, run } from "./support.js";

let folder;
before(() => {
  folder = consumer("node/module.js", "node/common.cjs", "node/slim.js", "node/shared.js");
});

test("import needs nothing but itself", () => {
  assert.deepEqual(run(folder, "module.js"), expected);
});

test("require does too, and Node has no warning to give", () => {
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
  // Loaded by the Node entry, slim is ready, and whatever is handed to its init is not looked at.
  assert.deepEqual(run(folder, "shared.js"), expected);
});
