// What the pages for organisers and operators and DESIGN.md list by hand is all that the contract has.
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { test } from "node:test";
import { read, root } from "./support.js";

const json = (path) => JSON.parse(read(path));

test("docs/organiser.md names every field of a promotion, and every reason for which a code is refused", () => {
  const page = read("docs/organiser.md");
  const fields = Object.keys(json("contract/schema.json").$defs.Promo.properties);
  const refusals = json("contract/reasons.json").reasons.filter(({ about }) => about.includes("code"));
  const named = (name) => new RegExp(`\\b${name}\\b`).test(page);
  assert.ok(refusals.length > 15);
  assert.deepEqual(
    [...fields, ...refusals.map(({ reason }) => reason)].filter((name) => !named(name)),
    [],
  );
});

test("DESIGN.md says of each limit whether checkPromo takes it for one in all, for each person, or neither", () => {
  const { Promo, Policy } = json("contract/schema.json").$defs;
  const limits = Object.keys({ ...Promo.properties, ...Policy.properties }).filter((name) => name.startsWith("max_"));
  const paragraph = read("DESIGN.md").match(/(?<=\n)The table says that something is limited .*/)[0];
  assert.ok(limits.length > 7);
  // `max_hold_ms` bounds the time of a hold, not what is sold.
  assert.deepEqual(
    limits.filter((name) => name !== "max_hold_ms" && !paragraph.includes(`\`${name}\``)),
    [],
  );
});

test("docs/stores.md lists every kind of counter key", () => {
  const rows = read("docs/stores.md").match(/(?<=\n\| key \| counts \|\n.*\n)(?:\|.*\n)+/)[0];
  const cells = rows.split("\n").map((row) => row.split("|")[1] ?? "");
  const kinds = cells.flatMap((cell) => [...cell.matchAll(/`(.+?)`/g)].map(([, kind]) => kind));
  const patterns = kinds.map((kind) => new RegExp(`^${kind.replaceAll(/<\w+>/g, "[^/]+")}$`));
  const vectors = readdirSync(`${root}/tests/vectors`).filter((name) => name.endsWith(".json"));
  const keys = vectors
    .flatMap((name) => json(`tests/vectors/${name}`).cases)
    .filter(({ call }) => call === "usageKeys")
    .flatMap(({ answer }) => answer ?? []);
  assert.ok(keys.length > 50);
  assert.deepEqual(
    keys.filter((key) => !patterns.some((pattern) => pattern.test(key))),
    [],
  );
});
