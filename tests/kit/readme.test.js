// The README's example on PostgreSQL is run as it stands; tests/js runs the others.
import assert from "node:assert/strict";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { databaseUrl } from "./support.js";

test("README, the block on PostgreSQL", async (t) => {
  databaseUrl();
  const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
  const blocks = [...readme.matchAll(/^```js postgres\n(.*?)^```$/gms)].map(([, block]) => block);
  assert.equal(blocks.length, 1);
  const file = new URL("./readme-postgres.mjs", import.meta.url);
  writeFileSync(file, blocks[0]);
  t.after(() => rmSync(file));
  await import(file);
});
