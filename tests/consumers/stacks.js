// One folder outside the repository with what stacks/package.json names and with the package from its tarball. Each
// stack is a project in a folder of its own below it.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdirSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import esbuild from "esbuild";
import { chromium, chromiumArguments, emptyFolder, tarball } from "./support.js";

const here = fileURLToPath(new URL(".", import.meta.url));
const installed = join(here, "stacks/node_modules");
assert.ok(existsSync(installed), "the stacks are not installed: run scripts/setup stacks");

export const root = emptyFolder();
export const env = {
  ...process.env,
  CHROMIUM: chromium(),
  CHROMIUM_ARGUMENTS: JSON.stringify(chromiumArguments),
  NEXT_TELEMETRY_DISABLED: "1",
  ASTRO_TELEMETRY_DISABLED: "1",
  NO_COLOR: "1",
  DENO_NO_UPDATE_CHECK: "1",
  DENO_DIR: join(root, "deno"),
  PAYMENTS_SECRET: "secret",
};
// This test's own runner says with this variable how Node's tests report. It is not meant for the stacks.
delete env.NODE_TEST_CONTEXT;

// Hard links take a second where a copy takes half a minute. They need both folders on one disk.
if (spawnSync("cp", ["-al", installed, root]).status !== 0) execute(root, "cp", "-a", installed, root);
mkdirSync(join(root, "node_modules/redeemable"));
execute(root, "tar", "-xzf", tarball.file, "-C", "node_modules/redeemable", "--strip-components=1");

/** Makes a stack's project anew, with the shop and the answers to expect from it in its subfolder `source`. */
export function project(name, source = "") {
  const folder = join(root, name);
  rmSync(folder, { recursive: true, force: true });
  cpSync(join(here, "stacks", name), folder, { recursive: true, filter: (path) => !path.includes("node_modules") });
  for (const file of ["fixtures/shop.js", "fixtures/store.js", "fixtures/decisions.js", "expected.js"]) {
    const place = join(folder, source, file.split("/").at(-1));
    if (!existsSync(place)) cpSync(join(here, file), place);
  }
  // The shop of these projects' routes, which are those of `redeemable/handler`.
  const shop = { astro: "src/lib/shop.js", next: "lib/shop.js", svelte: "src/lib/shop.js" }[name];
  if (shop) cpSync(join(here, "stacks/handlers/memory-shop.js"), join(folder, shop));
  return folder;
}

/** Compiles files of a project to CommonJS, as the project's TypeScript or Babel would. */
export const toCommonJs = (folder, ...files) =>
  esbuild.build({
    absWorkingDir: folder,
    entryPoints: files,
    outdir: ".",
    format: "cjs",
    platform: "node",
    allowOverwrite: true,
  });

/** Runs a program, which must succeed. Returns what it printed. */
export function execute(...command) {
  return executed(...command).stdout;
}

/** The same, with what it printed on stderr. */
export function executed(folder, program, ...args) {
  const { status, stdout, stderr, error } = spawnSync(program, args, { cwd: folder, env, encoding: "utf8" });
  assert.equal(status, 0, `${program} ${args.join(" ")}\n${error ?? ""}${stdout}${stderr}`);
  return { stdout, stderr };
}

/** Runs the script of an installed package with Node. */
export const script = (folder, path, ...args) =>
  execute(folder, process.execPath, join(root, "node_modules", path), ...args);

/** Starts a server that takes its port from PORT, and waits until it answers. */
export async function serving(folder, file, program = process.execPath) {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const server = spawn(program, [file], {
    cwd: folder,
    env: { ...env, PORT: String(port), HOST: "127.0.0.1", HOSTNAME: "127.0.0.1", ORIGIN: url },
    stdio: ["ignore", "ignore", "inherit"],
  });
  const ended = once(server, "exit");
  const stop = async () => {
    server.kill();
    await ended;
  };
  for (let tries = 0; ; tries += 1) {
    if (await fetch(url).catch(() => null)) break;
    assert.ok(tries < 300 && server.exitCode === null, `${file} does not answer`);
    await sleep(100);
  }
  // Without a type, Astro takes the request for a form that another site has sent.
  const asked = { method: "POST", headers: { "content-type": "application/json" } };
  return { url, stop, ask: async (path) => (await fetch(`${url}${path}`, asked)).json() };
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

const { [process.arch]: platforms } = {
  x64: { deno: "@deno/linux-x64-glibc/deno", bun: "@oven/bun-linux-x64-baseline/bin/bun" },
  arm64: { deno: "@deno/linux-arm64-glibc/deno", bun: "@oven/bun-linux-aarch64/bin/bun" },
};
export const deno = join(root, "node_modules", platforms.deno);
export const bun = join(root, "node_modules", platforms.bun);
