// Compiles types/usage.ts with the libraries' own types. The inside of their declarations is left unchecked.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { test } from "node:test";

test("tsc --strict accepts every use and refuses every misuse", () => {
  const tsc = createRequire(import.meta.url).resolve("typescript/bin/tsc");
  const { status, stdout } = spawnSync(process.execPath, [tsc, "-p", ".", "--pretty", "false"], { encoding: "utf8" });
  assert.equal(status, 0, stdout.slice(0, 4000));
});
