// The package in Node: imported, required, and with the wasm file given by the host.
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { early, expected, sold } from "./expected.js";
import { consumer, run } from "./support.js";

const OLDER = "--no-experimental-require-module";

let folder;
before(() => {
  folder = consumer(
    "node/module.js",
    "node/common.cjs",
    "node/entries.cjs",
    "node/slim.js",
    "node/shared.js",
    "node/bare.js",
    "shop.js",
  );
});

test("an import is all that a program needs", () => {
  assert.deepEqual(run(folder, "module.js"), expected);
});

test("the host kit sells, and the organiser's functions check", () => {
  const script = 'import { shop } from "./shop.js"; console.log(JSON.stringify(await shop()));';
  assert.deepEqual(run(folder, "--input-type=module", "-e", script), sold);
});

test("require works as well, and Node prints no warning", () => {
  assert.deepEqual(run(folder, "common.cjs"), expected);
});

test("require works where Node loads no ES modules with it", () => {
  assert.deepEqual(run(folder, OLDER, "common.cjs"), expected);
});

for (const [kind, flags] of [
  ["the ES modules", []],
  ["the CommonJS files", [OLDER]],
]) {
  test(`what require gives from ${kind} is what an import gives`, () => {
    const { found, same } = run(folder, ...flags, "entries.cjs");
    assert.ok(Object.keys(found).length === 10);
    for (const [name, { required, imported }] of Object.entries(found)) {
      // Node may add these two names to a CommonJS file that is imported, or to an ES module that is required.
      const own = (names) => names.filter((each) => !["__esModule", "module.exports"].includes(each));
      assert.ok(own(imported).length > 0, name);
      assert.deepEqual(own(required), own(imported), name);
    }
    // A program that does both has one engine where Node's require loads ES modules.
    assert.equal(same, flags.length === 0);
  });
}

test("an import needs nothing that a runtime may lack", () => {
  assert.deepEqual(run(folder, "bare.js"), { ...expected, code: "CAFÉ ☕ 😀" });
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

test("the instance that slim has made is the one that all entries use", () => {
  assert.deepEqual(run(folder, "shared.js"), { answers: expected, total: 0, given: [true] });
});
