// Promos to CSV and back: the table that both packages share, every promo of the vectors, and what a file may not be.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { fromCsv, toCsv } from "redeemable/csv";

const read = (path) => JSON.parse(readFileSync(new URL(`../../tests/${path}`, import.meta.url), "utf8"));
const table = read("csv.json");

/** Null and absent mean the same. */
const given = (object) => Object.fromEntries(Object.entries(object).filter(([, value]) => value !== null));
const compared = (promo) => given(promo.discount == null ? promo : { ...promo, discount: given(promo.discount) });

test("promos are written as in the table, and read back", () => {
  for (const { promos, delimiter, csv } of table.both) {
    assert.equal(toCsv(promos, { delimiter }), csv);
    assert.deepEqual(fromCsv(csv), { promos, errors: [] });
  }
});

test("files of others are read", () => {
  for (const { csv, options, promos } of table.read) assert.deepEqual(fromCsv(csv, options), { promos, errors: [] });
});

test("of a file with a mistake nothing is taken, and each mistake has its line", () => {
  for (const { csv, options, errors } of table.wrong) assert.deepEqual(fromCsv(csv, options), { promos: null, errors });
});

test("every well-formed promo of the vectors comes back", () => {
  const files = readdirSync(new URL("../vectors/", import.meta.url)).filter((name) => name.endsWith(".json"));
  const promos = files.flatMap((name) => read(`vectors/${name}`).cases ?? []).filter(({ error }) => !error).flatMap(({ request }) => request.promos ?? []).filter(({ id }) => !id?.includes("\0"));
  assert.ok(promos.length > 500, `${promos.length} promos`);
  for (const promo of promos) assert.deepEqual(fromCsv(toCsv([promo])), { promos: [compared(promo)], errors: [] });
  // And together, as far as their codes and ids differ.
  const seen = new Set();
  const different = promos.filter(({ code, id }) => {
    const keys = [`code ${code.trim().toUpperCase()}`, `id ${id ?? `of ${code}`}`];
    const isNew = !keys.some((key) => seen.has(key));
    for (const key of keys) seen.add(key);
    return isNew && /^[\x21-\x7e]+$/.test(code);
  });
  assert.ok(different.length > 20, `${different.length} different promos`);
  assert.deepEqual(fromCsv(toCsv(different)), { promos: different.map(compared), errors: [] });
});

test("every field of a promo has a column", () => {
  const { promos } = read("documents.json").validateRedemption;
  assert.deepEqual(fromCsv(toCsv(promos)).promos, promos.map(compared));
});

test("whatever a text begins with, it comes back, and no cell is a formula", () => {
  const alphabet = ["=", "+", "-", "@", "'", '"', ",", ";", "\t", "\r", "\n", " ", "＝", "＋", "a", "7", "ä", "{", "\ufeff"];
  let seed = 1;
  const next = (below) => (seed = (seed * 48271) % 2147483647) % below;
  for (let round = 0; round < 2000; round++) {
    const id = Array.from({ length: 1 + next(6) }, () => alphabet[next(alphabet.length)]).join("");
    const promos = [{ code: `C${round}`, id, discount_percent: 1 }];
    const delimiter = [",", ";", "\t"][next(3)];
    const csv = toCsv(promos, { delimiter });
    assert.deepEqual(fromCsv(csv), { promos, errors: [] }, JSON.stringify(id));
    const cell = csv.split(delimiter).slice(3).join(delimiter).replace(/^"/, "");
    assert.doesNotMatch(cell, /^[=+\-@\t\r\n＝＋－＠]/, JSON.stringify(csv));
  }
});

test("a guest list of any length is one cell", () => {
  const promos = [{ code: "GUESTS", discount: { kind: "free" }, only_for: { email: Array.from({ length: 10_000 }, (_, index) => `guest-${index}@example.org`) } }];
  assert.deepEqual(fromCsv(toCsv(promos)), { promos, errors: [] });
});

test("what cannot be written without loss is an error", () => {
  const promo = { code: "A", discount_percent: 1 };
  const fails = (expected, promos, options) => assert.throws(() => toCsv(promos, options), expected);
  fails({ code: "invalid_promo", path: "promos[1].max_usse" }, [promo, { code: "B", discount_percent: 1, max_usse: 5 }]);
  fails({ code: "invalid_promo", path: "promos[0].discount.amuont" }, [{ code: "A", discount: { kind: "amount_per_order", amuont: 5 } }]);
  fails({ code: "duplicate_code", path: "promos[1].code" }, [promo, { ...promo, code: "a" }]);
  fails({ code: "invalid_request", path: "promos[1].id", message: "expected no U+0000, which CSV cannot hold" }, [promo, { code: "B", discount_percent: 1, id: "a\0" }]);
  fails({ code: "invalid_request", path: "promos" }, null);
  fails({ code: "invalid_request", path: "options.delimiter", message: "expected a comma, a semicolon or a tab" }, [promo], { delimiter: "|" });
  fails({ code: "invalid_request", path: "options.separator", message: "unknown field, expected one of delimiter" }, [promo], { separator: ";" });
  for (const text of [null, undefined, Buffer.from("code\n")]) assert.throws(() => fromCsv(text), { code: "invalid_request", path: "", message: "expected text" });
});
