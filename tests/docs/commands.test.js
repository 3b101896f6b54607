// The commands of both packages, side by side: check, generate, simulate and schema, and mistakes of their callers.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { PROGRAMS, both, environment, fails, folder, inNode, inPython, prints, write } from "./commands-support.js";
import { read, root } from "./support.js";

const EARLY = { code: "EARLY20", discount_percent: 20, max_uses: 100 };
const GUESTS = { code: "GUESTS", discount: { kind: "free" } };
const FREE_FOR_ALL =
  "GUESTS makes tickets free without any limit: whoever learns the code can take every seat (free_without_limit)";
write("early.json", EARLY);
write("promos.json", [EARLY, GUESTS]);
write("order.json", {
  event_id: "gala",
  currency: "EUR",
  lines: [
    { ticket_type: "regular", unit_price: 4505, quantity: 2 },
    { unit_price: 1000, quantity: 1 },
  ],
});
write("money.csv", "code,discount.kind,discount.amount (major),currency,max_uses\nTEN,amount_per_ticket,10.00,EUR,5\n");

const commands = readdirSync(join(root, "commands"))
  .filter((name) => name.endsWith(".txt") && name !== "overview.txt")
  .map((name) => name.slice(0, -4));

test("help", async () => {
  const text = (name) => read(`commands/${name}.txt`).replaceAll("{redeemable}", "redeemable");
  assert.deepEqual(await both(["--help"]), { code: 0, out: text("overview"), err: "" });
  assert.deepEqual(await both([]), { code: 2, out: text("overview"), err: "" });
  const listed = text("overview").match(/^ {2}[a-z]+/gm);
  assert.deepEqual(listed.map((name) => name.trim()).sort(), commands.sort());
  for (const name of commands) assert.match(text(name), /\n\nexamples:\n {2}.*redeemable /);
  for (const words of [
    ["check", "--help"],
    ["sweep", "-h", "--unknown"],
  ])
    assert.deepEqual(await both(words), { code: 0, out: text(words[0]), err: "" });
  await prints(["--version"], 0, JSON.parse(read("pkg/js/package.json")).version);
});

test("check: promotions as JSON, and nothing to say", async () => {
  await prints(["check", "early.json"], 0, "1 promotion: nothing found");
  assert.deepEqual(JSON.parse((await both(["check", "early.json", "--json"])).out), { promotions: 1, findings: [] });
});

test("check: a danger makes the exit code 1, a warning only with --strict, a notice never", async () => {
  const danger = `promos.json: promotion 2 (GUESTS), discount: danger: ${FREE_FOR_ALL}`;
  await prints(["check", "promos.json"], 1, danger, "2 promotions: 1 danger");
  assert.deepEqual(JSON.parse((await both(["check", "early.json", "promos.json", "--json"])).out).findings.length, 2);
  write("last.json", { ...EARLY, ends_at_ms: Date.parse("2026-01-01T00:00Z") });
  const notice = /^last\.json: promotion 1 \(EARLY20\), ends_at_ms: notice: .+ \(ended\)\n1 promotion: 1 notice\n$/;
  const found = await both(["check", "last.json", "--at", "2026-01-01T01:00+01:00"]);
  assert.match(found.out, notice);
  assert.equal(found.code, 0);
  await prints(["check", "last.json", "--at", "2025-12-31T23:59:59.999Z"], 0, "1 promotion: nothing found");
  write("tour.json", { ...EARLY, events: ["berlin", "paris"] });
  const warning =
    /^tour\.json: promotion 1 \(EARLY20\), .+: warning: .+ \(limit_per_event\)\n1 promotion: 1 warning\n$/;
  for (const [words, code] of [
    [["check", "tour.json"], 0],
    [["check", "--strict", "tour.json"], 1],
  ]) {
    const answer = await both(words);
    assert.match(answer.out, warning);
    assert.equal(answer.code, code);
  }
});

