// Compares each sentence of tests/messages.json, and checks that faulty catalogues are refused.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { validateRedemption } from "redeemable";
import { catalogues, messages } from "redeemable/messages";

const json = (path) => JSON.parse(readFileSync(new URL(`../../${path}`, import.meta.url), "utf8"));
const table = json("tests/messages.json");
const shape = json("messages/shape.json");
const LANGUAGES = ["en", "de", "es"];

/** A catalogue of the package with the message at `path` replaced, or removed if the new one is undefined. */
function changed(path, message, language = "en") {
  const catalogue = structuredClone(catalogues[language]);
  const keys = path.split(".");
  const last = keys.pop();
  const section = keys.reduce((object, key) => object[key], catalogue);
  if (message === undefined) delete section[last];
  else section[last] = message;
  return catalogue;
}

const refuses = (catalogue, path, message, name = "en") =>
  assert.throws(() => messages("de", { catalogues: { [name]: catalogue } }), {
    code: "invalid_request",
    path: `options.catalogues${name === "de-at" ? '["de-at"]' : `.${name}`}${path}`,
    message,
  });

for (const language of LANGUAGES) {
  test(`each sentence of the table, in ${language}`, () => {
    for (const { violation, currency, ticketTypes, [language]: sentence } of table.buyer)
      assert.equal(messages(language).buyer(violation, { currency, ticketTypes }), sentence);
    for (const { violation, currency, promo, timeZone, decimals, [language]: sentence } of table.organiser) {
      assert.equal(messages(language, { timeZone, decimals }).organiser(violation, { currency, promo }), sentence);
    }
  });
}

test("each catalogue of messages/ has the messages of shape.json, and the package has these catalogues", () => {
  for (const language of LANGUAGES) {
    const catalogue = json(`messages/${language}.json`);
    try {
      messages(language, { catalogues: { [language]: catalogue } });
    } catch ({ path, message }) {
      assert.fail(`${path}: ${message}`);
    }
    assert.deepEqual(catalogues[language], catalogue, "run scripts/build");
  }
});

test("the catalogues' shape has each reason of contract/reasons.json, with the fields of its violations", () => {
  const { reasons, to_qualify } = json("contract/reasons.json");
  const about = (what) => reasons.filter((reason) => reason.about.includes(what));
  const sorted = (names) => [...new Set(names)].sort();
  assert.deepEqual(
    sorted(Object.keys(shape.buyer.code)),
    sorted(about("code").map(({ public_reason }) => public_reason)),
  );
  assert.deepEqual(
    sorted(Object.keys(shape.buyer.order)),
    sorted(about("order").map(({ public_reason }) => public_reason)),
  );
  for (const what of ["code", "order"]) {
    const known = shape.organiser[what];
    assert.deepEqual(sorted(Object.keys(known)), sorted(about(what).map(({ reason }) => reason)));
    for (const { reason, arguments: names } of about(what)) {
      const figures = known[reason].map((name) => name.replace(/_money$/, ""));
      const expected = names.filter((name) => what === "code" || name !== "code");
      assert.deepEqual(sorted(figures), sorted(expected), reason);
    }
  }
  for (const { change, of, unit } of to_qualify) {
    const amount = unit === "minor units" ? `${change}_money` : change;
    assert.deepEqual(shape.buyer.to_qualify[change], [amount]);
    assert.deepEqual(shape.buyer.to_qualify[`${change}_of`], of ? [amount, "of"] : undefined);
  }
});

