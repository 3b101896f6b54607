// Every block of every document is run as it stands: JavaScript in Node, Python against the package, SQL on both
// databases. A block whose information says `continues` belongs to the one before it.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, delimiter, join } from "node:path";
import { test } from "node:test";
import Database from "better-sqlite3";
import pg from "pg";
import { validateRedemption } from "redeemable";
import { migration as sqlite } from "redeemable/sqlite";
import { migration as postgres } from "redeemable/postgres";
import { blocksOf, documents, examplesOf, read, root } from "./support.js";

// Inside the repository, so that `redeemable` is found; ignored by git.
const folder = join(root, "target/docs-blocks");
mkdirSync(folder, { recursive: true });
const python = join(root, ".venv/bin/python");

test("PostgreSQL and the Python environment are there", () => {
  assert.ok(process.env.DATABASE_URL, "run scripts/postgres npm test --workspace tests/docs");
  assert.ok(existsSync(python), "run scripts/setup python");
});

const RUN = {
  js: (text, name) => program(process.execPath, `${name}.mjs`, text),
  python: (text, name) => program(python, `${name}.py`, text),
  sql: runSql,
  json: checkJson,
  sh: checkShell,
  text() {},
  // Patches are tried in howto.test.js.
  diff() {},
};

for (const document of documents) {
  const blocks = blocksOf(read(document));
  test(`${document}: every block says what it is`, () => {
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

test("CONTRIBUTING.md: what is to be run after a change is there", () => {
  const { rows } = examplesOf(read("CONTRIBUTING.md")).find(({ columns }) => columns?.join() === "you changed,run");
  const commands = rows
    .flatMap(({ run }) => run.split(/, then |, and |, /))
    .map((command) => command.replace(/ for the page in browsers$/, ""));
  assert.ok(commands.includes("scripts/build"), commands.join("\n"));
  checkShell(commands.filter((command) => command !== "both kits' tests").join("\n"));
});

/** Runs a program in a folder of its own; it must end well and complain of nothing. */
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

/** A statement is executed on the kit's tables, as they are, on the databases that it is for. */
async function runSql(text, _name, info) {
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

/** JSON is JSON, and a promotion is one that the engine takes. */
function checkJson(text, _name, info) {
  const value = JSON.parse(text);
  if (info !== "promo") return;
  const { promos, policy } = value.promos ? value : { promos: [value].flat() };
  const order = { event_id: "gala", currency: "EUR", lines: [{ unit_price: 4500, quantity: 1 }] };
  assert.equal(validateRedemption({ codes: [], promos, policy, order, now_ms: 1_800_000_000_000 }).status, "accepted");
}

/** What a reader is told to type exists here: the program, the target of make, the script. */
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
