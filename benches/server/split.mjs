// Purchases per second of one popular code, of the same code split into parts, and of 10 000 codes, where a commit
// takes 5 ms more, as over a network disk or with a synchronous replica. Run it as
//   POSTGRES_SETTINGS="-c fsync=on -c commit_delay=5000 -c commit_siblings=0" scripts/postgres \
//     node benches/server/split.mjs
// The three take turns within one run, so that other work on the machine slows all of them; the reported ratio is the
// median of the rounds' ratios. ROUNDS (7), MILLISECONDS of each turn (1000), PARTS (32) and AT_ONCE (32) may be set.
// The results go to target/bench/split.json.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { audit, redeem, split } from "redeemable/host";
import { postgresStore } from "redeemable/postgres";

const { DATABASE_URL: url, ROUNDS = 7, MILLISECONDS = 1000, PARTS = 32, AT_ONCE = 32 } = process.env;
const OUTPUT = fileURLToPath(new URL("../../target/bench/split.json", import.meta.url));
const CODES = 10_000;

const pool = new pg.Pool({ connectionString: url, max: Number(AT_ONCE) });
const store = postgresStore(pool);
await store.migrate();
const delay = (await pool.query("SELECT current_setting('commit_delay') || ' ' || current_setting('commit_siblings')"))
  .rows[0];
if (Object.values(delay)[0] !== "5000 0")
  throw new Error("expected -c commit_delay=5000 -c commit_siblings=0 in POSTGRES_SETTINGS");

let orders = 0;
const request = (code) => ({
  codes: [code],
  promos: [{ code, discount_percent: 10, max_uses: 10_000_000 }],
  order: {
    id: `o-${++orders}`,
    event_id: "gala",
    currency: "EUR",
    lines: [{ unit_price: 4500, quantity: 1 }],
    hold_until_ms: Date.now() + 600_000,
  },
});
const WAYS = {
  "one code": () => "ONE",
  "one code in parts": () => "PARTS",
  // 7919 is a prime number that does not divide the number of codes, so every code has its turn.
  "10000 codes": () => `CODE${(orders * 7919) % CODES}`,
};

/** Sells for a while, and returns the purchases per second. */
async function turn(code) {
  let sold = 0;
  const start = performance.now();
  const buyer = async () => {
    while (performance.now() - start < Number(MILLISECONDS)) {
      const { status } = await redeem(store, request(code()), { attempts: 50 });
      if (status !== "accepted") throw new Error("a purchase was refused");
      sold += 1;
    }
  };
  await Promise.all(Array.from({ length: Number(AT_ONCE) }, buyer));
  return (1000 * sold) / (performance.now() - start);
}

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
// The counter of what the code takes off is split as soon as it is there.
await redeem(store, request("PARTS"));
await split(store, "code/event:gala:PARTS/uses", Number(PARTS));
const measured = Object.fromEntries(Object.keys(WAYS).map((way) => [way, []]));
// The first round warms up and is not counted.
for (let round = 0; round <= Number(ROUNDS); round += 1) {
  const ways = Object.entries(WAYS);
  for (const [way, code] of round % 2 ? ways : ways.reverse()) {
    const perSecond = await turn(code);
    if (round > 0) measured[way].push(perSecond);
  }
}
if ((await audit(store)).length > 0) throw new Error("the counters differ from the records");
await pool.end();
const ratio = (way, other) => median(measured[way].map((value, round) => value / measured[other][round]));
const results = Object.keys(WAYS).map((way) => ({
  way,
  per_second: Math.round(median(measured[way])),
  to_one_code: Number(ratio(way, "one code").toFixed(2)),
  to_many_codes: Number(ratio(way, "10000 codes").toFixed(2)),
}));
console.table(results);
mkdirSync(join(OUTPUT, ".."), { recursive: true });
writeFileSync(OUTPUT, `${JSON.stringify({ parts: Number(PARTS), at_once: Number(AT_ONCE), results }, null, 2)}\n`);
