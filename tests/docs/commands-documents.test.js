// Runs the documents' blocks of commands, marked `sh commands`, one after the other in a folder of each document. What
// they print must be the text block behind them.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { suite, test } from "node:test";
import { PROGRAMS, environment, folder } from "./commands-support.js";
import { blocksOf, documents, read } from "./support.js";

// `npx redeemable` and `python` are the packages of this repository.
const programs = join(folder, "programs");
mkdirSync(programs);
const shim = (name, line) => {
  writeFileSync(join(programs, name), `#!/bin/sh\n${line}\n`);
  chmodSync(join(programs, name), 0o755);
};
shim("npx", `[ "$1" = redeemable ] && shift && exec ${PROGRAMS["npx redeemable"].join(" ")} "$@"`);
shim("python", `exec ${PROGRAMS["python -m redeemable"][0]} "$@"`);
const env = { ...environment(), PATH: `${programs}${delimiter}${process.env.PATH}` };

let found = 0;
for (const document of documents) {
  const blocks = blocksOf(read(document));
  const cwd = join(folder, document.replaceAll("/", "-"));
  mkdirSync(cwd);
  suite(document, () => {
    for (const [index, { language, info, text }] of blocks.entries()) {
      if (language !== "sh" || info !== "commands") continue;
      found += 1;
      test(text.trim().split("\n").at(-1), () => {
        const { stdout, stderr } = spawnSync("bash", ["-c", text], { cwd, env, encoding: "utf8" });
        assert.deepEqual([stdout, stderr], [blocks[index + 1].text, ""]);
      });
    }
  });
}

test("the blocks are found", () => assert.ok(found >= 6, `${found} blocks`));
