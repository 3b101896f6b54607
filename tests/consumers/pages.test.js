// Opens pages from each bundler, and one without a bundler, in real browsers.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { esbuildPage, vite, viteServer, webpackPage, worker } from "./bundlers.js";
import { early, expected } from "./expected.js";
import { browsers, consumer, installed, open, serve } from "./support.js";

const folders = {};
let developing;
before(async () => {
  developing = await viteServer();
  folders["import-map"] = consumer("import-map/index.html");
  folders.vite = await vite();
  folders.webpack = await webpackPage();
  folders.esbuild = await esbuildPage();
  folders.worker = await worker();
});
after(() => developing?.close());

for (const name of ["vite", "webpack"]) {
  test(`${name} copies the wasm file once, unchanged`, () => {
    const files = readdirSync(folders[name], { recursive: true }).filter((file) => file.endsWith(".wasm"));
    assert.equal(files.length, 1, files.join());
    assert.ok(
      readFileSync(join(folders[name], files[0])).equals(installed(folders["import-map"], "dist/redeemable_bg.wasm")),
    );
  });
}

for (const [name, start] of Object.entries(browsers)) {
  suite(name, () => {
    let driver;
    let server;
    before(async () => {
      // The server refuses the first download of the page without a bundler.
      const wasm = /^\/import-map\/.*\.wasm$/;
      server = await serve(
        folders,
        (path, asked) => wasm.test(path) && asked.filter((each) => wasm.test(each)).length === 1,
      );
      driver = await start();
    });
    after(async () => {
      await driver?.quit();
      server?.close();
    });
    const downloads = (page) =>
      server.asked.filter((path) => path.startsWith(`/${page}/`) && path.endsWith(".wasm")).length;

    for (const page of ["vite", "webpack", "esbuild"]) {
      test(`the page that ${page} built`, async () => {
        assert.deepEqual(await open(driver, `${server.url}/${page}/`), { early, ...expected });
        assert.equal(downloads(page), 1);
      });
    }

    test("the page as Vite's own server serves it", async () => {
      assert.deepEqual(await open(driver, developing.url), { early, ...expected });
    });

    test("the page without a bundler, whose first download fails", async () => {
      const { first, ...answers } = await open(driver, `${server.url}/import-map/`);
      assert.match(first, /^init: .*redeemable_bg\.wasm answers 503 /);
      assert.deepEqual(answers, expected);
      assert.equal(downloads("import-map"), 2);
    });

    test("the worker to which the page sends the module", async () => {
      assert.deepEqual(await open(driver, `${server.url}/worker/`), { early, ...expected });
    });
  });
}
