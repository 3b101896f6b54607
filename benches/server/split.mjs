// Purchases per second of one popular code, of the same code split into parts, and of 10 000 codes, where a commit
// takes 5 ms more, as over a network disk or with a synchronous replica: each plan by itself, as if every buyer had a
// host of their own, and plans of one host in groups. Run it as
//   POSTGRES_SETTINGS="-c fsync=on -c commit_delay=5000 -c commit_siblings=0" scripts/postgres \
//     node benches/server/split.mjs
// All take turns within one run, so that other work on the machine slows all of them; the reported ratio is the
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
const STORES = { "each plan alone": postgresStore(pool, { group: false }), "in groups": postgresStore(pool) };
const store = STORES["in groups"];
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
async function turn(through, code) {
  let sold = 0;
  const start = performance.now();
  const buyer = async () => {
    while (performance.now() - start < Number(MILLISECONDS)) {
      const { status } = await redeem(through, request(code()), { attempts: 50 });
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
const turns = Object.entries(STORES).flatMap(([how, through]) =>
  Object.entries(WAYS).map(([way, code]) => ({ name: `${way}, ${how}`, how, way, sell: () => turn(through, code) })),
);
const measured = Object.fromEntries(turns.map(({ name }) => [name, []]));
// The first round warms up and is not counted.
for (let round = 0; round <= Number(ROUNDS); round += 1) {
  for (const { name, sell } of round % 2 ? turns : turns.toReversed()) {
    const perSecond = await sell();
    if (round > 0) measured[name].push(perSecond);
  }
}
if ((await audit(store)).length > 0) throw new Error("the counters differ from the records");
await pool.end();
const ratio = (way, other) => median(measured[way].map((value, round) => value / measured[other][round]));
const results = turns.map(({ name, how, way }) => ({
  way,
  plans: how,
  per_second: Math.round(median(measured[name])),
  to_one_code: Number(ratio(name, `one code, ${how}`).toFixed(2)),
  to_many_codes: Number(ratio(name, `10000 codes, ${how}`).toFixed(2)),
}));
console.table(results);
mkdirSync(join(OUTPUT, ".."), { recursive: true });
writeFileSync(OUTPUT, `${JSON.stringify({ parts: Number(PARTS), at_once: Number(AT_ONCE), results }, null, 2)}\n`);
