// The README's JavaScript is run as it stands.
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

test("the README has JavaScript to run", () => {
  if (blocks.length === 0) throw new Error("no block found");
});
