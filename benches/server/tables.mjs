// What each call of the kit reads and writes when the tables have grown: rows and pages read, bytes of the write-ahead
// log, and the processor time of the host, for a call. Run it as
//
//   POSTGRES_SETTINGS="-c full_page_writes=off -c autovacuum=off" scripts/postgres node benches/server/tables.mjs
//
// The environment may set SIZES (10000,100000: records in the table), LAPSED (0,1000,10000,100000: lapsed holds of
// other codes, beside each size of at least as much), ONLY (part of a database's name), and BEFORE: the folder of a
// checkout with a built pkg/js, which is measured beside this one. The results go to target/bench/tables.json.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { NOW, hot, lapsed, other, past, plans, sold, soldOut } from "./history.mjs";
import { openPostgres, openSqlite } from "./meters.mjs";

const numbers = (text) => text.split(",").map(Number);
const SIZES = numbers(process.env.SIZES ?? "10000,100000");
const LAPSED = numbers(process.env.LAPSED ?? "0,1000,10000,100000");
const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const OUTPUT = join(ROOT, "target/bench/tables.json");
const url = process.env.DATABASE_URL;
if (!url) throw new Error("DATABASE_URL is not set: run `scripts/postgres node benches/server/tables.mjs`");

async function kitOf(root) {
  const parts = await Promise.all(
    ["node", "host", "postgres", "sqlite"].map((name) => import(join(root, `pkg/js/${name}.js`))),
  );
  return Object.assign({}, ...parts);
}
const kits = { ...(process.env.BEFORE && { before: await kitOf(process.env.BEFORE) }), now: await kitOf(ROOT) };
const folder = mkdtempSync(join(tmpdir(), "redeemable-bench-"));
const DATABASES = {
  SQLite: (kit) => openSqlite(kit, folder),
  PostgreSQL: (kit) => openPostgres(kit, url),
};

const results = [];
const now = () => NOW;
let orders = 0;
const next = () => `now-${++orders}`;

/** The calls whose cost should not grow, each with what it needs first; `times` calls are measured together. */
function steady(kit, store) {
  const paid = (id) => kit.confirm(store, { id, payment: { id: `pay-${id}`, total: null } }, { now });
  const held = async (make) => {
    const id = next();
    await kit.redeem(store, make(id), { now });
    return id;
  };
  const confirmed = async () => {
    const id = await held(hot);
    await paid(id);
    return id;
  };
  return {
    read: { call: () => store.read(["code/event:event-0:HOT/uses", "code/event:event-0:HOT/spend/EUR"], "past-7") },
    "redeem, the popular code": { call: () => kit.redeem(store, hot(next()), { now }) },
    "redeem, another code": { call: () => kit.redeem(store, other(next(), orders * 7919), { now }) },
    confirm: { before: () => held(hot), call: paid },
    release: {
      before: confirmed,
      call: (id) => kit.release(store, { id, reason: "buyer_released" }, { now }),
    },
  };
}

/** Those beside lapsed holds. */
function refused(kit, store) {
  return {
    "redeem, a code that is sold out": { call: () => kit.redeem(store, sold(next()), { now }) },
    "find what a sweep releases": { call: () => store.find({ lapsed_by_ms: NOW, keys: null, limit: 100 }) },
    "find, the lapsed holds' own code": {
      call: () => store.find({ lapsed_by_ms: NOW, keys: ["code/event:event-1:LAPSED/uses"], limit: 10 }),
    },
  };
}

async function measure(place, { call, before = () => undefined }, times) {
  const given = [];
  if (times > 1) await call(await before()); // prepares the statements
  for (let n = 0; n < times; n += 1) given.push(await before());
  const start = await place.counts();
  const wall = performance.now();
  const cpu = process.cpuUsage();
  for (const each of given) await call(each);
  const { user, system } = process.cpuUsage(cpu);
  const ms = performance.now() - wall;
  const end = await place.counts();
  const each = (name) => (name in end ? Math.round((end[name] - start[name]) / times) : undefined);
  return {
    rows: each("rows"),
    pages: each("pages"),
    log: each("log"),
    host: (user + system) / 1000 / times,
    ms: ms / times,
  };
}

const line = (...cells) =>
  console.log(cells.map((cell, n) => (n ? String(cell ?? "").padStart(11) : cell.padEnd(58))).join(""));
const short = (ms) => (ms < 10 ? ms.toFixed(2) : Math.round(ms));
async function report(place, at, name, task, times) {
  const found = await measure(place, task, times).catch((error) => ({ error: String(error) }));
  results.push({ ...at, name, ...found });
  if (found.error) return line(`${at.tree} ${at.size} ${name}: ${found.error}`);
  line(`${at.tree} ${at.size} ${name}`, found.rows, found.pages, found.log, short(found.host), short(found.ms));
}

async function store(place, kit, rows) {
  await place.fill?.();
  let stored = 0;
  for (const ops of plans(kit, rows)) {
    if (!(await place.store.commit(ops))) throw new Error("a plan of the past was refused");
    stored += 1;
    // PostgreSQL plans its statements for the tables as it last counted them: while they were empty, without an index.
    if ((stored & (stored - 1)) === 0) {
      await place.settle();
      await place.fill?.();
    }
  }
  await place.settle();
}

async function run(database, tree, size) {
  const kit = kits[tree];
  const place = await DATABASES[database](kit);
  const at = { database, tree, size };
  try {
    await store(place, kit, soldOut());
    await store(place, kit, past(size));
    const bytes = Math.round((await place.bytes()) / size);
    results.push({ ...at, name: "bytes a redemption", bytes });
    line(`${tree} ${size} bytes a redemption: ${bytes}`);
    for (const [name, task] of Object.entries(steady(kit, place.store))) await report(place, at, name, task, 50);
    let there = 0;
    for (const count of LAPSED.filter((count) => count <= size)) {
      await store(place, kit, lapsed(there, count));
      there = count;
      for (const [name, task] of Object.entries(refused(kit, place.store)))
        await report(place, at, `${name}, ${count} lapsed`, task, 5);
    }
    await report(place, at, "audit", { call: () => kit.audit(place.store, { now }) }, 1);
    const drift = () => place.drift("code/event:event-0:HOT/uses");
    await report(
      place,
      at,
      "repair of one counter",
      { before: drift, call: () => kit.repair(place.store, { now }) },
      1,
    );
    const left = await kit.audit(place.store, { now }).catch(() => []);
    if (left.length > 0) throw new Error(`${left.length} counters differ: ${JSON.stringify(left.slice(0, 3))}`);
  } finally {
    await place.close();
  }
}

try {
  for (const database of Object.keys(DATABASES).filter((name) => name.includes(process.env.ONLY ?? ""))) {
    console.log(`\n${database}`);
    line("for a call", "rows", "pages", "log bytes", "host ms", "wall ms");
    for (const size of SIZES) for (const tree of Object.keys(kits)) await run(database, tree, size);
  }
  mkdirSync(fileURLToPath(new URL("../../target/bench", import.meta.url)), { recursive: true });
  writeFileSync(OUTPUT, JSON.stringify(results));
} finally {
  rmSync(folder, { recursive: true });
}
