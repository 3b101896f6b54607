// The host kit from the tarball: checks its types, and sells on the stores that need no server.
import assert from "node:assert/strict";
import { symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { before, test } from "node:test";
import { compile, consumer, run } from "./support.js";

let folder;
before(() => {
  folder = consumer("kit/kit.ts", "kit/run.js");
});

// 2 × 45.00 less 10.00 each is 70.00. The two tickets take both uses: the next order is refused until the hold lapses.
const sold = {
  previewed: [7000, 0],
  first: 7000,
  refused: ["uses_exhausted"],
  swept: 1,
  second: 3500,
  paid: "confirmed",
  returned: 3500,
  unknown: null,
};

test("a TypeScript host compiles and runs", () => {
  compile(folder, ["kit.ts"], { module: "nodenext" });
  // A host installs its own driver; here it comes from this workspace, where it is compiled already.
  const driver = dirname(createRequire(import.meta.url).resolve("better-sqlite3/package.json"));
  symlinkSync(driver, join(folder, "node_modules/better-sqlite3"));
  assert.deepEqual(run(folder, "run.js"), {
    memory: sold,
    sqlite: sold,
    stores: [
      ["commit", "differences", "find", "joining", "migrate", "old", "person", "prune", "read", "scan", "split"],
    ],
  });
});

test("moduleResolution bundler", () => {
  compile(folder, ["kit.ts"], { module: "esnext", moduleResolution: "bundler", noEmit: true });
});
