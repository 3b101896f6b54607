// Runs a command in both languages, and compares what they print.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { root } from "./support.js";

/** The folder in which the commands run. */
export const folder = mkdtempSync(join(tmpdir(), "redeemable-commands-"));
process.once("exit", () => rmSync(folder, { recursive: true }));

export const write = (name, content) =>
  writeFileSync(
    join(folder, name),
    typeof content === "string" || content instanceof Uint8Array ? content : JSON.stringify(content),
  );

export const PROGRAMS = {
  "npx redeemable": [process.execPath, join(root, "pkg/js/cli/main.js")],
  "python -m redeemable": [join(root, ".venv/bin/python"), "-m", "redeemable"],
};
export const environment = (env = {}) => {
  const { DATABASE_URL: _, ...others } = process.env;
  return { ...others, PYTHONPATH: join(root, "pkg/python/src"), PYTHONIOENCODING: "ascii", ...env };
};

/** What one program does with these words. Its own name is left out of what it prints. */
async function run(name, words, env) {
  const [program, ...before] = PROGRAMS[name];
  const child = spawn(program, [...before, ...words], { cwd: folder, env: environment(env) });
  child.stdin.end();
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  return { code, out: out.replaceAll(name, "redeemable"), err: err.replaceAll(name, "redeemable") };
}
export const [inNode, inPython] = Object.keys(PROGRAMS).map((name) => (words, env) => run(name, words, env));

/** What both do, which must be the same. */
export async function both(words, env) {
  const [node, python] = await Promise.all([inNode(words, env), inPython(words, env)]);
  assert.deepEqual(python, node, words.join(" "));
  return node;
}

/** The command must print exactly these lines on stdout. */
export async function prints(words, code, ...lines) {
  assert.deepEqual(await both(words), { code, out: lines.map((line) => `${line}\n`).join(""), err: "" });
}

/** The command must fail with this message, and print nothing else. */
export async function fails(words, message, env) {
  assert.deepEqual(await both(words, env), { code: 2, out: "", err: `redeemable: ${message}\n` });
}
