// The handler and the hook from the tarball, in frameworks and runtimes. The stacks' pages in docs show these files.
import assert from "node:assert/strict";
import { test } from "node:test";
import { env, project, script } from "./stacks.js";

for (const [framework, files] of [
  ["react", ["preview", "server"]],
  ["preact", ["preview"]],
]) {
  test(`usePromoPreview in ${framework}`, () => {
    env.FRAMEWORK = framework;
    const report = JSON.parse(script(project("react"), "vitest/vitest.mjs", "run", ...files, "--reporter", "json"));
    assert.equal(report.numPassedTests, files.length === 2 ? 8 : 6);
  });
}
