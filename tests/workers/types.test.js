// Checks that the types of the stores compile together with those of the libraries and runtimes.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { test } from "node:test";
import { here } from "./runtimes.js";

test("tsc --strict accepts every use and refuses every misuse", () => {
  const tsc = createRequire(import.meta.url).resolve("typescript/bin/tsc");
  const { status, stdout } = spawnSync(process.execPath, [tsc, "-p", here, "--pretty", "false"], { encoding: "utf8" });
  assert.equal(status, 0, stdout.slice(0, 4000));
});
