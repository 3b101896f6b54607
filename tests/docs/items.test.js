// Checks that every public item has documentation, in TypeScript and Python (in Rust, the compiler checks it), and that
// every function and every field of a promotion is told to hosts.
import assert from "node:assert/strict";
import { test } from "node:test";
import { modules } from "../../docs/build/python.mjs";
import { entries } from "../../docs/build/typescript.mjs";
import { documents, read, root } from "./support.js";

test("every export of the JavaScript package, and every field of it, has a comment", () => {
  const found = entries(root);
  assert.ok(found.flatMap(({ items }) => items).length > 70);
  const silent = [];
  for (const { entry, items } of found) {
    for (const { name, doc, members } of items) {
      if (!doc) silent.push(`${entry}: ${name}`);
      for (const member of members) {
        // A field of literal values needs no comment, nor does a field that the comment of its type names.
        const isTold = member.doc || member.isLiteral || doc.includes(`\`${member.name}\``);
        if (!isTold) silent.push(`${entry}: ${name}.${member.name}`);
      }
    }
  }
  assert.deepEqual(silent, []);
});

test("every public item of the Python package has a docstring", () => {
  const found = modules(root);
  assert.ok(found.flatMap(({ items }) => items).length > 90);
  const silent = found.filter(({ doc }) => !doc).map(({ name }) => name);
  // Store classes need no docstrings on these methods: the protocols Store, Audited and Divided describe them.
  const host = found.find(({ name }) => name === "redeemable.host");
  const told = host.items
    .filter(({ name }) => ["Store", "Audited", "Divided"].includes(name))
    .flatMap(({ members }) => members.map(({ name }) => name));
  const methods = ["commit", "differences", "find", "old", "person", "prune", "read", "scan", "split"];
  assert.deepEqual(told.sort(), methods);
  for (const { name: module, items } of found) {
    for (const { name, doc, members } of items) {
      if (!doc) silent.push(`${module}.${name}`);
      const isStore = /Store|^(Async)?Joined|^Blocking$/.test(name);
      for (const member of members) {
        // The docstring of the class describes the arguments of `__init__`.
        if (member.doc || member.name === "__init__" || (isStore && told.includes(member.name))) continue;
        silent.push(`${module}.${name}.${member.name}`);
      }
    }
  }
  assert.deepEqual(silent, []);
});

test("every function is told on a page for hosts, and in the changelog", () => {
  const pages = [...documents, "KIT.md"].filter((path) => path !== "CONTRIBUTING.md").map(read);
  const untold = [];
  for (const { name } of JSON.parse(read("contract/functions.json")).functions) {
    if (name.startsWith("prepare")) continue; // they are the methods of PreparedRules
    const used = new RegExp(`\\b${name}[\`(]`);
    if (!pages.some((text) => used.test(text))) untold.push(`docs/ and KIT.md: ${name}`);
    if (!read("CHANGELOG.md").includes(`\`${name}\``)) untold.push(`CHANGELOG.md: ${name}`);
  }
  assert.deepEqual(untold, []);
});

test("every kind of discount is told in the changelog", () => {
  const kinds = JSON.parse(read("contract/schema.json")).$defs.Discount.oneOf.map(
    ({ properties }) => properties.kind.const,
  );
  assert.deepEqual(
    kinds.filter((kind) => !read("CHANGELOG.md").includes(`\`${kind}\``)),
    [],
  );
});

test("every field of a promotion and of a policy is in the changelog", () => {
  const { Promo, Policy } = JSON.parse(read("contract/schema.json")).$defs;
  const fields = Object.keys({ ...Promo.properties, ...Policy.properties });
  assert.ok(fields.length > 30);
  assert.deepEqual(
    fields.filter((field) => !new RegExp(`\\b${field}\\b`).test(read("CHANGELOG.md"))),
    [],
  );
});

test("Rust's compiler refuses a public item without documentation", () => {
  const lints = /\n\[(?:workspace\.)?lints\.rust\]\n([^[]*)/.exec(read("Cargo.toml"))[1];
  assert.match(lints, /^missing_docs = "(warn|deny|forbid)"/m);
});
