// Checks the site that `make docs` builds: it has the pages that its sources make, its links lead somewhere, and it
// loads nothing from other servers.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";
import { build, pages, site } from "../../docs/build/site.mjs";
import { program } from "../../www/test-pages/browsers.js";
import { root } from "./support.js";

const built = build();
const folder = join(root, site);
execFileSync(join(root, "scripts/build-docs"));

test("the site has every page and nothing else, and the same sources make the same bytes", () => {
  assert.deepEqual(readdirSync(folder).sort(), Object.keys(built).sort());
  for (const [name, text] of Object.entries(built))
    assert.ok(readFileSync(join(folder, name), "utf8") === text, `${site}/${name} differs`);
});

test("every document is a page of the site", () => {
  const sources = pages.flatMap(({ source }) => source ?? []);
  for (const name of readdirSync(join(root, "docs"), { recursive: true }).filter((file) => file.endsWith(".md")))
    assert.ok(sources.includes(`docs/${name}`), name);
});

test("every link leads to a page, to a heading of it, or to a file of the repository", () => {
  const idsOf = (name) => new Set([...built[name].matchAll(/ id="([^"]+)"/g)].map(([, id]) => id));
  let links = 0;
  for (const [name, text] of Object.entries(built)) {
    for (const [, href] of text.matchAll(/ href="([^"]+)"/g)) {
      links += 1;
      if (href.startsWith("https://")) continue;
      const [path, anchor] = href.split("#");
      const file = path === "" ? name : path;
      assert.ok(file in built || existsSync(join(folder, file)), `${name}: ${href}`);
      if (anchor) assert.ok(idsOf(file).has(anchor), `${name}: ${href}`);
    }
    const ids = [...text.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    assert.equal(new Set(ids).size, ids.length, `${name}: an id twice`);
  }
  assert.ok(links > 100);
});

test("nothing is loaded but the site's own style sheet", () => {
  for (const text of Object.values(built)) {
    assert.doesNotMatch(text, /<(script|img|iframe|object|embed)\b|@import|\burl\(/);
    for (const [link] of text.matchAll(/<link [^>]*>/g)) assert.equal(link, '<link rel="stylesheet" href="style.css">');
  }
});

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const {
  "goog:chromeOptions": { args },
} = JSON.parse(readFileSync(join(root, "webdriver.json"), "utf8"));
let browser;
before(async () => {
  browser = await chromium.launch({
    executablePath: program("chromium", "chromium-browser", "google-chrome"),
    args: args.filter((one) => one !== "--headless"),
  });
});
after(() => browser.close());

for (const scheme of ["light", "dark"]) {
  test(`every page fits a phone and can be read, ${scheme}`, async () => {
    const page = await browser.newPage({ viewport: { width: 360, height: 740 }, colorScheme: scheme });
    for (const { file } of pages) {
      await page.goto(pathToFileURL(join(folder, file)).href);
      assert.equal(
        await page.evaluate("document.documentElement.scrollWidth"),
        360,
        `${file} is wider than the screen`,
      );
      await page.evaluate(axe);
      const { violations } = await page.evaluate("axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'] })");
      assert.deepEqual(
        violations.map(({ id, nodes }) => `${file}: ${id}: ${nodes[0].html.slice(0, 200)}`),
        [],
      );
    }
    await page.close();
  });
}
