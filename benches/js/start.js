// Measures the time from a start to the first answer, in Node and in Chromium, and the weight of the files for it.
//
//   node benches/js/start.js            (STARTS=9)
//
// Every start is a new process, or a new browser context without a cache. The results go to target/bench/start.json.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { chromium } from "playwright-core";
import { program } from "../../www/test-pages/browsers.js";
import { factsOf } from "./peers.js";
import { median, round } from "./time.js";
import { workloads } from "./workloads.js";

const STARTS = Number(process.env.STARTS ?? 9);
const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const PACKAGE = join(ROOT, "pkg/js");
const require = createRequire(import.meta.url);
const request = workloads.accept;

/** The milliseconds of `import`, and from there to the first answer; each start has a process of its own. */
function inNode(from, call) {
  const runs = Array.from({ length: STARTS }, () => {
    const script = `
      const begun = performance.now();
      const { ${from.names} } = await import("${from.module}");
      const imported = performance.now();
      const answer = ${call};
      const answered = performance.now();
      if (answer !== true) throw new Error("a wrong answer");
      console.log(JSON.stringify([imported - begun, answered - imported]));`;
    return JSON.parse(
      execFileSync(process.execPath, ["--input-type=module", "-e", script], {
        cwd: fileURLToPath(new URL(".", import.meta.url)),
        encoding: "utf8",
      }),
    );
  });
  const [import_ms, first_ms] = [0, 1].map((part) => round(median(runs.map((run) => run[part]))));
  return { import_ms, first_ms };
}

