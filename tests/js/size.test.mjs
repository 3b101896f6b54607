// The size of what browsers download is a committed number: growing is a visible act, and shrinking lowers the number.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { gzipSync } from "node:zlib";

const sizes = JSON.parse(readFileSync(new URL("./sizes.json", import.meta.url), "utf8"));
const dist = new URL("dist/", import.meta.resolve("redeemable"));

for (const [name, committed] of Object.entries(sizes)) {
  test(`the size of ${name}`, (t) => {
    const file = readFileSync(new URL(name, dist));
    const actual = { bytes: file.length, gzip: gzipSync(file, { level: 9 }).length };
    t.diagnostic(`${name}: ${JSON.stringify(actual)}`);
    for (const measure of ["bytes", "gzip"]) {
      assert.ok(
        actual[measure] <= committed[measure],
        `${measure}: ${actual[measure]} is more than the ${committed[measure]} in sizes.json`,
      );
      assert.ok(
        actual[measure] >= committed[measure] * 0.98,
        `${measure}: ${actual[measure]} is well below the ${committed[measure]} in sizes.json: lower the number`,
      );
    }
  });
}
