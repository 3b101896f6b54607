// Makes the tarball, temporary projects that install it, a server for their pages, and browsers.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { accessSync, constants, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { delimiter, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Builder } from "selenium-webdriver";
import * as chrome from "selenium-webdriver/chrome.js";
import * as firefox from "selenium-webdriver/firefox.js";

const packageRoot = fileURLToPath(new URL("../../pkg/js/", import.meta.url));
const fixtures = fileURLToPath(new URL("./fixtures/", import.meta.url));

// Outside the workspace, so that a consumer can only import what the tarball contains.
const outside = mkdtempSync(join(tmpdir(), "redeemable-consumers-"));
process.once("exit", () => rmSync(outside, { recursive: true, force: true }));

/** Runs npm as a user would: without the variables of an npm that runs this test, and with an empty cache. */
function npm(folder, ...args) {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name)));
  const { status, stdout, stderr } = spawnSync("npm", [...args, "--cache", join(outside, "cache")], {
    cwd: folder,
    env,
    encoding: "utf8",
  });
  assert.equal(status, 0, `npm ${args.join(" ")}\n${stdout}${stderr}`);
  return stdout;
}

/** The tarball that `npm pack` makes of the package. */
export const tarball = (() => {
  const [{ filename, size, files }] = JSON.parse(npm(packageRoot, "pack", "--json", "--pack-destination", outside));
  return { file: join(outside, filename), bytes: size, files: files.map(({ path }) => path).sort() };
})();

/** A folder in which nothing is installed. */
export const emptyFolder = () => mkdtempSync(join(outside, "empty-"));

/** A folder with the fixtures and with the package installed from its tarball, offline. */
export function consumer(...names) {
  const folder = mkdtempSync(join(outside, "consumer-"));
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "consumer", private: true, type: "module" }));
  npm(folder, "install", "--offline", tarball.file);
  for (const name of ["decisions.js", "decisions.d.ts", ...names])
    cpSync(join(fixtures, name), join(folder, name.split("/").at(-1)), { recursive: true });
  return folder;
}

/** A file of the package that the consumer has installed. */
export const installed = (folder, path) => readFileSync(join(folder, "node_modules/redeemable", path));

/** Runs a program in Node, which must print nothing on stderr. Returns the JSON value that it printed. */
export function run(folder, ...args) {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: "utf8" });
  assert.deepEqual(
    { status, stderr: stderr.slice(-2000) },
    { status: 0, stderr: "" },
    `node ${args.join(" ")}\n${stdout}`,
  );
  return JSON.parse(stdout);
}

const tsc = createRequire(import.meta.url).resolve("typescript/bin/tsc");

/** Compiles files of a consumer strictly, and library files, too; the types of browsers and Node are left out. */
export function compile(folder, files, options) {
  const compilerOptions = {
    target: "es2022",
    lib: ["es2022"],
    types: [],
    strict: true,
    skipLibCheck: false,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    outDir: "out",
    rootDir: ".",
    ...options,
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files }));
  const { status, stdout } = spawnSync(process.execPath, [tsc, "-p", folder, "--pretty", "false"], {
    encoding: "utf8",
  });
  assert.equal(status, 0, stdout);
}

const TYPES = { ".html": "text/html", ".js": "text/javascript", ".wasm": "application/wasm" };

/** Serves folders by name, and remembers the requested paths. `refuse` says which requests get a 503. */
export async function serve(folders, refuse = () => false) {
  const asked = [];
  const server = createServer(({ url }, response) => {
    const { pathname } = new URL(url, "http://host");
    const [, name, ...path] = pathname.split("/");
    asked.push(pathname);
    try {
      const file = path.at(-1) === "" ? [...path, "index.html"] : path;
      const body = readFileSync(join(folders[name], ...file));
      response
        .writeHead(refuse(pathname, asked) ? 503 : 200, { "content-type": TYPES[extname(file.at(-1))] })
        .end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    asked,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** The path of a program on the PATH. With it, selenium neither searches elsewhere for a driver nor downloads one. */
function program(...names) {
  for (const name of names) {
    for (const folder of process.env.PATH.split(delimiter)) {
      try {
        accessSync(join(folder, name), constants.X_OK);
        return join(folder, name);
      } catch {}
    }
  }
  throw new Error(`${names.join(" or ")} is not on the PATH`);
}

export const {
  "goog:chromeOptions": { args: chromiumArguments },
  "moz:firefoxOptions": { args: firefoxArguments },
} = JSON.parse(readFileSync(new URL("../../webdriver.json", import.meta.url), "utf8"));

export const chromium = () => program("chromium", "chromium-browser", "google-chrome");

export const browsers = {
  chromium: () =>
    new Builder()
      .forBrowser("chrome")
      .setChromeOptions(new chrome.Options().setChromeBinaryPath(chromium()).addArguments(...chromiumArguments))
      .setChromeService(new chrome.ServiceBuilder(program("chromedriver")))
      .build(),
  firefox: () =>
    new Builder()
      .forBrowser("firefox")
      .setFirefoxOptions(
        new firefox.Options().setBinary(program("firefox-esr", "firefox")).addArguments(...firefoxArguments),
      )
      .setFirefoxService(new firefox.ServiceBuilder(program("geckodriver")))
      .build(),
};

/** Opens a page and waits for the value it leaves in `globalThis.result`. */
export async function open(driver, url) {
  await driver.get(url);
  return JSON.parse(
    await driver.wait(
      () => driver.executeScript("return JSON.stringify(globalThis.result)"),
      20_000,
      `${url} has left no result`,
    ),
  );
}
