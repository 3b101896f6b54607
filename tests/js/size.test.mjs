// Checks that the files that pages download stay below their bounds, and that the package's README gives their sizes.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { checkSize } from "../sizes.mjs";

const read = (name) => readFileSync(new URL(`dist/${name}`, import.meta.resolve("redeemable")));
const readme = readFileSync(new URL("README.md", import.meta.resolve("redeemable")), "utf8");
// The README says "290 kB (115 kB with gzip)" of the engine's file, and "421 kB, 166 kB with gzip" of the organiser's.
const said = [...readme.matchAll(/(\d+) kB(?:, | \()(\d+) kB with gzip/g)].map(([, plain, zipped]) => [
  plain * 1000,
  zipped * 1000,
]);

for (const [index, name] of ["redeemable_bg.wasm", "organiser_bg.wasm"].entries()) {
  const file = read(name);
  const zipped = gzipSync(file, { level: 9 });

  test(`the size of ${name}`, (t) => {
    t.diagnostic(`${name}: ${file.length} bytes, ${zipped.length} with gzip`);
    checkSize(name, file.length);
    checkSize(`${name}.gz`, zipped.length);
  });

  test(`the README says the size of ${name} to within 5 %`, () => {
    for (const [at, { length }] of [file, zipped].entries()) {
      const stated = said[index][at];
      assert.ok(
        Math.abs(stated - length) <= length * 0.05,
        `pkg/js/README.md says ${stated} bytes, there are ${length}`,
      );
    }
  });
}