test("check: every fault, with its file, promotion and field", async () => {
  write("wrong.json", { promos: [EARLY, { ...GUESTS, max_usse: 3 }, 7], policy: { max_tickets_per_identity: "four" } });
  const { code, out } = await both(["check", "early.json", "wrong.json", "--json"]);
  assert.equal(code, 1);
  const { promotions, findings } = JSON.parse(out);
  assert.equal(promotions, 4);
  const short = ({ file, line, promotion, code: of, field, severity, problem }) =>
    [file, line, promotion, of, field, severity, problem].join(" ");
  // Of two promotions with one code, both have a fault.
  assert.deepEqual(findings.map(short), [
    "early.json  1 EARLY20 code fault duplicate_code",
    "wrong.json  1 EARLY20 code fault duplicate_code",
    "wrong.json  2 GUESTS max_usse fault invalid_promo",
    "wrong.json  3   fault invalid_promo",
    "wrong.json    policy.max_tickets_per_identity fault invalid_request",
  ]);
  const lines = (await both(["check", "early.json", "wrong.json"])).out.split("\n");
  assert.match(lines[2], /^wrong\.json: promotion 2 \(GUESTS\), max_usse: fault: unknown field, .* \(invalid_promo\)$/);
  assert.match(lines[3], /^wrong\.json: promotion 3: fault: expected an object, found .* \(invalid_promo\)$/);
  assert.equal(lines[5], "5 faults");
});

test("check: tables, with what they leave out", async () => {
  write("codes.csv", "\ufeffCode;Discount percent;Max uses\r\nEARLY20;12,5 %;100\r\nLATE;20;1.000\r\n");
  const wrong = "expected a whole number in plain digits, found 1.000; write 1 or 1000";
  await prints(["check", "codes.csv"], 1, `codes.csv: line 3, max_uses: fault: ${wrong}`, "1 fault");
  write("list.csv", "CREW-7K2M9Q\nCREW-3HX8DP\n");
  write("common.json", { discount: { kind: "free" }, single_use: true });
  await prints(["check", "list.csv", "--defaults", "common.json"], 0, "2 promotions: nothing found");
  await prints(["check", "money.csv"], 0, "1 promotion: nothing found");
  await fails(
    ["check", "list.csv", "--zone", "Mars"],
    '--zone: expected a time zone such as Europe/Berlin, found "Mars"',
  );
});

test("check: a catalogue that is larger than any order may be", async () => {
  const code = (_, index) => ({ ...EARLY, code: `C-${index}` });
  write("many.json", Array.from({ length: 130_000 }, code));
  await prints(["check", "many.json"], 0, "130000 promotions: nothing found");
});

test("check: one policy", async () => {
  write("policy.json", { locked_ticket_types: ["backstage"] });
  const { code, out } = await both(["check", "early.json", "--policy", "policy.json", "--strict"]);
  assert.match(out, /^policy\.json: policy\.locked_ticket_types.*: warning: .*\(locked_without_code\)\n/);
  assert.equal(code, 1);
  write("whole.json", { promos: [EARLY], policy: {} });
  await fails(["check", "whole.json", "--policy", "policy.json"], "expected one policy, found whole.json, policy.json");
});

test("a control character of a file does not reach the terminal", async () => {
  write("escape.json", { ...EARLY, "max\u001b[2J": 1 });
  const { out } = await both(["check", "escape.json"]);
  assert.ok(out.includes("\\u001b[2J"), out);
  assert.ok(!out.includes("\u001b"));
  // C1 holds a second escape character, and U+202E lets the rest of a line read backwards.
  const code = "A\u009b2J\u202eB";
  write("escape.json", { ...EARLY, code });
  for (const words of [[], ["--json"]]) {
    const { out } = await both(["check", "escape.json", ...words]);
    assert.ok(out.includes("A\\u009b2J\\u202eB"), out);
    assert.ok(!/[\u009b\u202e]/.test(out));
    if (words.length > 0) assert.equal(JSON.parse(out).findings[0].code, code);
  }
});

test("simulate: an accepted order, to the cent", async () => {
  // 20 % of 45.05 is 9.01, of 10.00 2.00: 36.04 twice, and 8.00. In all 100.10 less 20.02.
  await prints(
    ["simulate", "promos.json", "--order", "order.json", "--code", "early 20"],
    0,
    "accepted: 80.08 EUR to pay, 20.02 EUR off",
    "EARLY20: 20.02 EUR off 3 tickets; 3 uses, 97 left",
    "2 × regular: 36.04 EUR instead of 45.05 EUR",
    "1 × ticket: 8.00 EUR instead of 10.00 EUR",
  );
  await prints(
    ["simulate", "promos.json", "--order", "order.json"],
    0,
    "accepted: 100.10 EUR to pay, 0.00 EUR off",
    "2 × regular: 45.05 EUR",
    "1 × ticket: 10.00 EUR",
  );
  const { out } = await both(["simulate", "promos.json", "--order", "order.json", "--code", "EARLY20", "--json"]);
  const { status, quote, ops } = JSON.parse(out);
  assert.deepEqual([status, quote.total, ops], ["accepted", 8008, []]);
});