test("the table has every reason and public reason, with a code and without", () => {
  const covered = (cases, key) => [
    ...new Set(
      cases.map(
        ({ violation, promo }) =>
          `${violation.code === null ? "order" : "code"} ${violation[key]}${promo ? " promo" : ""}`,
      ),
    ),
  ];
  const keys = (sections) =>
    Object.entries(sections).flatMap(([section, reasons]) =>
      Object.keys(reasons).map((reason) => (section === "promo" ? `code ${reason} promo` : `${section} ${reason}`)),
    );
  const { to_qualify, ...reasons } = shape.buyer;
  assert.deepEqual(covered(table.buyer, "public_reason").sort(), keys(reasons).sort());
  // The table has a case for each sentence about `to_qualify`; `said` is the key of the sentence for a violation.
  const changes = table.buyer.filter(
    ({ violation }) => violation.to_qualify && violation.public_reason === "order_not_eligible",
  );
  const said = changes.map(({ violation: { to_qualify }, currency }) => {
    const [change, of] = Object.keys(to_qualify).reverse();
    return change + (change.endsWith("_subtotal") && !currency ? "_unsaid" : of ? "_of" : "");
  });
  assert.deepEqual([...new Set(said), "or"].sort(), Object.keys(to_qualify).sort());
  assert.deepEqual(covered(table.organiser, "reason").sort(), keys(shape.organiser).sort());
});

