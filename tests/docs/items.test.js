// Every public item says what it is: in TypeScript, in Python, and in Rust, where the compiler sees to it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { modules } from "../../docs/build/python.mjs";
import { entries } from "../../docs/build/typescript.mjs";
import { read, root } from "./support.js";

test("every export of the JavaScript package, and every field of it, has a comment", () => {
  const found = entries(root);
  assert.ok(found.flatMap(({ items }) => items).length > 70);
  const silent = [];
  for (const { entry, items } of found) {
    for (const { name, doc, members } of items) {
      if (!doc) silent.push(`${entry}: ${name}`);
      for (const member of members) {
        // A field that has but the values that it names says enough, and the comment of its type may speak of it.
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
  // A store's functions are told where a store is described.
  const host = found.find(({ name }) => name === "redeemable.host");
  const told = host.items
    .filter(({ name }) => ["Store", "Audited"].includes(name))
    .flatMap(({ members }) => members.map(({ name }) => name));
  assert.deepEqual(told.sort(), ["commit", "find", "read", "recount", "scan"]);
  for (const { name: module, items } of found) {
    for (const { name, doc, members } of items) {
      if (!doc) silent.push(`${module}.${name}`);
      const isStore = name.includes("Store") || name === "Blocking";
      for (const member of members) {
        // What `__init__` takes, the class says.
        if (member.doc || member.name === "__init__" || (isStore && told.includes(member.name))) continue;
        silent.push(`${module}.${name}.${member.name}`);
      }
    }
  }
  assert.deepEqual(silent, []);
});

test("Rust's compiler refuses a public item without documentation", () => {
  const lints = /\n\[(?:workspace\.)?lints\.rust\]\n([^[]*)/.exec(read("Cargo.toml"))[1];
  assert.match(lints, /^missing_docs = "(warn|deny|forbid)"/m);
});
