// The memory of freed rules is used again: the engine's memory grows with the rules that exist, not with those freed.
import assert from "node:assert/strict";
import { test } from "node:test";

let memory;
const { Instance } = WebAssembly;
// biome-ignore lint/complexity/useArrowFunction: it is called with `new`
WebAssembly.Instance = function (module, imports) {
  const instance = new Instance(module, imports);
  memory = instance.exports.memory;
  return instance;
};
const { PreparedRules } = await import("redeemable");

test("rules that are freed give their memory back", () => {
  const promos = Array.from({ length: 2000 }, (_, number) => ({ code: `CODE${number}`, discount_percent: 20 }));
  const pages = () => memory.buffer.byteLength / 65536;
  const makeAndFree = () => new PreparedRules({ promos }).free();
  // The first rules grow the memory to the size that they need.
  for (let made = 0; made < 3; made += 1) makeAndFree();
  const enough = pages();
  for (let made = 0; made < 30; made += 1) makeAndFree();
  assert.equal(pages(), enough);
  // Rules that are kept need more memory, so `pages` does measure it.
  const kept = Array.from({ length: 30 }, () => new PreparedRules({ promos }));
  assert.ok(pages() > enough, `${kept.length} kept in ${pages()} pages`);
});
