// Promos to CSV and back: the table of cases that both packages share, every promo of the vectors, and faulty files.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { fromCsv, toCsv } from "redeemable/csv";
import { COLUMNS } from "../../pkg/js/csv-columns.js";

const read = (path) => JSON.parse(readFileSync(new URL(`../../tests/${path}`, import.meta.url), "utf8"));
/** The table, with the names of all columns where it says `<columns>`: a new field of a promo is a new column. */
const table = JSON.parse(
  JSON.stringify(read("csv.json")).replaceAll(
    "<columns>",
    Object.keys(COLUMNS)
      .filter((name) => !name.includes("."))
      .join(", "),
  ),
);

/** A promo without its null fields, at any depth: null and absent mean the same. */
function compared(value) {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(compared);
  const given = Object.entries(value).filter(([, inner]) => inner !== null);
  return Object.fromEntries(given.map(([name, inner]) => [name, compared(inner)]));
}

test("promos are written as in the table, and read back", () => {
  for (const { promos, delimiter, csv } of table.both) {
    assert.equal(toCsv(promos, { delimiter }), csv);
    assert.deepEqual(fromCsv(csv), { promos, errors: [] });
  }
});

test("files that other programs wrote are read", () => {
  for (const { csv, options, promos } of table.read) assert.deepEqual(fromCsv(csv, options), { promos, errors: [] });
});

test("a file with mistakes gives no promo, and each mistake names its line", () => {
  for (const { csv, options, errors } of table.wrong) assert.deepEqual(fromCsv(csv, options), { promos: null, errors });
});

test("every well-formed promo of the vectors comes back", () => {
  const files = readdirSync(new URL("../vectors/", import.meta.url)).filter((name) => name.endsWith(".json"));
  const promos = files
    .flatMap((name) => read(`vectors/${name}`).cases ?? [])
    .filter(({ call, error }) => call !== "validatePromos" && !error)
    .flatMap(({ request }) => request.promos ?? [])
    .filter(({ id }) => !id?.includes("\0"));
  assert.ok(promos.length > 500, `${promos.length} promos`);
  for (const promo of promos) assert.deepEqual(compared(fromCsv(toCsv([promo])).promos), [compared(promo)]);
  // All promos together in one file, as long as their codes and ids differ. At most 32 may be automatic: none is here.
  const seen = new Set();
  const different = promos.filter(({ code, id, automatic }) => {
    if (automatic) return false;
    const keys = [`code ${code.trim().toUpperCase()}`, `id ${id ?? `of ${code}`}`];
    const isNew = !keys.some((key) => seen.has(key));
    for (const key of keys) seen.add(key);
    return isNew && /^[\x21-\x7e]+$/.test(code);
  });
  assert.ok(different.length > 20, `${different.length} different promos`);
  assert.deepEqual(compared(fromCsv(toCsv(different)).promos), compared(different));
});

test("every field of a promo has a column", () => {
  const { promos } = read("documents.json").validateRedemption;
  assert.deepEqual(fromCsv(toCsv(promos)).promos, promos.map(compared));
});

