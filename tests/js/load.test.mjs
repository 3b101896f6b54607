// A page fetches the wasm file: from any server, and again after a failed download.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { test } from "node:test";

const file = readFileSync(new URL("dist/redeemable_bg.wasm", import.meta.resolve("redeemable")));
let loaded = 0;
/** The engine's module once more, in which nothing is loaded yet. */
const { downloaded } = await import(new URL("download.js", import.meta.resolve("redeemable")));
const fresh = () => import(new URL(`engine.js?${++loaded}`, import.meta.resolve("redeemable")));
const { codeForms } = await import(new URL("answers.js", import.meta.resolve("redeemable")));
const canonical = ({ call }) => call("canonicalCode", { text: " half " }, codeForms).canonical;

async function served(t, answer) {
  const server = createServer((_, response) => answer(response)).listen(0, "127.0.0.1");
  t.after(() => server.close());
  await new Promise((resume) => server.once("listening", resume));
  return new URL(`http://127.0.0.1:${server.address().port}/redeemable.wasm`);
}

for (const type of ["application/wasm", "application/octet-stream", undefined]) {
  test(`the file is loaded when the server calls it ${type}`, async (t) => {
    let asked = 0;
    const url = await served(t, (response) => {
      asked += 1;
      response.writeHead(200, type ? { "Content-Type": type } : {}).end(file);
    });
    const engine = await fresh();
    assert.throws(() => canonical(engine), /canonicalCode was called before init\(\)/);
    await Promise.all([engine.load(() => downloaded(url)), engine.load(() => downloaded(url))]);
    await engine.load(() => downloaded(url));
    assert.equal(asked, 1);
    assert.equal(canonical(engine), "HALF");
  });
}

test("after a failed download the next call tries again", async (t) => {
  const answers = [404, 200];
  const url = await served(t, (response) =>
    response.writeHead(answers.shift(), { "Content-Type": "application/wasm" }).end(file),
  );
  const engine = await fresh();
  await assert.rejects(
    engine.load(() => downloaded(url)),
    /^Error: init: http:.*redeemable.wasm answers 404 Not Found$/,
  );
  await engine.load(() => downloaded(url));
  assert.equal(canonical(engine), "HALF");
});
