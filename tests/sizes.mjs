// How heavy what hosts download may become. A bound in sizes.json is 3 % above what was measured when it was set,
// so that small changes leave it alone, and growth that adds up is decided on.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

const bounds = JSON.parse(readFileSync(new URL("./sizes.json", import.meta.url), "utf8"));

/** Fails when something is heavier than its bound, or so much lighter that the bound says nothing any more. */
export function checkSize(name, bytes) {
  const bound = bounds[name];
  const next = Math.ceil((bytes * 1.03) / 1000) * 1000;
  const found = `${name} has ${bytes} bytes, its bound in tests/sizes.json is ${bound}`;
  assert.ok(bytes <= bound, `${found}: make it lighter, or set ${next} and say in the commit what the bytes are for`);
  assert.ok(bytes >= bound * 0.85, `${found}: set ${next}`);
}