/** Serves a page that loads the package without a bundler, and remembers which files were fetched. */
async function serve() {
  const fetched = new Map();
  const types = { ".js": "text/javascript", ".wasm": "application/wasm" };
  const server = createServer((asked, answer) => {
    const path = new URL(asked.url, "http://localhost").pathname;
    const type = types[/\.\w+$/.exec(path)?.[0]];
    if (!type)
      return answer
        .setHeader("content-type", "text/html")
        .end(path === "/" ? "<!doctype html><title>start</title>" : "");
    const body = readFileSync(join(PACKAGE, path)); // the URL's path has no dots left in it
    fetched.set(path, { bytes: body.length, gzip: gzipSync(body, { level: 9 }).length });
    return answer.setHeader("content-type", type).end(body);
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  return { url: `http://127.0.0.1:${server.address().port}/`, fetched, close: () => server.close() };
}

/** The milliseconds from the first `import` to the first answer; Chromium slows the processor down so many times. */
async function inChromium(browser, url, slower) {
  const runs = [];
  for (let n = 0; n < STARTS; n += 1) {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(url);
    const session = await context.newCDPSession(page);
    await session.send("Emulation.setCPUThrottlingRate", { rate: slower });
    runs.push(
      await page.evaluate(async (request) => {
        const begun = performance.now();
        const { init, validateRedemption } = await import("/browser.js");
        await init();
        const loaded = performance.now();
        const { status } = validateRedemption(request);
        const answered = performance.now();
        if (status !== "accepted") throw new Error(`the first answer was ${status}`);
        return [loaded - begun, answered - loaded];
      }, request),
    );
    await context.close();
  }
  const [load_ms, first_ms] = [0, 1].map((part) => round(median(runs.map((run) => run[part]))));
  return { load_ms, first_ms };
}

const weigh = (path) => {
  const body = readFileSync(path);
  return { bytes: body.length, gzip: gzipSync(body, { level: 9 }).length };
};
const folderOf = (name) =>
  require.resolve
    .paths(name)
    .map((path) => join(path, name))
    .find((path) => {
      try {
        return readdirSync(path);
      } catch {
        return false;
      }
    }) ?? assert.fail(`${name} is not installed`);

const [facts] = factsOf(request);
const LOGIC = `{ and: [{ "<=": [{ "+": [{ var: "used" }, { var: "quantity" }] }, { var: "max_uses" }] }] }`;
const cedar = `({
  principal: { type: "User", id: "a" },
  action: { type: "Action", id: "b" },
  resource: { type: "Code", id: "c" },
  entities: [],
  context: { used: 1 },
  policies: { staticPolicies: "permit(principal, action, resource) when { context.used <= 2 };" },
})`;
const jsonRule = `{ conditions: { all: [{ fact: "used", operator: "equal", value: 1 }] }, event: { type: "yes" } }`;
const node = {
  redeemable: inNode(
    { module: "redeemable", names: "validateRedemption" },
    `validateRedemption(${JSON.stringify(request)}).status === "accepted"`,
  ),
  "by hand": inNode(
    { module: "./handwritten.js", names: "validateRedemption" },
    `validateRedemption(${JSON.stringify(request)}).status === "accepted"`,
  ),
  "json-logic-engine": inNode(
    { module: "json-logic-engine", names: "LogicEngine" },
    `new LogicEngine().build(${LOGIC})(${JSON.stringify(facts)})`,
  ),
  "json-rules-engine": inNode(
    { module: "json-rules-engine", names: "Engine" },
    `(await new Engine([${jsonRule}]).run({ used: 1 })).events.length === 1`,
  ),
  "cel-js": inNode(
    { module: "cel-js", names: "evaluate" },
    `evaluate("used + quantity <= max_uses", ${JSON.stringify(facts)})`,
  ),
  "cedar-wasm": inNode(
    { module: "@cedar-policy/cedar-wasm/nodejs", names: "isAuthorized" },
    `isAuthorized(${cedar}).response.decision === "allow"`,
  ),
  "zen-engine": inNode(
    { module: "@gorules/zen-engine", names: "evaluateExpressionSync" },
    `evaluateExpressionSync("used + quantity <= max_uses", ${JSON.stringify(facts)})`,
  ),
};
console.log("Node, from a new process's import".padEnd(40) + "import ms".padStart(12) + "first answer ms".padStart(18));
for (const [name, { import_ms, first_ms }] of Object.entries(node))
  console.log(name.padEnd(40) + String(import_ms).padStart(12) + String(first_ms).padStart(18));

const site = await serve();
const settings = JSON.parse(readFileSync(join(ROOT, "webdriver.json"), "utf8"));
const browser = await chromium.launch({
  executablePath: program("chromium"),
  args: settings["goog:chromeOptions"].args,
});
const browsers = {};
try {
  browsers["this machine"] = await inChromium(browser, site.url, 1);
  browsers["a processor 4 times slower"] = await inChromium(browser, site.url, 4);
} finally {
  await browser.close();
  site.close();
}
console.log(
  `\n${"Chromium, from import to init()'s end".padEnd(40)}${"load ms".padStart(12)}${"first answer ms".padStart(18)}`,
);
for (const [name, { load_ms, first_ms }] of Object.entries(browsers))
  console.log(name.padEnd(40) + String(load_ms).padStart(12) + String(first_ms).padStart(18));

const add = (one, other) => ({ bytes: one.bytes + other.bytes, gzip: one.gzip + other.gzip });
const native = folderOf(
  `@gorules/zen-engine-${process.platform}-${process.arch}${process.platform === "linux" ? "-gnu" : ""}`,
);
const weights = {
  "redeemable, the wasm": weigh(join(PACKAGE, "dist/redeemable_bg.wasm")),
  "redeemable, all that the page fetched": [...site.fetched.values()].reduce(add),
  "cedar-wasm, the wasm": weigh(join(folderOf("@cedar-policy/cedar-wasm"), "web/cedar_wasm_bg.wasm")),
  "zen-engine, the native module": weigh(
    join(
      native,
      readdirSync(native).find((name) => name.endsWith(".node")),
    ),
  ),
};
console.log(`\n${"weight".padEnd(40)}${"bytes".padStart(12)}${"gzip".padStart(18)}`);
for (const [name, { bytes, gzip }] of Object.entries(weights))
  console.log(name.padEnd(40) + String(bytes).padStart(12) + String(gzip).padStart(18));
mkdirSync(`${ROOT}target/bench`, { recursive: true });
writeFileSync(
  `${ROOT}target/bench/start.json`,
  `${JSON.stringify(
    { starts: STARTS, node, chromium: browsers, fetched: Object.fromEntries(site.fetched), weights },
    null,
    2,
  )}\n`,
);
