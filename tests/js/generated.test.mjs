// What is made from contract/ is what contract/ says.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

test("nothing that is made from contract/ is stale", () => {
  const main = fileURLToPath(new URL("../../tools/contract/main.mjs", import.meta.url));
  const { status, stderr } = spawnSync(process.execPath, [main, "check"], { encoding: "utf8" });
  assert.deepEqual([status, stderr], [0, ""]);
});
