// Builds one page with each bundler, in the way that the bundler's users do it.
import assert from "node:assert/strict";
import { cpSync, readFileSync } from "node:fs";
import { join } from "node:path";
import esbuild from "esbuild";
import { build, createServer } from "vite";
import webpack from "webpack";
import { consumer } from "./support.js";

const page = () => consumer("page/main.js", "page/index.html");

/** Vite finds the wasm file by itself. */
export async function vite() {
  const folder = page();
  await build({ root: folder, base: "./", logLevel: "error", configFile: false });
  return join(folder, "dist");
}

/** Vite's development server. */
export async function viteServer() {
  const server = await createServer({
    root: page(),
    logLevel: "error",
    configFile: false,
    server: { host: "127.0.0.1", port: 0 },
  });
  await server.listen();
  return { url: server.resolvedUrls.local[0], close: () => server.close() };
}

/** webpack finds it by itself, too. */
export async function webpackPage() {
  const folder = page();
  await webpackRun({
    context: folder,
    entry: "./main.js",
    output: { path: join(folder, "dist"), filename: "main.js" },
  });
  cpSync(join(folder, "index.html"), join(folder, "dist/index.html"));
  return join(folder, "dist");
}

export async function webpackRun(config) {
  const stats = await new Promise((resolve, reject) => {
    webpack({ mode: "production", performance: false, ...config }, (error, done) =>
      error ? reject(error) : resolve(done),
    );
  });
  assert.equal(stats.hasErrors() || stats.hasWarnings(), false, stats.toString());
}

/** esbuild leaves `new URL(…, import.meta.url)` as it is: the file is copied to where it points. */
export async function esbuildPage() {
  const folder = page();
  await bundle({ absWorkingDir: folder, entryPoints: ["main.js"], outdir: "dist", format: "esm" });
  cpSync(join(folder, "node_modules/redeemable/dist/redeemable_bg.wasm"), join(folder, "dist/dist/redeemable_bg.wasm"));
  cpSync(join(folder, "index.html"), join(folder, "dist/index.html"));
  return join(folder, "dist");
}

/** Bundles the worker into one classic script, and copies the wasm file for the page that starts it. */
export async function worker() {
  const folder = consumer("worker/worker.js", "worker/index.html");
  await bundle({ absWorkingDir: folder, entryPoints: ["worker.js"], outdir: "dist", format: "iife" });
  cpSync(join(folder, "node_modules/redeemable/dist/redeemable_bg.wasm"), join(folder, "dist/redeemable.wasm"));
  cpSync(join(folder, "index.html"), join(folder, "dist/index.html"));
  return join(folder, "dist");
}

/**
 * Bundles a worker of Cloudflare's as wrangler does: with esbuild and these conditions, and each wasm file as a module
 * beside the script. Returns the modules.
 */
export async function cloudflare(folder, file) {
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
  const contents = await bundle({
    absWorkingDir: folder,
    entryPoints: [file],
    format: "esm",
    target: "es2022",
    conditions: ["workerd", "worker", "browser"],
    plugins: [wasm],
    write: false,
  });
  return [{ type: "ESModule", path: "worker.js", contents }, ...compiled];
}

/** Runs esbuild, which must give no warning. Returns the text of its first output. */
export async function bundle(options) {
  const { warnings, outputFiles } = await esbuild.build({ bundle: true, logLevel: "silent", ...options });
  assert.deepEqual(warnings, []);
  return outputFiles?.[0].text;
}
