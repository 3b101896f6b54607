// Numbers and times typed into the organiser's form, in several languages and time zones: they are read as the reader
// means them, or the form asks.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { button, openChromium } from "./browsers.js";
import { openShop } from "./shop.js";

/** A field's hint with plain blanks and apostrophes: languages write narrow or no-break blanks between digits. */
const SAID = `document.querySelector('[name="NAME"]').closest(".field").querySelector(".hint")
    .textContent.replace(/\\s/g, " ").replace(/\u2019/g, "'")`;
const STORED = 'JSON.parse(document.querySelector("form.edit pre").textContent)';
const stored = (page, path) => page.evaluate(`${STORED}${path}`);

/** Types a text, and waits for the field's hint: a question, how the text was read, or the field's usual hint. */
async function types(page, name, typed, path, value, sentence) {
  await page.fill(`input[name=${name}]`, typed);
  const said = SAID.replace("NAME", name);
  await page.until(
    `${STORED}${path} === ${JSON.stringify(value)} && ${said} === ${JSON.stringify(sentence)}`,
    `${JSON.stringify(value)} and “${sentence}” of ${typed}, ` +
      `not ${JSON.stringify(await stored(page, path))} and “${await page.evaluate(said)}”`,
  );
}

/** Opens the form for a new code that takes an amount off. */
async function openForm(t, locale, currency = "EUR") {
  const shop = await openShop(t, { currency, promos: [], policy: {} });
  const page = await openChromium(t, { locale });
  await page.open(`${shop.url}/#/codes/new`);
  await page.choose("select[name=kind]", "amount_per_ticket");
  await page.fill("input[name=code]", "SPRING");
  await page.unfold();
  return page;
}
const amount = (page, typed, value, said) => types(page, "value", typed, ".discount.amount", value, said);
const asks = (page, typed, said) => amount(page, typed, typed, said);
const count = (page, typed, value, said) => types(page, "max_uses", typed, ".max_uses", value, said);

test("English: a comma parts thousands, and a dot with too many figures after it is asked about", async (t) => {
  const page = await openForm(t, "en-GB");
  const usual = "In EUR, such as 5.00.";
  await amount(page, "5", 500, usual);
  await amount(page, "4.35", 435, usual);
  await amount(page, "0.5", 50, usual);
  await amount(page, "1,000", 100_000, "Read as €1,000.00.");
  await amount(page, "1,000.50", 100_050, "Read as €1,000.50.");
  await amount(page, "1,00,000", 10_000_000, "Read as €100,000.00.");
  await amount(page, "1 000", 100_000, usual);
  // With a decimal point this is no number, so the comma must be the decimal sign.
  await amount(page, "12,50", 1250, "Read as €12.50.");
  await asks(page, "1.000", "found 1.000; write 1.00 for €1.00, or 1000.00 for €1,000.00");
  await asks(page, "1.005", "found 1.005; write 1005.00 for €1,005.00");
  await asks(page, "0.005", "expected an amount with at most 2 decimals, such as 5.00, found 0.005");
  await asks(page, "1,000,50", "expected an amount with at most 2 decimals, such as 5.00, found 1,000,50");
  await asks(page, "-5", "expected an amount with at most 2 decimals, such as 5.00, found -5");
  await asks(page, "1e3", "expected an amount with at most 2 decimals, such as 5.00, found 1e3");
  // A double cannot hold this amount: it would become 90071992547409.90.
  await amount(page, "90071992547409.91", 9_007_199_254_740_991, usual);
  await asks(
    page,
    "90071992547409.92",
    "expected an amount with at most 2 decimals, such as 5.00, found 90071992547409.92",
  );
  await page.click("button.save");
  assert.equal(
    await page.until("document.activeElement.name", "the focus on a field"),
    "value",
    "what is asked about is not saved",
  );

  await count(page, "1,000", 1000, "Read as 1000.");
  await count(page, "1.000", "1.000", "found 1.000; write 1, or 1000");
  await count(page, "1.5", "1.5", "expected a whole number, found 1.5");
  await count(page, "99999999999999999", "99999999999999999", "expected a smaller number, found 99999999999999999");
  await types(page, "min_subtotal", "2,500", ".min_subtotal", 250_000, "Read as €2,500.00.");

  await page.choose("select[name=kind]", "percent");
  const percent = (typed, value, said) => types(page, "value", typed, ".discount.percent", value, said);
  await percent("12.5", 12.5, "From 0 to 100, such as 12.5.");
  await percent("33.3333", 33.3333, "From 0 to 100, such as 12.5.");
  await percent("12,5", 12.5, "Read as 12.5 %.");
  await percent("1.000", 1, "From 0 to 100, such as 12.5.");
  await percent("1.00001", "1.00001", "expected a number with at most 4 decimals, found 1.00001");
});

