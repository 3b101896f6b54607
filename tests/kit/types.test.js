// Checks that the kit's TypeScript types compile together with the drivers' own types.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

test("tsc --strict accepts every use and refuses every misuse", () => {
  const tsc = createRequire(import.meta.url).resolve("typescript/bin/tsc");
  const { status, stdout } = spawnSync(
    process.execPath,
    [tsc, "-p", fileURLToPath(new URL(".", import.meta.url)), "--pretty", "false"],
    { encoding: "utf8" },
  );
  assert.equal(status, 0, stdout.slice(0, 4000));
});
