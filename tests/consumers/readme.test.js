// Runs each example of the package's README, unchanged, with the package from the tarball.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { before, test } from "node:test";
import { bundle } from "./bundlers.js";
import { consumer, emptyFolder, installed } from "./support.js";

let folder;
let examples;
before(() => {
  folder = consumer();
  const sections = installed(folder, "README.md").toString().split(/^## /m).slice(1);
  examples = Object.fromEntries(
    sections.map((section) => [section.split("\n")[0], /^```js\n(.*?)^```$/ms.exec(section)?.[1]]),
  );
});

test("each section has an example that is run here", () => {
  assert.deepEqual(
    Object.keys(examples).filter((name) => examples[name]),
    ["In Node", "In a page", "Many orders under the same rules", "On the edge", "Selling"],
  );
});

for (const [name, printed] of [
  ["In Node", ""],
  ["In a page", "[ 'code/event:gala:CREW/spend/EUR', 'code/event:gala:CREW/uses' ]\n"],
  ["Many orders under the same rules", ""],
  ["Selling", ""],
]) {
  test(name, () => {
    writeFileSync(join(folder, "example.js"), examples[name]);
    const { status, stdout, stderr } = spawnSync(process.execPath, ["example.js"], { cwd: folder, encoding: "utf8" });
    assert.deepEqual({ status, stdout, stderr }, { status: 0, stdout: printed, stderr: "" });
  });
}

test("On the edge", async () => {
  const file = join(emptyFolder(), "worker.mjs");
  await bundle({
    stdin: { contents: examples["On the edge"], resolveDir: folder },
    outfile: file,
    format: "esm",
    target: "es2022",
    loader: { ".wasm": "binary" },
  });
  const { default: worker } = await import(pathToFileURL(file));
  const body = { codes: ["ten"], quantity: 3 };
  const answer = await worker.fetch(
    new Request("https://edge.example/", { method: "POST", body: JSON.stringify(body) }),
  );
  // Three tickets at 10.00, each 10 % off.
  assert.equal((await answer.json()).quote.total, 2700);
});
