// `npx redeemable` as the tarball installs it, where no driver and no other package is installed.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { consumer, emptyFolder, installed } from "./support.js";

let folder;
before(() => {
  folder = consumer();
  const promo = { code: "EARLY20", discount_percent: 20, max_uses: 100 };
  writeFileSync(join(folder, "promos.json"), JSON.stringify(promo));
  writeFileSync(join(folder, "promos.csv"), "code,discount_percent,max_uses\nEARLY20,20,100\n");
  writeFileSync(join(folder, "shop.sqlite"), "");
});

function run(...words) {
  const env = { ...process.env, npm_config_cache: emptyFolder() };
  const command = ["--offline", "redeemable", ...words];
  const { status, stdout, stderr } = spawnSync("npx", command, { cwd: folder, env, encoding: "utf8" });
  return { status, stdout, stderr };
}
const fails = (words, message) =>
  assert.deepEqual(run(...words), { status: 2, stdout: "", stderr: `redeemable: ${message}\n` });

test("it checks promotions, and prints the schema", () => {
  assert.deepEqual(run("check", "promos.json"), { status: 0, stdout: "1 promotion: nothing found\n", stderr: "" });
  assert.equal(run("schema").stdout, installed(folder, "dist/schema.json").toString());
});

test("it says which package a command needs", () => {
  const table = run("check", "promos.csv");
  assert.deepEqual([table.status, table.stdout], [2, ""]);
  assert.match(table.stderr, /^redeemable: a table needs two packages: npm install csv-parse csv-stringify \(.*\)\n$/);
  fails(["audit", "--url", "postgres://localhost/shop"], "postgres:// needs the package pg: npm install pg");
  fails(["audit", "--url", "mysql://localhost/shop"], "mysql:// needs the package mysql2: npm install mysql2");
  fails(
    ["audit", "--url", "sqlite:shop.sqlite"],
    "sqlite: needs the package better-sqlite3: npm install better-sqlite3",
  );
});
