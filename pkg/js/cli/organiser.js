// The commands for organisers: check, generate, simulate and schema.
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { preview } from "../host.js";
import { canonicalCode, validateRedemption } from "../node.js";
import { checkPromo, generateCodes } from "../organiser-node.js";
import { expectWords, Refused } from "./arguments.js";
import { storeAt } from "./databases.js";
import { documentsOf, isTable, jsonOf, textOf, timeOf } from "./files.js";
import { faultsOf, placed, sentence } from "./findings.js";
import { count, money } from "./words.js";

const SEVERITIES = ["fault", "danger", "warning", "notice"];

export async function check(files, options) {
  expectWords(files, 1, Infinity, "the files to check");
  const now_ms = timeOf(options.at);
  const documents = await documentsOf(files, options);
  const { promos, policy } = documents;
  const faults = faultsOf(documents);
  const findings =
    faults.length > 0 ? faults : checkPromo({ promos, policy, now_ms }).map((finding) => placed(documents, finding));
  const counts = SEVERITIES.map((severity) => [severity, findings.filter((one) => one.severity === severity).length]);
  const { fault, danger, warning } = Object.fromEntries(counts);
  const told = counts.filter(([, number]) => number > 0).map(([severity, number]) => count(number, severity));
  const sum = fault > 0 ? "" : `${count(promos.length, "promotion")}: `;
  return {
    json: { promotions: promos.length, findings },
    lines: [...findings.map(sentence), `${sum}${told.join(", ") || "nothing found"}`],
    code: fault + danger + (options.strict ? warning : 0) > 0 ? 1 : 0,
  };
}

/** How many codes one command makes, and how many one call of the engine. */
const MOST_CODES = 1_000_000;
const AT_ONCE = 10_000;

export async function generate(words, { prefix, existing = [], ...options }) {
  expectWords(words, 1, 1, "the number of codes");
  const wanted = numberOf("COUNT", words[0]);
  if (wanted < 1 || wanted > MOST_CODES)
    throw new Refused(`COUNT: expected a number from 1 to ${MOST_CODES}, found ${wanted}`);
  const bits = options.bits === undefined ? 50 : numberOf("--bits", options.bits);
  // Each character is one of 23, which are 4.52 bits. The engine itself says which numbers are too large.
  const characters = Math.ceil(Math.min(bits, 128) / 4.5);
  const others = (await Promise.all(existing.map(codesOf))).flat();
  // The engine would read the codes that exist again in each call. One that comes twice is left out here.
  const taken = new Set(others.map((text) => canonicalCode({ text }).canonical));
  const all = { codes: [], bits };
  while (all.codes.length < wanted) {
    const count = Math.min(wanted - all.codes.length, AT_ONCE);
    const made = generateCodes({
      count,
      bits,
      prefix,
      check_character: options["check-character"],
      entropy: randomBytes(16 + 2 * characters * count).toString("hex"),
    });
    all.bits = made.bits;
    for (const code of made.codes) if (taken.size < taken.add(code).size) all.codes.push(code);
  }
  return { json: all, lines: all.codes };
}

function numberOf(name, text) {
  if (!/^[0-9]{1,9}$/.test(text)) throw new Refused(`${name}: expected a number, found ${text}`);
  return Number(text);
}

/** The codes in a file: of promotions, in a list as JSON, or one a line. */
async function codesOf(file) {
  if (!isTable(file) && !/\.json$/i.test(file))
    return textOf(file)
      .replace(/^\ufeff/, "")
      .split(/\r?\n/)
      .filter((line) => line.trim() !== "");
  const { promos, errors } = await documentsOf([file], {});
  for (const { line, message } of errors) throw new Refused(`${file}: line ${line}: ${message}`);
  return promos.map((promo, index) => {
    const code = typeof promo === "string" ? promo : promo?.code;
    if (typeof code !== "string") throw new Refused(`${file}: promotion ${index + 1}: expected a code`);
    return code;
  });
}

export async function simulate(files, { code: codes = [], ...options }) {
  expectWords(files, 1, Infinity, "the files with the promotions");
  if (options.order === undefined) throw new Refused("--order is missing: a file with the order, as JSON");
  const now_ms = timeOf(options.at);
  const documents = await documentsOf(files, options);
  for (const fault of faultsOf(documents)) throw new Refused(sentence(fault));
  const { promos, policy } = documents;
  const order = jsonOf(options.order);
  // An order with an id would be decided as one to store. Everything but an object is the engine's to refuse.
  const asked = { codes, promos, policy, order: isObject(order) ? { ...order, id: null } : order };
  const decision =
    options.url === undefined
      ? validateRedemption({ ...asked, now_ms })
      : await storeAt(options, (store) => preview(store, asked, { now: () => now_ms }));
  return { json: decision, lines: decision.status === "accepted" ? accepted(decision) : rejected(decision) };
}

const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

function accepted({ quote, applied }) {
  const inMoney = (amount) => money(amount, quote.currency);
  const lines = [`accepted: ${inMoney(quote.total)} to pay, ${inMoney(quote.discount)} off`];
  for (const { code, tickets, uses, discount, partial, remaining } of applied) {
    const left = remaining === null ? "without a limit" : `${remaining} left`;
    const less = partial ? "; fewer tickets than the order has, because too little is left" : "";
    lines.push(`${code}: ${inMoney(discount)} off ${count(tickets, "ticket")}; ${count(uses, "use")}, ${left}${less}`);
  }
  // Tickets of one line that cost the same are one line here.
  const alike = new Map();
  for (const { line, ticket_type, unit_price, price } of quote.tickets) {
    const key = JSON.stringify([line, price]);
    const one = alike.get(key) ?? { ticket_type, unit_price, price, number: 0 };
    alike.set(key, { ...one, number: one.number + 1 });
  }
  for (const { ticket_type, unit_price, price, number } of alike.values()) {
    const before = price === unit_price ? "" : ` instead of ${inMoney(unit_price)}`;
    lines.push(`${number} × ${ticket_type ?? "ticket"}: ${inMoney(price)}${before}`);
  }
  return lines;
}

function rejected({ quote, violations }) {
  return [
    `rejected: without a code the order costs ${money(quote.total, quote.currency)}`,
    ...violations.map(
      ({ message, reason, public_reason }) => `${message} (${reason}; the buyer is told ${public_reason})`,
    ),
  ];
}

export async function schema(words) {
  expectWords(words, 0, 0, "no further word");
  return { text: readFileSync(new URL("../dist/schema.json", import.meta.url), "utf8") };
}
