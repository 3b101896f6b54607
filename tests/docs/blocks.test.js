// Runs every code block of every document, unchanged: JavaScript in Node, Python with the package, SQL on SQLite and
// PostgreSQL, or on the database that the block names. A block marked `continues` is appended to the block before it.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, delimiter, join } from "node:path";
import { test } from "node:test";
import Database from "better-sqlite3";
import mysql from "mysql2/promise";
import pg from "pg";
import { validateRedemption } from "redeemable";
import { mysqlStore } from "redeemable/mysql";
import { migration as sqlite } from "redeemable/sqlite";
import { migration as postgres } from "redeemable/postgres";
import { blocksOf, documents, examplesOf, read, root } from "./support.js";

// Inside the repository, so that programs in it find `redeemable`; git ignores it.
const folder = join(root, "target/docs-blocks");
mkdirSync(folder, { recursive: true });
const python = join(root, ".venv/bin/python");

test("the databases and the Python environment are there", () => {
  const { DATABASE_URL, MYSQL_URL } = process.env;
  assert.ok(
    DATABASE_URL && MYSQL_URL,
    "run scripts/postgres scripts/pgbouncer scripts/mariadb npm test --workspace tests/docs",
  );
  assert.ok(existsSync(python), "run scripts/setup python");
});

const RUN = {
  js: (text, name) => program(process.execPath, `${name}.mjs`, text),
  python: (text, name) => program(python, `${name}.py`, text),
  sql: runSql,
  json: checkJson,
  // commands-documents.test.js runs the blocks of commands.
  sh: (text, _name, info) => info === "commands" || checkShell(text),
  text() {},
  // howto.test.js applies the patches.
  diff() {},
};

for (const document of documents) {
  const blocks = blocksOf(read(document));
  test(`${document}: every block names its language`, () => {
    assert.deepEqual(
      blocks.filter(({ language }) => !(language in RUN)).map(({ text }) => text),
      [],
    );
  });
  const groups = [];
  for (const block of blocks) {
    if (!block.info.includes("continues"))
      groups.push({ ...block, name: `${basename(document, ".md")}-${groups.length + 1}` });
    else groups.findLast(({ language }) => language === block.language).text += block.text;
  }
  for (const { language, info, text, name } of groups) {
    if (["text", "diff"].includes(language)) continue;
    test(`${document}, ${name} (${language})`, () => RUN[language]?.(text, name, info));
  }
}

test("CONTRIBUTING.md: the commands to run after a change exist", () => {
  const { rows } = examplesOf(read("CONTRIBUTING.md")).find(({ columns }) => columns?.join() === "you changed,run");
  const commands = rows
    .flatMap(({ run }) => run.split(/, then |, and |, /))
    .map((command) => command.replace(/ for the page in browsers$/, ""));
  assert.ok(commands.includes("scripts/build"), commands.join("\n"));
  checkShell(commands.filter((command) => command !== "both kits' tests").join("\n"));
});

/** Runs a program in a folder of its own. It must exit with 0 and print nothing on stderr. */
function program(command, name, text) {
  const file = join(folder, name);
  writeFileSync(file, text);
  const cwd = mkdtempSync(join(tmpdir(), "redeemable-docs-"));
  const env = { ...process.env, PYTHONPATH: join(root, "pkg/python/src") };
  const { status, stdout, stderr } = spawnSync(command, [file], { cwd, env, encoding: "utf8", timeout: 60_000 });
  rmSync(cwd, { recursive: true });
  assert.equal(stderr, "");
  assert.equal(status, 0, stdout.slice(-4000));
}

/** Executes the statements on empty tables of the kit, on the databases that the block is for. */
async function runSql(text, _name, info) {
  // tests/kit/partitions.test.js runs this block before the tables are there, and sells on what it makes.
  if (info.includes("partitions")) return;
  if (info.includes("mysql")) {
    const connection = await mysql.createConnection({ uri: process.env.MYSQL_URL, multipleStatements: true });
    await mysqlStore(connection).migrate();
    await connection.query(text);
    await connection.end();
    return;
  }
  if (!info.includes("postgres")) {
    const db = new Database(":memory:");
    db.exec(sqlite);
    db.exec(text);
    db.close();
  }
  if (!info.includes("sqlite")) {
    const client = new pg.Client({ connectionString: process.env.DATABASE_URL });
    await client.connect();
    try {
      await client.query(`BEGIN; ${postgres}`);
      await client.query(text);
      await client.query("ROLLBACK");
    } finally {
      await client.end();
    }
  }
}

/** Checks that the block is JSON, and that the engine accepts it if it is a promotion. */
function checkJson(text, _name, info) {
  const value = JSON.parse(text);
  if (info !== "promo") return;
  const { promos, policy } = value.promos ? value : { promos: [value].flat() };
  const order = { event_id: "gala", currency: "EUR", lines: [{ unit_price: 4500, quantity: 1 }] };
  assert.equal(validateRedemption({ codes: [], promos, policy, order, now_ms: 1_800_000_000_000 }).status, "accepted");
}

/** Checks that each command exists: the program, make's target, the script, npm's workspace, cargo's test. */
function checkShell(text) {
  for (const line of text.trim().split("\n")) {
    const [command, argument] = line
      .replace(/^(\w+=\S+ )+/, "")
      .replace(/ #.*$/, "")
      .split(" ");
    const isThere = command.includes("/")
      ? existsSync(join(root, command))
      : process.env.PATH.split(delimiter).some((path) => existsSync(join(path, command)));
    assert.ok(isThere, `${command} of \`${line}\``);
    if (command === "make")
      assert.match(read("Makefile"), new RegExp(`^${argument}:|^\\.PHONY:.* ${argument}\\b`, "m"), line);
    const [, workspace] = / --workspace (\S+)/.exec(line) ?? [];
    if (workspace) assert.ok(JSON.parse(read("package.json")).workspaces.includes(workspace), line);
    const [, target] = /^cargo test --test (\S+)/.exec(line) ?? [];
    if (target)
      assert.ok(
        existsSync(join(root, `tests/${target}.rs`)) || read("Cargo.toml").includes(`name = "${target}"`),
        line,
      );
  }
}