test("violations of the vectors have a sentence in each language; the buyer's has no number and no reason", () => {
  const files = readdirSync(new URL("../vectors/", import.meta.url)).filter((name) => name.endsWith(".json"));
  const cases = files.flatMap((name) => json(`tests/vectors/${name}`).cases ?? []);
  const violations = cases.flatMap(({ answer, request }) =>
    (answer?.violations ?? []).map((violation) => [violation, request.order?.currency ?? request.redemption.currency]),
  );
  const seen = new Set();
  for (const [violation, currency] of violations) {
    seen.add(`${violation.reason} ${violation.code === null}`);
    for (const language of LANGUAGES) {
      const say = messages(language);
      const told = say.buyer(violation);
      assert.doesNotMatch(told, violation.to_qualify ? /[{}_#]|undefined|null|NaN/ : /[\d{}_#]/);
      const { public_reason, to_qualify } = violation;
      assert.equal(
        told,
        say.buyer({ code: violation.code && "OTHER", public_reason, reason: "ended", limit: 7, to_qualify }),
      );
      const said = say.organiser(violation, { currency });
      assert.doesNotMatch(said.replaceAll(violation.code, ""), /[{}_#]|undefined|null|NaN/);
    }
  }
  const reasons = [
    ...Object.keys(shape.organiser.code).map((reason) => `${reason} false`),
    ...Object.keys(shape.organiser.order).map((reason) => `${reason} true`),
  ];
  assert.deepEqual([...seen].sort(), reasons.sort());
});

test("only the buyer's messages that say what would mend the order may have arguments", () => {
  for (const audience of [shape.buyer.code, shape.buyer.order])
    for (const names of Object.values(audience)) assert.deepEqual(names, []);
});

test("a region's own catalogue, and the first locale that has a catalogue", () => {
  const violation = { code: "EARLY20", reason: "not_started" };
  for (const { locales, locale, sentence } of table.regions) {
    const say = messages(locales);
    assert.equal(say.locale, locale);
    assert.equal(say.organiser(violation, { promo: { starts_at_ms: 1_800_000_000_000 } }), sentence);
  }
  for (const locales of table.unknown) {
    assert.throws(() => messages(locales), {
      code: "invalid_request",
      path: "locales",
      message: `expected one with a catalogue, de, en, es; found ${JSON.stringify(locales)}`,
    });
  }
});

test("the syntax of messages", () => {
  for (const { message, sentence, error } of table.syntax) {
    const catalogue = changed("organiser.code.uses_exhausted", message);
    if (error) refuses(catalogue, ".organiser.code.uses_exhausted", error);
    else
      assert.equal(
        messages("en", { catalogues: { en: catalogue } }).organiser({
          code: "EARLY20",
          reason: "uses_exhausted",
          limit: 5,
          used: 4,
          remaining: 1,
        }),
        sentence,
      );
  }
});

test("a catalogue with a missing or unknown key is refused, and the error names the key", () => {
  const names = (sections) =>
    Object.entries(sections).flatMap(([name, value]) =>
      Array.isArray(value) ? [name] : names(value).map((rest) => `${name}.${rest}`),
    );
  for (const path of names(shape)) refuses(changed(path), `.${path}`, "missing message");
  refuses(changed("buyer"), ".buyer", "missing message");
  refuses(changed("organiser.promo"), ".organiser.promo", "missing message");
  refuses(changed("seller", {}), ".seller", "unknown field, expected one of buyer, organiser");
  refuses(
    changed("buyer.order.sold_out", "no"),
    ".buyer.order.sold_out",
    "unknown field, expected one of not_accepted, used_up, order_not_eligible, identity_required, price_changed",
  );
  refuses(changed("buyer.code.used_up", null), ".buyer.code.used_up", "expected a message");
  refuses(changed("buyer.code", null), ".buyer.code", "expected an object, found null");
  refuses(
    changed("buyer.code.used_up", "{remaining} left"),
    ".buyer.code.used_up",
    "expected no argument, found remaining",
  );
  refuses(catalogues.en, ".buyer.code.not_accepted", "expected a language tag such as de, de-AT or zh-Hant", "english");
  refuses(catalogues.en, ".buyer.code.not_accepted", "expected a language tag such as de, de-AT or zh-Hant", "de-at");
});

test("the path of a key that is no plain word is written as the engine writes it", () => {
  // As in tests/vectors/errors.json, errors-counter-with-a-control-character: \u and four digits, never \n.
  assert.throws(() => messages("de", { catalogues: { 'a\n"\\\u009f\u00e9': catalogues.en } }), {
    path: String.raw`options.catalogues["a\u000a\"\\\u009f`.concat('\u00e9"].buyer.code.not_accepted'),
    at: ["options", "catalogues", 'a\n"\\\u009f\u00e9', "buyer", "code", "not_accepted"],
  });
});

test("a host's own catalogue uses the plural forms of its language", () => {
  const polish = changed(
    "organiser.code.uses_exhausted",
    "{remaining, plural, one {zostało # użycie} few {zostały # użycia} many {zostało # użyć} other {zostało # użycia}}",
  );
  // The other messages with English plural forms do without.
  for (const section of Object.values(polish.organiser))
    for (const [key, message] of Object.entries(section))
      if (key !== "uses_exhausted" && message.includes(", plural, "))
        section[key] = message.includes("{limit") ? "{limit}" : "{used}";
  const forms = (name) => `{${name}, plural, one {# bilet} few {# bilety} many {# biletów} other {# biletu}}`;
  for (const name of ["add_tickets", "remove_tickets"])
    polish.buyer.to_qualify[name] = polish.buyer.to_qualify[`${name}_of`] = forms(name);
  const say = messages(["pl-PL", "en"], { catalogues: { pl: polish } });
  const left = (remaining) => say.organiser({ code: "A", reason: "uses_exhausted", limit: 100, used: 0, remaining });
  assert.deepEqual([0, 1, 2, 5, 22].map(left), [
    "zostało 0 użyć",
    "zostało 1 użycie",
    "zostały 2 użycia",
    "zostało 5 użyć",
    "zostały 22 użycia",
  ]);
  assert.equal(
    say.buyer({ code: "A", public_reason: "order_not_eligible", to_qualify: { add_tickets: 3 } }),
    "3 bilety",
  );
  refuses(
    changed("organiser.code.uses_exhausted", "{remaining, plural, one {a} other {b}}"),
    ".buyer.to_qualify.add_tickets",
    "expected the plural form few of add_tickets",
    "pl",
  );
  const own = changed("buyer.code.not_accepted", "Nope.");
  assert.equal(
    messages("en", { catalogues: { en: own } }).buyer({ code: "A", public_reason: "not_accepted" }),
    "Nope.",
  );
  assert.equal(messages("en").buyer({ code: "A", public_reason: "not_accepted" }), "This code is not accepted.");
});

test("a refusal says each code and public reason once", () => {
  const violation = (code, reason, public_reason) => ({
    code,
    reason,
    public_reason,
    counter: "code/event:gala:A/uses",
    limit: 1,
    used: 1,
    remaining: 0,
    message: "secret",
  });
  const told = messages("en").refusal([
    violation("A", "inactive", "not_accepted"),
    violation("A", "uses_exhausted", "not_accepted"),
    violation("B", "unknown_code", "not_accepted"),
    violation("C", "uses_exhausted", "used_up"),
    violation("C", "below_min_tickets", "order_not_eligible"),
    violation(null, "tickets_exhausted", "used_up"),
    violation(null, "free_tickets_exhausted", "used_up"),
  ]);
  assert.deepEqual(told, [
    { code: "A", public_reason: "not_accepted", to_qualify: null, message: "This code is not accepted." },
    { code: "B", public_reason: "not_accepted", to_qualify: null, message: "This code is not accepted." },
    {
      code: "C",
      public_reason: "used_up",
      to_qualify: null,
      message:
        "This code is used up, or has been used as often as one person may use it, " +
        "or too little of it is left for this order.",
    },
    {
      code: "C",
      public_reason: "order_not_eligible",
      to_qualify: null,
      message: "This code does not apply to this order.",
    },
    {
      code: null,
      public_reason: "used_up",
      to_qualify: null,
      message: "This order goes beyond what one person may have.",
    },
  ]);
  assert.deepEqual(messages("en").refusal([]), []);
});

const ask = (promo, order, usage = {}) =>
  validateRedemption({
    codes: ["C"],
    promos: [{ code: "C", discount_percent: 5, ...promo }],
    usage,
    now_ms: 1784541600000,
    order: {
      event_id: "fest",
      currency: "EUR",
      lines: [{ ticket_type: "x", unit_price: 2000, quantity: 1 }],
      ...order,
    },
  }).violations;

test("a refusal says what would mend the order; of several violations it tells the one that mends all", () => {
  const { refusal } = messages("en");
  // The code needs an order of 25.00, and this order is of 20.00.
  assert.deepEqual(refusal(ask({ min_subtotal: 2500, currency: "EUR" }), { currency: "EUR" }), [
    {
      code: "C",
      public_reason: "order_not_eligible",
      to_qualify: { add_subtotal: 500 },
      message: "This code needs €5.00 more in this order.",
    },
  ]);
  assert.equal(refusal(ask({ min_subtotal: 2500, currency: "EUR" }))[0].message, "This code needs a larger order.");
  // The order has too few tickets and none of the type. Only the second violation's `to_qualify` mends both.
  const vip = [
    {
      code: "C",
      public_reason: "order_not_eligible",
      to_qualify: { of: ["vip"], add_tickets: 3 },
      message: "This code needs 3 more tickets in this order: VIP.",
    },
  ];
  const several = ask({ min_tickets: 3, ticket_types: ["vip"] });
  assert.deepEqual(
    several.map(({ reason }) => reason),
    ["below_min_tickets", "wrong_ticket_type"],
  );
  for (const violations of [several, [...several].reverse()])
    assert.deepEqual(refusal(violations, { ticketTypes: { vip: "VIP" } }), vip);
});

test("a used-up limit per person and one over all buyers have one message, which fits both", () => {
  const used = (key, most) =>
    ask(
      { max_uses: 500, max_uses_per_identity: 1 },
      { identities: { email: "a@example.org" } },
      { counters: { [`code/event:fest:C/${key}`]: most } },
    );
  const [byPerson, byAll] = [used("by/email:a@example.org", 1), used("uses", 500)];
  assert.deepEqual([byPerson[0].reason, byAll[0].reason], ["identity_uses_exhausted", "uses_exhausted"]);
  for (const [language, all, person] of [
    ["en", /used up/, /one person/],
    ["de", /aufgebraucht/, /eine Person/],
    ["es", /agotado/, /una persona/],
  ]) {
    const [[one], [other]] = [byPerson, byAll].map((violations) => messages(language).refusal(violations));
    assert.deepEqual(one, other);
    assert.match(one.message, all);
    assert.match(one.message, person);
  }
});

test("the order of a refusal does not tell which of two codes exists", () => {
  const order = { event_id: "gala", currency: "EUR", lines: [{ unit_price: 1000, quantity: 1 }] };
  const told = (promos) =>
    messages("en")
      .refusal(
        validateRedemption({
          codes: ["INSIDERS", "GUESS", "\uff65", "\u{1f600}"],
          promos,
          order,
          now_ms: 1800000000000,
        }).violations,
      )
      .map(({ code }) => code);
  const unknown = ["GUESS", "INSIDERS", "\u{1f600}", "\uff65"];
  assert.deepEqual(told([]), unknown);
  assert.deepEqual(told([{ code: "INSIDERS", discount_percent: 50, active: false, combines: true }]), unknown);
  assert.deepEqual(told([{ code: "GUESS", discount_percent: 50, active: false, combines: true }]), unknown);
});

test("mistakes are errors that name the field", () => {
  const fails = (path, message, call) => assert.throws(call, { code: "invalid_request", path, message });
  const say = messages("en");
  const short = { code: "A", reason: "budget_exhausted", limit: 1, used: 1, remaining: 0 };
  fails("context.currency", "expected the order's currency, because budget_exhausted is about money", () =>
    say.organiser(short),
  );
  fails("violation.used", "expected an integer from 0 to 9007199254740991", () =>
    say.organiser({ ...short, used: null }, { currency: "EUR" }),
  );
  fails("violation.limit", "expected an integer from 0 to 9007199254740991", () =>
    say.organiser({ code: "A", reason: "uses_exhausted", limit: -1, used: 1, remaining: 0 }),
  );
  const reasons =
    "already_confirmed, identity_required, locked_ticket_type, free_tickets_exhausted, tickets_exhausted, " +
    "price_changed";
  fails("violation.reason", `expected one of ${reasons}, found ended`, () =>
    say.organiser({ code: null, reason: "ended" }),
  );
  fails(
    "violation.public_reason",
    "expected one of not_accepted, used_up, order_not_eligible, identity_required, found toString",
    () => say.buyer({ code: "A", public_reason: "toString" }),
  );
  const mended = (to_qualify, context) =>
    say.buyer({ code: "A", public_reason: "order_not_eligible", to_qualify }, context);
  fails("violation.to_qualify", "expected one of add_tickets, remove_tickets, add_subtotal, remove_subtotal", () =>
    mended({ wait_until: 1 }),
  );
  fails("violation.to_qualify.add_tickets", "expected an integer from 0 to 9007199254740991", () =>
    mended({ add_tickets: "2" }),
  );
  fails("violation.to_qualify.of", "expected a list", () => mended({ of: "vip", add_tickets: 2 }));
  fails("context.curency", "unknown field, expected one of currency, ticketTypes", () =>
    mended({ add_tickets: 2 }, { curency: "EUR" }),
  );
  fails("context.order", "unknown field, expected one of currency, promo", () => say.organiser(short, { order: {} }));
  fails("options.timezone", "unknown field, expected one of catalogues, timeZone, decimals", () =>
    messages("en", { timezone: "UTC" }),
  );
  fails("options.timeZone", 'expected a time zone such as Europe/Berlin, found "Mars/Phobos"', () =>
    messages("en", { timeZone: "Mars/Phobos" }),
  );
  fails("options.decimals.BTC", "expected an integer from 0 to 18", () => messages("en", { decimals: { BTC: -8 } }));
});

test("the platform knows every currency, once, with its decimals unless ISO 4217 differs from Unicode", () => {
  const currencies = json("messages/currencies.json");
  const names = Object.values(currencies).flatMap((list) => list.split(" "));
  assert.equal(new Set(names).size, names.length);
  // Intl knows the decimals of these two units of account, but does not list them.
  const known = new Set([...Intl.supportedValuesOf("currency"), "CLF", "UYW"]);
  assert.deepEqual(
    names.filter((name) => !known.has(name)),
    [],
  );
  // Unicode may write fewer decimals than amounts are counted in, but never more.
  for (const [decimals, list] of Object.entries(currencies)) {
    for (const currency of list.split(" ")) {
      const { maximumFractionDigits } = new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions();
      assert.ok(
        maximumFractionDigits === Number(decimals) || maximumFractionDigits < Number(decimals),
        `${currency} has ${maximumFractionDigits}`,
      );
    }
  }
});