test("simulate: several codes, a partial one, a code without a limit, sat", async () => {
  write("two.json", [
    { code: "HALF", discount_percent: 50, max_uses: 2, when_short: "partial", combines: true, priority: 2 },
    { code: "FIVE", discount: { kind: "amount_per_order", amount: 5 }, combines: true, currency: "sat" },
  ]);
  write("sat.json", { event_id: "gala", currency: "sat", lines: [{ unit_price: 1000, quantity: 3 }] });
  // HALF has two uses: 500, 500, 1000. FIVE shares 5 by price, 1.25, 1.25 and 2.5: the largest remainder gets the rest.
  const { out } = await both(["simulate", "two.json", "--order", "sat.json", "--code", "half", "--code", "five"]);
  assert.deepEqual(out.split("\n").slice(0, 3), [
    "accepted: 1995 sat to pay, 1005 sat off",
    "HALF: 1000 sat off 2 tickets; 2 uses, 0 left; fewer tickets than the order has, because too little is left",
    "FIVE: 5 sat off 3 tickets; 1 use, without a limit",
  ]);
});

test("simulate: a refusal says every reason, and what the buyer is told", async () => {
  write("short.json", { ...EARLY, min_tickets: 4, combines: true });
  const codes = ["--code", "early20", "--code", "nope"];
  const { code, out } = await both(["simulate", "short.json", "--order", "order.json", ...codes]);
  const [sum, ...reasons] = out.trim().split("\n");
  assert.deepEqual([code, sum], [0, "rejected: without a code the order costs 100.10 EUR"]);
  assert.deepEqual(reasons.sort(), [
    "EARLY20 needs at least 4 tickets in its scope, the order has 3 " +
      "(below_min_tickets; the buyer is told order_not_eligible)",
    "no promotion has the code NOPE (unknown_code; the buyer is told not_accepted)",
  ]);
  write("late.json", { ...EARLY, starts_at_ms: 1_800_000_000_000 });
  const asked = ["simulate", "late.json", "--order", "order.json", "--code", "early20", "--at"];
  assert.match((await both([...asked, "1799999999999"])).out, /^rejected: .*\n.*\(not_started; /);
  assert.match((await both([...asked, "1800000000000"])).out, /^accepted: /);
});

test("generate: codes of the asked form, and none that exists", async () => {
  for (const run of [inNode, inPython]) {
    const { code, out, err } = await run(["generate", "30", "--prefix", "nina-", "--existing", "promos.json"]);
    assert.deepEqual([code, err], [0, ""]);
    const codes = out.trim().split("\n");
    assert.equal(new Set(codes).size, 30);
    for (const one of codes) assert.match(one, /^NINA-[23456789CDFHJKMNPQRTWXY]{12}$/);
    const answer = JSON.parse((await run(["generate", "1", "--bits", "40", "--check-character", "--json"])).out);
    assert.match(answer.codes[0], /^[23456789CDFHJKMNPQRTWXY]{10}$/);
    assert.equal(answer.bits, 40);
  }
});

test("generate: more codes than one call of the engine makes", async () => {
  for (const run of [inNode, inPython]) {
    const { out } = await run(["generate", "20001"]);
    assert.equal(new Set(out.trim().split("\n")).size, 20_001);
  }
});

test("generate: the files of codes that exist are read", async () => {
  write("old.txt", "AAA\r\n\r\nBBB\n");
  write("old.json", ["AAA", "BBB"]);
  write("broken.csv", "code,max_usse\nAAA,3\n");
  for (const file of ["old.txt", "old.json", "money.csv"])
    for (const run of [inNode, inPython]) {
      const { code, out } = await run(["generate", "2", "--existing", file]);
      assert.deepEqual([code, out.trim().split("\n").length], [0, 2]);
    }
  write("codeless.json", [{ id: "a" }]);
  await fails(["generate", "1", "--existing", "codeless.json"], "codeless.json: promotion 1: expected a code");
  const { code, err } = await both(["generate", "1", "--existing", "broken.csv"]);
  assert.equal(code, 2);
  assert.match(err, /^redeemable: broken\.csv: line 1: /);
});

test("schema is the package's schema", async () => {
  const wanted = { code: 0, out: read("contract/schema.json"), err: "" };
  assert.deepEqual(await both(["schema"]), wanted);
  assert.deepEqual(await both(["schema", "--json"]), wanted);
});

test("a mistake in the command is an error that says what was expected, and nothing is printed", async () => {
  const help = (name) => `redeemable ${name} --help says what there is`;
  await fails(
    ["chekc"],
    `unknown command chekc, expected one of ${read("commands/overview.txt")
      .match(/^ {2}[a-z]+/gm)
      .map((name) => name.trim())
      .join(", ")}`,
  );
  await fails(["check"], "expected the files to check, found none");
  await fails(["check", "early.json", "--polic", "a.json"], `unknown option --polic; ${help("check")}`);
  await fails(["check", "early.json", "-p"], `unknown option -p; ${help("check")}`);
  await fails(["check", "early.json", "--policy"], `--policy needs a value; ${help("check")}`);
  await fails(["check", "--policy", "--json", "early.json"], `--policy needs a value; ${help("check")}`);
  await fails(["check", "early.json", "--json=yes"], `--json takes no value; ${help("check")}`);
  await fails(["check", "early.json", "nothing.json"], "nothing.json: there is no such file");
  await fails(["check", "early.json", "."], ".: it cannot be read (EISDIR)");
  await fails(
    ["check", "early.json", "--at", "2026-02-30T10:00Z"],
    "--at: expected a day and time that exist, found 2026-02-30T10:00Z",
  );
  await fails(
    ["check", "early.json", "--at", "1800000000"],
    "--at: expected a time such as 2026-07-25T18:00:00+02:00 or milliseconds since 1970, found 1800000000",
  );
  await fails(["generate", "1", "2", "3"], "expected the number of codes, found 3");
  await fails(["generate", "many"], "COUNT: expected a number, found many");
  for (const number of ["0", "1000001"])
    await fails(["generate", number], `COUNT: expected a number from 1 to 1000000, found ${number}`);
  await fails(["generate", "10001", "--bits", "9"], "bits: expected an integer from 40 to 128, found 9");
  await fails(["simulate", "early.json"], "--order is missing: a file with the order, as JSON");
  await fails(["simulate", "early.json", "--order", "promos.json"], "order: expected an object, found a list");
  await fails(["schema", "Promo"], "expected no further word, found one");
  write("latin.csv", Buffer.from("code\nM\xdcLLER\n", "latin1"));
  await fails(["check", "latin.csv"], 'latin.csv: expected UTF-8; save a table as "CSV UTF-8"');
  write("extra.json", { promos: [], polcy: {} });
  await fails(["check", "extra.json"], "extra.json: unknown field polcy, expected promos and policy");
  write("object.json", { promos: {} });
  await fails(["check", "object.json"], "object.json: promos: expected a list");
  write("misspelt.json", { ...EARLY, max_usse: 1 });
  const { err } = await both(["simulate", "misspelt.json", "--order", "order.json"]);
  assert.match(err, /^redeemable: misspelt\.json: promotion 1 \(EARLY20\), max_usse: fault: unknown field, /);
});

test("what is no JSON is an error, with the parser's own words behind it", async () => {
  for (const [name, text] of Object.entries({ cut: '{"code": "TEN"', nan: '{"code": NaN}', empty: "" })) {
    write(`${name}.json`, text);
    for (const run of [inNode, inPython]) {
      const { code, out, err } = await run(["check", `${name}.json`]);
      assert.deepEqual([code, out], [2, ""]);
      assert.match(err, new RegExp(`^redeemable: ${name}\\.json: expected JSON \\(.+\\)\n$`));
    }
  }
});

test("a reader that stops early hears no complaint", () => {
  for (const words of Object.values(PROGRAMS)) {
    const command = `${words.map((word) => `'${word}'`).join(" ")} schema | head -c 10`;
    const { stdout, stderr } = spawnSync("bash", ["-c", command], {
      cwd: folder,
      env: environment(),
      encoding: "utf8",
    });
    assert.deepEqual([stdout.length, stderr], [10, ""]);
  }
});