test("German: a dot parts thousands, and a comma with too many figures after it is asked about", async (t) => {
  const page = await openForm(t, "de-DE");
  const usual = "In EUR, such as 5,00.";
  await amount(page, "4,35", 435, usual);
  await amount(page, "1.000", 100_000, "Read as 1.000,00 €.");
  await amount(page, "1.000,50", 100_050, "Read as 1.000,50 €.");
  await amount(page, "1.50", 150, "Read as 1,50 €.");
  await asks(page, "1,000", "found 1,000; write 1,00 for 1,00 €, or 1000,00 for 1.000,00 €");
  await count(page, "1.000", 1000, "Read as 1000.");
  await count(page, "1,000", "1,000", "found 1,000; write 1, or 1000");
  await page.choose("select[name=kind]", "percent");
  await types(page, "value", "12,5", ".discount.percent", 12.5, "From 0 to 100, such as 12,5.");
  await types(page, "value", "12.5", ".discount.percent", 12.5, "Read as 12,5 %.");
});

test("languages that part thousands otherwise, and currencies with other decimals", async (t) => {
  const french = await openForm(t, "fr-FR");
  await amount(french, "1 000,50", 100_050, "In EUR, such as 5,00.");
  await amount(french, "1\u202f000,50", 100_050, "In EUR, such as 5,00.");
  await asks(french, "1.000", "found 1.000; write 1,00 for 1,00 €, or 1000,00 for 1 000,00 €");
  const swiss = await openForm(t, "de-CH");
  await amount(swiss, "1'000.50", 100_050, "In EUR, such as 5.00.");
  await amount(swiss, "1’000", 100_000, "In EUR, such as 5.00.");
  await asks(swiss, "1,000", "found 1,000; write 1.00 for EUR 1.00, or 1000.00 for EUR 1'000.00");
  const yen = await openForm(t, "en-GB", "JPY");
  await amount(yen, "1,000", 1000, "Read as JP¥1,000.");
  await asks(yen, "1.000", "found 1.000; write 1 for JP¥1, or 1000 for JP¥1,000");
  const dinars = await openForm(t, "en-GB", "KWD");
  await amount(dinars, "1.000", 1000, "In KWD, such as 5.000.");
  await amount(dinars, "1,000", 1_000_000, "Read as KWD 1,000.000.");
  const sats = await openForm(t, "de-DE", "sat");
  await amount(sats, "1.000", 1000, "Read as 1.000 sat.");
});

test("the form has a field for each field of a promotion that it does not keep", async (t) => {
  const { $defs } = JSON.parse(readFileSync(new URL("../../contract/schema.json", import.meta.url), "utf8"));
  const declared = readFileSync(new URL("../page/organiser/findings.tsx", import.meta.url), "utf8");
  const [, kept] = declared.match(/type Kept =\s+([^;]+);/);
  const without = [...kept.matchAll(/"(\w+)"/g)].map(([, field]) => field);
  const names = { discount: "kind", discount_percent: "kind", discounts: "kind", single_use: "max_uses" };
  const page = await openForm(t, "en-GB");
  const shown = await page.evaluate('[...document.querySelectorAll("form.edit [name]")].map(({ name }) => name)');
  for (const field of Object.keys($defs.Promo.properties))
    assert.equal(shown.includes(names[field] ?? field), !without.includes(field), `a field for ${field}`);
});