test("every text comes back unchanged, and no cell is a formula, whatever the delimiter", () => {
  const alphabet = [
    "=",
    "+",
    "-",
    "@",
    "'",
    '"',
    ",",
    ";",
    "\t",
    "\r",
    "\n",
    " ",
    "＝",
    "＋",
    "a",
    "7",
    "ä",
    "{",
    "\\",
    "\ufeff",
  ];
  const text = texts(alphabet);
  for (let round = 0; round < 2000; round++) {
    const promos = [
      {
        code: `C${round}`,
        id: text(),
        discount_percent: 1,
        events: [text(), text()],
        only_for: { email: [`a${text()}`, `${text()}a`] },
      },
    ];
    for (const delimiter of [",", ";", "\t"]) {
      const csv = toCsv(promos, { delimiter });
      assert.deepEqual(fromCsv(csv), { promos, errors: [] }, JSON.stringify(promos));
      // Also for a program that ignores quotes and splits the file at each delimiter.
      for (const cell of csv.split(/[,;\t\r\n]/)) assert.doesNotMatch(cell, /^"*[=+\-@＝＋－＠]/, JSON.stringify(csv));
    }
  }
});

test("a spreadsheet never reads a code as a number, and each code comes back", () => {
  const text = texts(["0", "1", "7", "E", "-", ".", ",", "'", "A", "%", "MAR", " "]);
  for (let round = 0; round < 2000; round++) {
    const promos = [{ code: `${text()}1`, discount_percent: 1 }];
    const csv = toCsv(promos);
    assert.deepEqual(fromCsv(csv), { promos, errors: [] });
    const cell = csv.split("\r\n")[1].slice(0, -2).replaceAll('"', "");
    for (const number of [cell.replace("%", ""), cell.replace(",", "."), cell.replaceAll(",", "")])
      assert.ok(Number.isNaN(Number(number)), csv);
  }
});

/** Returns a function that makes short texts of these characters, the same texts in each run. */
function texts(alphabet) {
  let seed = 1;
  const next = (below) => {
    seed = (seed * 48271) % 2147483647;
    return seed % below;
  };
  return () => Array.from({ length: 1 + next(6) }, () => alphabet[next(alphabet.length)]).join("");
}

test("an amount in major units is read to the minor unit, in every currency", () => {
  const currencies = JSON.parse(readFileSync(new URL("../../messages/currencies.json", import.meta.url), "utf8"));
  const text = texts(["0", "1", "5", "9"]);
  for (const [decimals, names] of Object.entries({ ...currencies, 0: `${currencies["0"]} sat msat` })) {
    for (const currency of names.split(" ")) {
      const budget = Number(text());
      const digits = String(budget).padStart(Number(decimals) + 1, "0");
      const [whole, rest] = [digits.slice(0, digits.length - decimals), digits.slice(digits.length - decimals)];
      const amount = rest ? `${whole},${rest}` : whole;
      const csv = `code;discount_percent;currency;budget (major comma)\nA;1;${currency};${amount}\n`;
      assert.deepEqual(fromCsv(csv).promos, [{ code: "A", discount_percent: 1, currency, budget }], csv);
    }
  }
});

test("every spelling of an instant is read as the same time", () => {
  let ms = 1_000_000_000_000;
  for (let round = 0; round < 500; round++) {
    ms += 86_400_000 * 31 + 7_654_321;
    const promos = [{ code: "A", discount_percent: 1, starts_at_ms: ms, ends_at_ms: ms + 1 }];
    assert.deepEqual(fromCsv(toCsv(promos)).promos, promos);
    for (const zone of ["Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe"]) {
      const local = new Date(ms).toLocaleString("sv-SE", { timeZone: zone }).replace(" ", "T");
      const { promos: read, errors } = fromCsv(`code,discount_percent,starts_at_ms\nA,1,${local}\n`, { zone });
      if (read === null) assert.match(errors[0].message, /once/);
      else assert.equal(read[0].starts_at_ms, ms - (ms % 1000));
    }
  }
});

test("a guest list of any length is one cell", () => {
  const promos = [
    {
      code: "GUESTS",
      discount: { kind: "free" },
      only_for: { email: Array.from({ length: 10_000 }, (_, index) => `guest-${index}@example.org`) },
    },
  ];
  assert.deepEqual(fromCsv(toCsv(promos)), { promos, errors: [] });
});

test("a promo that CSV cannot hold without loss is an error", () => {
  const promo = { code: "A", discount_percent: 1 };
  const fails = (expected, promos, options) => assert.throws(() => toCsv(promos, options), expected);
  fails({ code: "invalid_promo", path: "promos[1].max_usse" }, [
    promo,
    { code: "B", discount_percent: 1, max_usse: 5 },
  ]);
  fails({ code: "invalid_promo", path: "promos[0].discount.amuont" }, [
    { code: "A", discount: { kind: "amount_per_order", amuont: 5 } },
  ]);
  fails({ code: "duplicate_code", path: "promos[1].code" }, [promo, { ...promo, code: "a" }]);
  fails({ code: "invalid_request", path: "promos[1].id", message: "expected no U+0000, which CSV cannot hold" }, [
    promo,
    { code: "B", discount_percent: 1, id: "a\0" },
  ]);
  fails({ code: "invalid_request", path: "promos" }, null);
  fails(
    { code: "invalid_request", path: "options.delimiter", message: "expected a comma, a semicolon or a tab" },
    [promo],
    { delimiter: "|" },
  );
  fails(
    { code: "invalid_request", path: "options.separator", message: "unknown field, expected one of delimiter" },
    [promo],
    { separator: ";" },
  );
  const reads = (expected, options) =>
    assert.throws(() => fromCsv("code\nA\n", options), { code: "invalid_request", ...expected });
  reads({ path: "options.amounts", message: 'expected minor or major, found "cents"' }, { amounts: "cents" });
  reads({ path: "options.decimal", message: 'expected a point or a comma, found ";"' }, { decimal: ";" });
  reads(
    { path: "options.zone", message: 'expected a time zone such as Europe/Berlin, found "Europe/Berlim"' },
    { zone: "Europe/Berlim" },
  );
  reads(
    { path: "options.zone", message: 'expected a time zone such as Europe/Berlin, found "+02:00"' },
    { zone: "+02:00" },
  );
  reads({ path: "options.defaults", message: "expected an object, found []" }, { defaults: [] });
  reads({ path: "options.defaults.max_usse" }, { defaults: { max_usse: 1 } });
  reads({ path: "options.defaults.code" }, { defaults: { code: "A" } });
  reads({ path: "options.defaults.discount.amuont" }, { defaults: { discount: { amuont: 1 } } });
  reads(
    { path: "options.delimiter", message: "unknown field, expected one of amounts, decimal, zone, defaults" },
    { delimiter: ";" },
  );
  for (const text of [null, undefined, Buffer.from("code\n")])
    assert.throws(() => fromCsv(text), { code: "invalid_request", path: "", message: "expected text" });
});
