// Bundles for Node and for edge workers: checks what they contain, and runs them where no package is installed.
import assert from "node:assert/strict";
import { cpSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { bundle, webpackRun } from "./bundlers.js";
import { expected } from "./expected.js";
import { consumer, emptyFolder, installed, run } from "./support.js";

let folder;
let place;
before(() => {
  folder = consumer("node/module.js", "node/single.js", "node/edge.js", "worker/worker.js");
  place = emptyFolder();
});

test("esbuild for Node, with the wasm file copied", async () => {
  await bundle({
    absWorkingDir: folder,
    entryPoints: ["module.js"],
    outfile: join(place, "app.mjs"),
    platform: "node",
    target: "node20",
    format: "esm",
  });
  cpSync(join(folder, "node_modules/redeemable/dist/redeemable_bg.wasm"), join(place, "dist/redeemable_bg.wasm"));
  assert.deepEqual(run(place, "app.mjs"), expected);
});

test("esbuild for Node, with the bytes in one CommonJS file", async () => {
  await bundle({
    absWorkingDir: folder,
    entryPoints: ["single.js"],
    outfile: join(place, "single.cjs"),
    platform: "node",
    target: "node20",
    format: "cjs",
    loader: { ".wasm": "binary" },
  });
  assert.deepEqual(run(place, "single.cjs"), expected);
});

test("webpack for Node", async () => {
  const output = { path: join(place, "webpack"), filename: "app.mjs", module: true, chunkFormat: "module" };
  await webpackRun({
    context: folder,
    entry: "./module.js",
    target: "node20",
    experiments: { outputModule: true },
    output,
  });
  assert.deepEqual(run(place, "webpack/app.mjs"), expected);
});

test("only the entries for pages and for Node name the wasm file's place", () => {
  for (const file of [
    "slim.js",
    "engine.js",
    "functions.js",
    "prepared.js",
    "instance.js",
    "wire.js",
    "wire-answers.js",
    "dist/redeemable.js",
    "organiser-slim.js",
    "organiser-engine.js",
    "organiser-functions.js",
    "dist/organiser.js",
  ])
    assert.ok(!installed(folder, file).includes("import.meta"), file);
});

test("redeemable/slim uses nothing that an edge worker lacks", async () => {
  const text = await bundle({ absWorkingDir: folder, entryPoints: ["worker.js"], format: "esm", write: false });
  assert.match(text, /WebAssembly\.Instance/);
  for (const word of ["fetch", "import.meta", "require", "process", "Buffer", "node:", "URL"])
    assert.ok(!text.includes(word), word);
});

test("the host kit in an edge worker uses the engine that redeemable/slim has loaded", async () => {
  await bundle({
    absWorkingDir: folder,
    entryPoints: ["edge.js"],
    outfile: join(place, "edge.mjs"),
    format: "esm",
    target: "es2022",
    loader: { ".wasm": "binary" },
  });
  // The first order costs 45.00 less 10.00. It takes the only use, so the second one is refused.
  assert.deepEqual(run(place, "edge.mjs"), {
    early: "usageKeys was called before init() had loaded the engine",
    totals: [3500, 4500],
    reasons: ["uses_exhausted"],
  });
});

test("bundlers leave out the functions that a program does not use", async () => {
  const from = (contents) => bundle({ stdin: { contents, resolveDir: folder }, format: "esm", write: false });
  assert.equal(await from('import { usageKeys } from "redeemable"; import { init } from "redeemable/slim";'), "");
  const text = await from('import { usageKeys } from "redeemable"; console.log(usageKeys);');
  assert.match(text, /wasm\.usageKeys/);
  for (const call of ["validateRedemption", "confirmRedemption", "applyRelease", "auditUsage", "prepare"])
    assert.ok(!text.includes(call), call);
});
