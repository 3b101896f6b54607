// Runs a worker in workerd, the runtime of Cloudflare's workers, with its Durable Objects and its D1.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import esbuild from "esbuild";
import { here } from "./runtimes.js";

const { resolve } = createRequire(join(here, "../consumers/stacks/package.json"));
const { Miniflare } = await import(pathToFileURL(resolve("miniflare")));

/** Bundles the worker as wrangler does: with these conditions, and each wasm file as a module beside the script. */
async function bundled(file) {
  const compiled = [];
  const wasm = {
    name: "wasm",
    setup(build) {
      build.onResolve({ filter: /\.wasm(\?module)?$/ }, ({ path, resolveDir }) => {
        const name = `${compiled.length}.wasm`;
        const contents = readFileSync(join(resolveDir, path.replace("?module", "")));
        compiled.push({ type: "CompiledWasm", path: name, contents });
        return { path: `./${name}`, external: true };
      });
    },
  };
  const { warnings, outputFiles } = await esbuild.build({
    absWorkingDir: here,
    entryPoints: [file],
    bundle: true,
    format: "esm",
    target: "es2022",
    conditions: ["workerd", "worker", "browser"],
    external: ["cloudflare:*"],
    plugins: [wasm],
    write: false,
    logLevel: "silent",
  });
  assert.deepEqual(warnings, []);
  return [{ type: "ESModule", path: "worker.js", contents: outputFiles[0].text }, ...compiled];
}

/** `settings` are Miniflare's own: the bindings of the worker, for example. */
export async function start(file, settings) {
  const worker = new Miniflare({
    modules: await bundled(file),
    compatibilityDate: "2026-04-01",
    // Where a test ends an object, workerd would print a stack.
    handleRuntimeStdio(stdout, stderr) {
      stdout.resume();
      stderr.resume();
    },
    ...settings,
  });
  await worker.ready;
  return {
    worker,
    /** Asks the worker; returns the status and what the JSON of the answer says. */
    async ask(path, init) {
      const response = await worker.dispatchFetch(`https://worker.example${path}`, init);
      const text = await response.text();
      assert.match(response.headers.get("content-type") ?? "", /json/, text);
      return { status: response.status, ...JSON.parse(text) };
    },
    /** Kills the runtime. */
    stop: () => worker.dispose(),
  };
}
