// What npm would publish: these files and no other, and not more of them than is committed.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { consumer, installed, tarball } from "./support.js";

const committed = JSON.parse(readFileSync(new URL("./tarball.json", import.meta.url), "utf8"));

test("the tarball has the files in tarball.json", () => {
  assert.deepEqual(tarball.files, committed.files);
});

test("the tarball has the size in tarball.json", (t) => {
  t.diagnostic(`${tarball.bytes} bytes`);
  assert.ok(
    tarball.bytes <= committed.bytes,
    `${tarball.bytes} bytes are more than the ${committed.bytes} in tarball.json`,
  );
  assert.ok(
    tarball.bytes >= committed.bytes * 0.98,
    `${tarball.bytes} bytes are well below the ${committed.bytes} in tarball.json: lower the number`,
  );
});

test("every export is in the tarball, its types first", () => {
  const folder = consumer();
  const { exports } = JSON.parse(installed(folder, "package.json"));
  const paths = Object.values(exports).flatMap((target) =>
    typeof target === "string" ? [target] : Object.values(target),
  );
  for (const path of paths) assert.ok(tarball.files.includes(path.slice(2)), path);
  for (const [name, target] of Object.entries(exports)) {
    if (typeof target !== "string") assert.equal(Object.keys(target)[0], "types", name);
  }
});

test("the licence is the project's", () => {
  assert.equal(
    installed(consumer(), "LICENSE").toString(),
    readFileSync(new URL("../../LICENSE", import.meta.url), "utf8"),
  );
});
