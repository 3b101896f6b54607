// For operators: what each code was used for and what came in, from the records, and the same as CSV.
import { canonicalCode } from "#engine";
import { reportUsage } from "#organiser";
import { few } from "./attempts.js";
import { cellOf } from "./csv-cells.js";
import { invalid, known } from "./options.js";
import { explained } from "./stores.js";

const STATES = ["held", "confirmed", "released"];
const NUMBERS = ["orders", "tickets", "uses", "list", "discount", "paid"];

/** Adds up what the records say, those in the archive too, a share at a time; report.d.ts says what is chosen. */
export async function report(store, chosen = {}) {
  const { code, by_person, isChosen } = choice(chosen);
  const rows = new Map();
  await explained(() =>
    store.scan(({ redemptions }) => {
      for (const share of shares(redemptions.filter(isChosen))) {
        for (const row of reported(share, by_person)) {
          const key = JSON.stringify([row.code, row.currency, row.person]);
          rows.set(key, added(rows.get(key), row));
        }
      }
    }),
  );
  const all = [...rows.values()].filter((row) => code === null || row.code === null || row.code === code);
  return { rows: all.sort(inOrder) };
}

/** The rows as a table, one line for each; report.d.ts says how it is written. */
export function reportCsv({ rows }, options = {}) {
  const { delimiter = "," } = known(options, ["delimiter"], ["options"]);
  if (![",", ";", "\t"].includes(delimiter))
    throw invalid(["options", "delimiter"], "expected a comma, a semicolon or a tab");
  const columns = STATES.flatMap((state) => NUMBERS.map((name) => [state, name]));
  const lines = [
    ["code", "currency", "person", ...columns.map(([state, name]) => `${state}_${name}`)],
    ...rows.map((row) => [
      ...[row.code, row.currency, row.person].map((text) => cellOf(text, "text", delimiter)),
      ...columns.map(([state, name]) => cellOf(row[state][name], "count", delimiter)),
    ]),
  ];
  // A cell is quoted if it contains any of the separators: the reader may take another one than ours.
  const quoted = (cell) => (/[\r\n,;\t"]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
  return `\ufeff${lines.map((line) => `${line.map(quoted).join(delimiter)}\r\n`).join("")}`;
}

function choice(chosen) {
  const names = ["event_id", "code", "from_ms", "to_ms", "by_person"];
  const { event_id = null, code = null, from_ms = null, to_ms = null, by_person = false } = known(chosen, names);
  for (const [name, text] of Object.entries({ event_id, code }))
    if (text !== null && typeof text !== "string") throw invalid([name], `expected a string, found ${typeof text}`);
  for (const [name, time] of Object.entries({ from_ms, to_ms }))
    if (time !== null && !Number.isSafeInteger(time))
      throw invalid([name], `expected a time in milliseconds, found ${time}`);
  if (typeof by_person !== "boolean") throw invalid(["by_person"], `expected true or false, found ${by_person}`);
  const canonical = code === null ? null : canonicalCode({ text: code }).canonical;
  const isChosen = (redemption) =>
    (event_id === null || redemption.event_id === event_id) &&
    (canonical === null || (redemption.applied ?? []).some((applied) => applied.code === canonical)) &&
    (from_ms === null || redemption.created_at_ms >= from_ms) &&
    (to_ms === null || redemption.created_at_ms < to_ms);
  return { code: canonical, by_person, isChosen };
}

/** The records in shares that one call of the engine takes: a popular code has more. */
function* shares(redemptions) {
  for (let from = 0, share; from < redemptions.length; from += share.length) {
    share = few(redemptions.slice(from, from + 500));
    yield share;
  }
}

function reported(redemptions, by_person) {
  try {
    return reportUsage({ redemptions, by_person }).rows;
  } catch (error) {
    // The error names a position in the share, which tells an operator nothing: so add the order's id to the message.
    const [list, index] = error?.at ?? [];
    if (list === "redemptions" && index !== undefined) error.message += `, in the redemption ${redemptions[index]?.id}`;
    throw error;
  }
}

function added(sum, row) {
  if (sum === undefined) return row;
  const state = (name) => Object.fromEntries(NUMBERS.map((number) => [number, sum[name][number] + row[name][number]]));
  return { ...row, ...Object.fromEntries(STATES.map((name) => [name, state(name)])) };
}

/** By code, currency and person; null comes first. */
function inOrder(one, other) {
  for (const name of ["code", "currency", "person"]) {
    const [a, b] = [one[name] ?? "", other[name] ?? ""];
    if (a !== b) return a < b ? -1 : 1;
  }
  return 0;
}
