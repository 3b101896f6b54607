// Bundles for Node and for edge workers: checks what they contain, and runs them where no package is installed.
import assert from "node:assert/strict";
import { join } from "node:path";
import { before, test } from "node:test";
import esbuild from "esbuild";
import { bundle, webpackRun } from "./bundlers.js";
import { expected, sold } from "./expected.js";
import { consumer, emptyFolder, installed, run, tarball } from "./support.js";

let folder;
let place;
before(() => {
  folder = consumer("node/module.js", "node/single.js", "node/edge.js", "worker/worker.js", "shop.js");
  place = emptyFolder();
});

for (const [format, file] of [
  ["esm", "app.mjs"],
  ["cjs", "app.cjs"],
]) {
  test(`esbuild for Node, as ${format}: one file is the whole shop`, async () => {
    const contents = 'import { shop } from "./shop.js"; shop().then((sold) => console.log(JSON.stringify(sold)));';
    await bundle({
      stdin: { contents, resolveDir: folder },
      outfile: join(place, file),
      platform: "node",
      target: "node20",
      format,
    });
    assert.deepEqual(run(place, file), sold);
  });
}

test("esbuild for Node, of a CommonJS program, takes the ES modules", async () => {
  const contents = 'console.log(JSON.stringify(Object.keys(require("redeemable"))));';
  const options = { stdin: { contents, resolveDir: folder }, platform: "node", write: false, metafile: true };
  const { metafile } = await esbuild.build({ bundle: true, ...options });
  const files = Object.keys(metafile.inputs).filter((path) => path.includes("redeemable/"));
  assert.ok(files.some((path) => path.endsWith("redeemable/node.js")));
  assert.ok(!files.some((path) => path.includes("redeemable/dist/cjs/")));
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

test("only the entries for pages name another file's place", () => {
  // The commands are run as they are, and read files.
  const scripts = tarball.files.filter((path) => path.endsWith(".js") && !path.startsWith("cli/"));
  const naming = scripts.filter((path) => /import\.meta|__dirname|__filename|node:fs/.test(installed(folder, path)));
  assert.deepEqual(naming, ["browser.js", "organiser-browser.js"]);
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
  assert.match(text, /"usageKeys"/);
  for (const call of ["validateRedemption", "confirmRedemption", "applyRelease", "auditUsage", "prepare"])
    assert.ok(!text.includes(call), call);
});
