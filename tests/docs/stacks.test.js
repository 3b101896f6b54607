// The pages of stacks: each block of code stands word for word in a program that a test runs, and the table of
// docs/stacks.md has a row for each page.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { test } from "node:test";
import { index, indexed, stacks } from "../../docs/build/stacks.mjs";
import { blocksOf, read, root } from "./support.js";

const CODE = /\.([cm]?[jt]sx?|py|sql|prisma|toml|ini|ya?ml|jsonc?|html|svelte|vue)$/;
// New files count from the moment they are made, files that git ignores do not.
const list = ["ls-files", "--cached", "--others", "--exclude-standard", "--deduplicate", "tests", "examples", "www"];
const programs = execFileSync("git", list, { cwd: root, encoding: "utf8" })
  .trim()
  .split("\n")
  .filter((path) => existsSync(join(root, path)) && CODE.test(path))
  .map(read);

test("the table of stacks has a row for each page", () => {
  assert.equal(read(index), indexed(), "run node docs/build/stacks.mjs");
  for (const { source } of stacks) assert.ok(read(index).includes(`](${source.slice(5)})`), source);
});

for (const { source } of stacks) {
  // A test that reads the page runs the page's blocks itself.
  const quoted = new RegExp(`["'/]${basename(source)}["'\`]`);
  if (programs.some((program) => quoted.test(program))) continue;
  test(`${source}: each block is part of a program that is run`, () => {
    const blocks = blocksOf(read(source)).filter(({ language }) => !["sh", "text"].includes(language));
    assert.ok(blocks.length > 0);
    for (const { text } of blocks)
      assert.ok(
        programs.some((program) => program.includes(text)),
        text,
      );
  });
}
