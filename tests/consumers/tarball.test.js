// What npm would publish: exactly the files in tarball.json, and no more bytes than its bound.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { checkSize } from "../sizes.mjs";
import { consumer, installed, tarball } from "./support.js";

const committed = JSON.parse(readFileSync(new URL("./tarball.json", import.meta.url), "utf8"));

test("the tarball has the files in tarball.json", () => {
  assert.deepEqual(tarball.files, committed.files);
});

test("the size of the tarball", (t) => {
  t.diagnostic(`${tarball.bytes} bytes`);
  checkSize("tarball", tarball.bytes);
});

test("every export is in the tarball, its types first", () => {
  const folder = consumer();
  const { exports } = JSON.parse(installed(folder, "package.json"));
  const paths = (target) => (typeof target === "string" ? [target] : Object.values(target).flatMap(paths));
  for (const path of paths(exports)) assert.ok(tarball.files.includes(path.slice(2)), path);
  for (const [name, target] of Object.entries(exports)) {
    if (typeof target === "string") continue;
    assert.equal(Object.keys(target)[0], "types", name);
    // Jest finds no `node` where it pretends to be a browser, and Node's older `require` finds no ES module.
    assert.match(target.require ?? "no file for require", /^\.\/dist\/cjs\//, name);
  }
});

test("the licence is the project's", () => {
  assert.equal(
    installed(consumer(), "LICENSE").toString(),
    readFileSync(new URL("../../LICENSE", import.meta.url), "utf8"),
  );
});
