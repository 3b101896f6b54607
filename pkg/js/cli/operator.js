// The commands for operators.
import {
  archive as archiveStore,
  audit as auditStore,
  erase as eraseStore,
  repair as repairStore,
  split as splitStore,
  sweep as sweepStore,
} from "../host.js";
import { mysql, postgres, sqlite } from "../dist/sql.js";
import { report as reportStore, reportCsv } from "../report.js";
import { postgresOptions } from "../schema.js";
import { expectWords, Refused } from "./arguments.js";
import { schemaOf, storeAt } from "./databases.js";
import { timeOf } from "./files.js";
import { linesOf } from "./report.js";
import { count } from "./words.js";

const SCRIPTS = { postgres, mysql, sqlite };

export async function migrate(words, { print, schema, ...options }) {
  expectWords(words, 0, 1, "at most one URL");
  if (print === undefined) {
    const [url = options.url] = words;
    await storeAt({ url, schema }, (store) => store.migrate(), { create: true });
    return { json: { migrated: true }, lines: ["the tables are there"] };
  }
  if (!Object.hasOwn(SCRIPTS, print))
    throw new Refused(`--print: expected ${Object.keys(SCRIPTS).join(", ")}, found ${print}`);
  if (schema !== undefined && print !== "postgres") throw new Refused("--schema is for PostgreSQL alone");
  const script = print === "postgres" ? postgresOptions(schemaOf(schema)).script : SCRIPTS[print];
  return { json: { database: print, script }, text: script };
}

export async function audit(words, options) {
  expectWords(words, 0, 0, "no further word");
  const drift = await storeAt(options, (store) => auditStore(store));
  const differ = drift.length === 0 ? "no counter differs" : count(drift.length, "counter differs", "counters differ");
  return {
    json: drift,
    lines: [
      ...drift.map(({ key, used, must }) => `${key}: is ${used}, must be ${must}`),
      `${differ} from what the records say`,
    ],
    code: drift.length === 0 ? 0 : 1,
  };
}

export async function repair(words, options) {
  expectWords(words, 0, 0, "no further word");
  const set = await storeAt(options, (store) => repairStore(store));
  const sum = set.length === 0 ? "no counter differed" : `${count(set.length, "counter")} set`;
  return { json: set, lines: [...set.map(({ key, used, must }) => `${key}: was ${used}, is now ${must}`), sum] };
}

export async function report(words, { event, code, from, to, csv, ...options }) {
  expectWords(words, 0, 0, "no further word");
  const by_person = options["by-person"] === true;
  const [from_ms, to_ms] = [
    [from, "--from"],
    [to, "--to"],
  ].map(([time, option]) => (time === undefined ? null : timeOf(time, option)));
  const chosen = { event_id: event ?? null, code: code ?? null, from_ms, to_ms, by_person };
  const answer = await storeAt(options, (store) => reportStore(store, chosen));
  return csv ? { json: answer, text: reportCsv(answer) } : { json: answer, lines: linesOf(answer, by_person) };
}

export async function sweep(words, options) {
  expectWords(words, 0, 0, "no further word");
  // Released without the host's `write`, an order would leave its tickets in the host's own rows.
  if (!options["records-only"])
    throw new Refused(
      "sweep releases records and counters, and not your own rows: if your program passes write to the kit, sweep " +
        "there; if no rows of your own belong to the orders, add --records-only",
    );
  const released = await storeAt(options, (store) => sweepStore(store));
  return { json: { released }, lines: [`${count(released, "lapsed hold")} released`] };
}

export async function split(words, options) {
  expectWords(words, 2, 2, "a counter's key and a number of parts");
  const [key, text] = words;
  if (!/^\d{1,3}$/.test(text)) throw new Refused(`PARTS: expected an integer, found ${text}`);
  const parts = Number(text);
  const keys = await storeAt(options, (store) => splitStore(store, key, parts));
  const told = parts === 1 ? "is one row again" : `is split into ${parts} rows`;
  return { json: { parts, keys }, lines: keys.map((each) => `${each} ${told}`) };
}

export async function archive(words, { before, event, ...options }) {
  expectWords(words, 0, 0, "no further word");
  if (before === undefined && event === undefined)
    throw new Refused("expected --before, --event or both: which orders shall be archived?");
  const before_ms = before === undefined ? null : timeOf(before, "--before");
  const archived = await storeAt(options, (store) => archiveStore(store, { before_ms, event_id: event ?? null }));
  return { json: { archived }, lines: [`${count(archived, "order")} archived`] };
}

export async function erase(words, options) {
  expectWords(words, 1, 1, "the identity to erase, such as email:ann@example.org");
  const changed = await storeAt(options, (store) => eraseStore(store, words[0]));
  return { json: { changed }, lines: [`${count(changed, "order")} changed`] };
}
