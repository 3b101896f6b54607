// The handler and the hook from the tarball, in frameworks and runtimes. The stacks' pages in docs show these files.
import assert from "node:assert/strict";
import { test } from "node:test";
import { cpSync, readFileSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { cloudflare } from "./bundlers.js";
import { purchase } from "./purchase.js";
import { bun, env, execute, project, root, script, serving } from "./stacks.js";

// A host installs its own driver; here it comes from this workspace, where it is compiled already.
const driver = dirname(createRequire(import.meta.url).resolve("better-sqlite3/package.json"));
symlinkSync(driver, join(root, "node_modules/better-sqlite3"));

async function sells(name, program, folder) {
  const server = await serving(folder, `${name}.js`, program);
  try {
    await purchase(server.url);
  } finally {
    await server.stop();
  }
}

for (const name of ["node", "express", "fastify"])
  test(`a purchase with ${name}, on SQLite`, () => sells(name, process.execPath, project("handlers")));

/** The project with its shop in memory. */
function inMemory() {
  const folder = project("handlers");
  cpSync(join(folder, "memory-shop.js"), join(folder, "shop.js"));
  return folder;
}

for (const name of ["bun", "hono"]) test(`a purchase with ${name}, in Bun`, () => sells(name, bun, inMemory()));

test("a purchase in a worker of Cloudflare's", async () => {
  const { Miniflare } = await import(pathToFileURL(createRequire(join(root, "package.json")).resolve("miniflare")));
  const modules = await cloudflare(inMemory(), "worker.js");
  const worker = new Miniflare({ modules, compatibilityDate: "2026-04-01" });
  try {
    await purchase("https://shop.example", (url, options = {}) =>
      worker.dispatchFetch(url, { ...options, headers: { "cf-connecting-ip": "203.0.113.7", ...options.headers } }),
    );
  } finally {
    await worker.dispose();
  }
});

for (const [framework, files] of [
  ["react", ["preview", "server"]],
  ["preact", ["preview"]],
]) {
  test(`usePromoPreview in ${framework}`, () => {
    env.FRAMEWORK = framework;
    const report = JSON.parse(script(project("react"), "vitest/vitest.mjs", "run", ...files, "--reporter", "json"));
    assert.equal(report.numPassedTests, files.length === 2 ? 10 : 8);
  });
}

const docs = new URL("../../docs/stacks/", import.meta.url);
const blocks = (page, info) =>
  [...readFileSync(new URL(page, docs), "utf8").matchAll(/^```(.*)\n([\s\S]*?)^```$/gm)]
    .filter(([, found]) => found === info)
    .map(([, , text]) => text);

test("each program on a stack's page is a file that a test runs", () => {
  const files = {
    "handler.md": ["handlers/shop.js", "handlers/node.js"],
    "express.md": ["handlers/express.js"],
    "fastify.md": ["handlers/fastify.js"],
    "hono.md": ["handlers/hono.js", "handlers/bun.js", "handlers/worker.js"],
    "next.md": ["next/app/api/shop/[...path]/route.js"],
    "sveltekit.md": ["svelte/src/routes/api/shop/[...path]/+server.js"],
    "react.md": ["next/app/tickets/page.js"],
  };
  for (const [page, names] of Object.entries(files)) {
    const texts = names.map((name) => readFileSync(new URL(`stacks/${name}`, import.meta.url), "utf8"));
    assert.deepEqual([...blocks(page, "js"), ...blocks(page, "jsx")], texts, page);
  }
});

test("the first purchase works as the page shows it", async () => {
  const [text] = blocks("handler.md", "sh purchase");
  const server = await serving(project("handlers"), "node.js");
  try {
    const said = execute(root, "bash", "-euc", text.replace("http://127.0.0.1:3000", server.url));
    assert.match(said, /"code":"EARLY20".*"status":"accepted".*"total":7200.*"money":"kept"/s);
  } finally {
    await server.stop();
  }
});
