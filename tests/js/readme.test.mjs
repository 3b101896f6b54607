// Runs the README's JavaScript unchanged, and checks that the README stays short.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync, mkdirSync } from "node:fs";
import test from "node:test";

const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
const blocks = [...readme.matchAll(/^```js\n(.*?)^```$/gms)].map(([, block]) => block);

for (const [index, block] of blocks.entries()) {
  test(`README, JavaScript block ${index + 1}`, async () => {
    const file = new URL(`./types/generated/readme-${index + 1}.mjs`, import.meta.url);
    mkdirSync(new URL(".", file), { recursive: true });
    writeFileSync(file, block);
    await import(file);
  });
}

test("the README has JavaScript blocks, and every block of it is run by some test", () => {
  assert.equal(blocks.length, 2);
  // tests/python_kit/test_docs.py runs the Python, the doctests of src/lib.rs run the Rust.
  const languages = [...readme.matchAll(/^```(\S.*)$/gm)].map(([, language]) => language);
  assert.deepEqual(languages.sort(), ["js", "js", "python", "rust", "sh", "sh"]);
});

test("the README has fewer than 1 000 words", () => {
  const words = readme.split(/\s+/).length;
  assert.ok(words < 1000, `${words} words`);
});