test("what is asked and what is stored agree with the number fields elsewhere", async (t) => {
  const shop = await openShop(t);
  const page = await openChromium(t, { locale: "de-DE" });
  await page.open(`${shop.url}/#/codes`);
  await page.click("//a[.='EARLY20']");
  await page.fill("input[name=what-if]", "1.000");
  await page.see("Raising max_uses from 500 to 1000");
  await page.fill("input[name=what-if]", "1,000");
  await page.see("found 1,000; write 1, or 1000");
  await page.open(`${shop.url}/#/stampede`);
  await page.fill("input[name=buyers]", "1.000");
  await page.until("!document.querySelector('button.start').disabled", "1000 buyers");
  await page.fill("input[name=buyers]", "1,000");
  await page.see("found 1,000; write 1, or 1000");
  // A stored amount is shown in a form that is read as the same amount.
  await page.open(`${shop.url}/#/codes/3/edit`);
  await page.find("input[name=budget]");
  assert.deepEqual(
    await page.evaluate('["value", "budget"].map((name) => document.querySelector("input[name=" + name + "]").value)'),
    ["10,00", "3000,00"],
  );
  await page.open(`${shop.url}/#/codes/5/edit`);
  await page.until('document.querySelector("input[name=value]")?.value === "33,3333"', "THREE's percent");
});

test("the engine is asked once for all that is wrong, and each field says its own", async (t) => {
  const shop = await openShop(t);
  const page = await openChromium(t);
  // Counts the page's calls of the engine's wasm, by name.
  await page.raw.addInitScript(() => {
    window.asked = {};
    const count =
      (name, call) =>
      (...args) => {
        window.asked[name] = (window.asked[name] ?? 0) + 1;
        return call(...args);
      };
    const counted = ([name, it]) => [name, typeof it === "function" ? count(name, it) : it];
    // The page compiles the file first, so this gets a module and returns an instance.
    const { instantiate } = WebAssembly;
    WebAssembly.instantiate = async (module, imports) => {
      const { exports } = await instantiate(module, imports);
      return { exports: Object.fromEntries(Object.entries(exports).map(counted)) };
    };
  });
  await page.open(`${shop.url}/#/codes/new`);
  await page.find("input[name=code]");
  await page.unfold();
  await page.click(button("Add a shared limit"));
  const [pool, pool_uses] = ["pools[0].id", "pools[0].max_uses"];
  const long = "p".repeat(257);
  const fills = { code: "crew", value: "120", max_uses: "ten", priority: "2000", [pool]: long, only_for: "@" };
  for (const [name, text] of Object.entries(fills)) await page.fill(`[name="${name}"]`, text);
  await page.fill(`input[name="${pool_uses}"]`, "-1");
  const says = (name, said) =>
    page.until(`${SAID.replace("NAME", name)} === ${JSON.stringify(said)}`, `“${said}” at ${name}`);
  await says("code", "another code is spelt like this one");
  await says("value", "expected a number from 0 to 100 with at most 4 decimals, found 120");
  await says("max_uses", "expected a whole number, found ten");
  await says("priority", "expected a whole number from 0 to 1000, found 2000");
  await page.until(
    `${SAID.replace("NAME", pool)}.startsWith("expected a string of 1 to 256 characters")`,
    "the pool's name",
  );
  await says(pool_uses, "expected a whole number, found -1");
  await page.evaluate("(window.asked = {}, null)");
  await page.fill("input[name=priority]", "3000");
  await says("priority", "expected a whole number from 0 to 1000, found 3000");
  const asked = await page.evaluate("window.asked");
  // The form calls it once each time it is drawn.
  assert.ok(
    asked.validatePromos >= 1 && asked.validatePromos <= 2 && asked.usageKeys === undefined,
    JSON.stringify(asked),
  );
});

/** The night in which Berlin's clocks are put back from 03:00 to 02:00. The times below are in UTC. */
const NIGHT = {
  code: "NIGHT",
  discount_percent: 5,
  max_uses: 5,
  starts_at_ms: Date.UTC(2026, 9, 25, 0, 30),
  ends_at_ms: Date.UTC(2026, 9, 25, 1, 30, 15, 250),
};

test("times that were not touched stay to the millisecond, in the hour that comes twice, too", async (t) => {
  const shop = await openShop(t, {
    promos: [NIGHT, { ...NIGHT, code: "WINTER", starts_at_ms: NIGHT.ends_at_ms, ends_at_ms: 9_007_199_254_740_991 }],
  });
  const page = await openChromium(t, { timezoneId: "Europe/Berlin" });
  for (const [id, code] of [
    [1, "NIGHT"],
    [2, "WINTER"],
  ]) {
    const before = (await shop.ask("/api/codes")).codes.find((each) => each.promo.code === code);
    await page.open(`${shop.url}/#/codes/${id}/edit`);
    await page.until(`document.querySelector("input[name=code]")?.value === "${code}"`, code);
    await page.fill("input[name=max_uses]", "6");
    await page.until(`${STORED}.max_uses === 6`, "six uses");
    await page.click("button.save");
    await page.until(`location.hash === "#/codes/${id}"`, "the saved code");
    const after = (await shop.ask("/api/codes")).codes.find((each) => each.promo.code === code).promo;
    assert.deepEqual(after, { ...before.promo, max_uses: 6 });
  }
});

