// Runs in WebKit all vectors, through the package as a page loads it, and what people do in the demo.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { createServer } from "node:http";
import { test } from "node:test";
import { exchange } from "../../www/test-pages/exchange.js";
import { buyer } from "../../www/test-pages/flows.js";
import { report } from "../../www/test-pages/report.js";
import { event, openShop } from "../../www/test-pages/shop.js";
import { cheapest, offered, oneMore, promos, ranOut } from "../../www/test-pages/together.js";
import { walk } from "../../www/test-pages/walk.js";
import { openWebKit } from "./browser.mjs";

const vectors = new URL("../vectors/", import.meta.url);
const files = readdirSync(vectors)
  .filter((name) => name.endsWith(".json"))
  .sort();
const TYPES = { html: "text/html", js: "text/javascript", json: "application/json", wasm: "application/wasm" };

/** Serves the page, the package and the vectors. */
async function serve(t) {
  const server = createServer((request, response) => {
    const [, folder, rest] = /^\/(pkg|vectors)\/([\w./-]+)$/.exec(request.url) ?? [];
    try {
      const body =
        request.url === "/vectors"
          ? JSON.stringify(files)
          : readFileSync(
              folder
                ? new URL(rest, folder === "pkg" ? new URL("../../pkg/js/", import.meta.url) : vectors)
                : new URL("vectors.html", import.meta.url),
            );
      const type = request.url === "/vectors" ? "json" : folder ? rest.split(".").at(-1) : "html";
      response.writeHead(200, { "content-type": TYPES[type] }).end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  server.listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${server.address().port}`;
}

test("vectors", async (t) => {
  const page = await openWebKit(t);
  await page.open(`${await serve(t)}/`);
  const report = await page.until("window.vectors", "the report");
  const expected = files.map((file) => [
    file,
    { passed: JSON.parse(readFileSync(new URL(file, vectors), "utf8")).cases.length, failed: [] },
  ]);
  for (const [file, { passed, failed }] of Object.entries(report))
    t.diagnostic(`${file}: ${passed} passed, ${failed.length} failed`);
  assert.deepEqual(report, Object.fromEntries(expected));
  assert.ok(Object.values(report).reduce((sum, { passed }) => sum + passed, 0) >= 250, "all vectors were there");
  t.diagnostic(await page.evaluate("navigator.userAgent"));
});

for (const flow of [buyer, report, exchange])
  test(flow.name, async (t) => flow(await openWebKit(t), await openShop(t)));
for (const flow of [ranOut, cheapest])
  test(flow.name, async (t) => flow(await openWebKit(t), await openShop(t, { promos, policy: {} })));
test(oneMore.name, async (t) => oneMore(await openWebKit(t), await openShop(t, { promos: offered, policy: {} })));
for (const colorScheme of ["light", "dark"]) {
  test(`walk, ${colorScheme}`, async (t) => {
    const shop = await openShop(t, { promos: [event.promos[1], ...offered], policy: {} });
    await walk(await openWebKit(t, { colorScheme }), shop, colorScheme === "dark");
  });
}
