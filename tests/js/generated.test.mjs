// Checks that the files made from contract/ are up to date.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

test("every file that is made from contract/ is up to date", () => {
  const main = fileURLToPath(new URL("../../tools/contract/main.mjs", import.meta.url));
  const { status, stderr } = spawnSync(process.execPath, [main, "check"], { encoding: "utf8" });
  assert.deepEqual([status, stderr], [0, ""]);
});
