// CONTRIBUTING.md says how to add a rule, a discount kind, a limit and a function. This test applies its patches to a
// copy of the engine, and runs the unit tests of the copy.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { blocksOf, read, root } from "./support.js";

const patches = blocksOf(read("CONTRIBUTING.md")).filter(({ language }) => language === "diff");

test("the changes of CONTRIBUTING.md compile, and their tests pass", (t) => {
  assert.equal(patches.length, 4);
  const copy = mkdtempSync(join(tmpdir(), "redeemable-howto-"));
  t.after(() => rmSync(copy, { recursive: true }));
  for (const name of ["Cargo.toml", "Cargo.lock", "README.md", "src", "component", "tools", "benches", "fuzz/src"]) {
    cpSync(join(root, name), join(copy, name), {
      recursive: true,
      filter: (path) => !/\/(node_modules|dist)$/.test(path),
    });
  }
  for (const { text } of patches) {
    writeFileSync(join(copy, "patch"), text);
    run(copy, "git", "apply", "-C1", "patch");
  }
  const output = run(copy, "cargo", "test", "--offline", "--lib");
  for (const name of [
    "judge::rules::above_max_lines::the_bound_itself_is_allowed",
    "judge::pricing::a_price_is_rounded_down_to_a_multiple",
    "judge::limits::discounted_tickets_are_capped_per_person",
    "organise::mistyped::one_wrong_character_shows",
  ]) {
    assert.match(output, new RegExp(`^test ${name} \\.\\.\\. ok$`, "m"));
  }
});

function run(cwd, ...command) {
  const env = { ...process.env, CARGO_TARGET_DIR: join(root, "target/docs-howto"), GIT_CEILING_DIRECTORIES: cwd };
  const { status, stdout, stderr } = spawnSync(command[0], command.slice(1), { cwd, env, encoding: "utf8" });
  assert.equal(status, 0, stderr.slice(-4000));
  return stdout;
}