test("a time shows its zone; an hour that comes twice is a choice; one that never comes is asked about", async (t) => {
  const shop = await openShop(t, { promos: [NIGHT] });
  const page = await openChromium(t, { timezoneId: "Europe/Berlin" });
  await page.open(`${shop.url}/#/codes/1/edit`);
  await page.find("input[name=starts_at_ms]");
  const says = (name, ms, said) =>
    page.until(
      `${STORED}.${name} === ${ms} && ${SAID.replace("NAME", name)} === ${JSON.stringify(said)}`,
      `${ms} and “${said}”`,
    );
  const last = "The first moment at which it no longer works. Europe/Berlin";
  await says("starts_at_ms", NIGHT.starts_at_ms, "Europe/Berlin, UTC+02:00.");
  await says("ends_at_ms", NIGHT.ends_at_ms, `${last}, UTC+01:00.`);
  assert.deepEqual(
    await page.evaluate(
      '["starts", "ends"].map((name) => document.querySelector("input[name=" + name + "_at_ms_second]").checked)',
    ),
    [false, true],
  );
  await page.see("The clocks are put back, and show this time at UTC+02:00 and again at UTC+01:00.");
  await page.raw.setViewportSize({ width: 360, height: 800 });
  assert.ok(
    await page.evaluate("document.documentElement.scrollWidth <= innerWidth"),
    "a time with milliseconds is no wider than the screen",
  );
  await page.click("input[name=starts_at_ms_second]");
  await says("starts_at_ms", Date.UTC(2026, 9, 25, 1, 30), "Europe/Berlin, UTC+01:00.");
  // Another time in the hour that comes twice is still the second of the two. A day in summer has no such hour.
  await page.fill("input[name=starts_at_ms]", "2026-10-25T02:59");
  await says("starts_at_ms", Date.UTC(2026, 9, 25, 1, 59), "Europe/Berlin, UTC+01:00.");
  await page.fill("input[name=starts_at_ms]", "2026-07-01T02:30");
  await says("starts_at_ms", Date.UTC(2026, 6, 1, 0, 30), "Europe/Berlin, UTC+02:00.");
  await page.until('document.querySelector("input[name=starts_at_ms_second]") === null', "one moment only");
  await page.fill("input[name=starts_at_ms]", "2026-03-29T02:30");
  await page.see("found 2026-03-29 02:30, which the clocks of Europe/Berlin leave out; write another time");
  await page.fill("input[name=starts_at_ms]", "");
  await page.until(`${STORED}.starts_at_ms === undefined`, "no beginning");

  // A browser reads a date without its time as empty, which would mean no limit.
  await page.fill("input[name=ends_at_ms]", "");
  await page.raw.locator("input[name=ends_at_ms]").focus();
  await page.raw.keyboard.type("24122026");
  await page.click("button.save");
  await page.see("expected a whole date with its time, or nothing");
  assert.equal(await page.evaluate("document.activeElement.name"), "ends_at_ms");
  assert.equal((await shop.ask("/api/codes")).codes[0].revision, 1, "nothing was saved");
});

test("a path that leads out of the page's folder is an error like any other", async (t) => {
  const shop = await openShop(t);
  for (const [path, status] of [
    ["/assets/%5c..", 403],
    ["/assets/%5c..%5c..%5cserver.js", 403],
    ["/assets/%2e%2e%2fserver.js", 404],
    ["/%00", 400],
    [`/assets/${"x".repeat(300)}`, 404],
    ["/assets/", 404],
  ]) {
    const answer = await fetch(`${shop.url}${path}`);
    assert.deepEqual(
      [answer.status, Object.keys((await answer.json()).error)],
      [status, ["code", "path", "message"]],
      path,
    );
  }
});
