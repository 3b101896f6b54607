// Purchases per second: through the kit, through the kit with all codes as prepared rules, and by hand with the same
// statements, one transaction each. Run it as `scripts/mariadb scripts/postgres node benches/server/bench.mjs`.
// The three take turns within one run, so that other work on the machine slows all of them; the reported ratio is the
// median of the rounds' ratios.
// The environment may set ROUNDS (9), MILLISECONDS of each turn (250), AT_ONCE (1,8,32) and ONLY (part of a database's
// name).
// The results go to target/bench/server.json.
// The last three columns are the processor time of the host's process for one purchase: what the engine and the loop
// cost, however long the database takes.
// POSTGRES_SETTINGS="-c fsync=on" and MARIADB_SETTINGS= make the servers as safe as a shop's; without them they are
// faster, and the cost of the kit is a larger share.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { PreparedRules } from "redeemable";
import { mysqlShop, postgresShop, promo, sqliteShop } from "./shops.mjs";

const ROUNDS = Number(process.env.ROUNDS ?? 9);
const MILLISECONDS = Number(process.env.MILLISECONDS ?? 250);
const OUTPUT = fileURLToPath(new URL("../../target/bench/server.json", import.meta.url));
const url = process.env.DATABASE_URL;
if (!url || !process.env.MYSQL_URL)
  throw new Error("run `MARIADB_SETTINGS= scripts/mariadb scripts/postgres node benches/server/bench.mjs`");

const folder = mkdtempSync(join(tmpdir(), "redeemable-bench-"));
let files = 0;
const sqlite = (synchronous) => async (_, rules) => sqliteShop(join(folder, `${++files}.sqlite`), synchronous, rules);
const SHOPS = {
  "SQLite, synchronous FULL": sqlite("FULL"),
  "SQLite, synchronous NORMAL": sqlite("NORMAL"),
  PostgreSQL: (max, rules) => postgresShop(url, { pipeline: false, max }, rules),
  "PostgreSQL, pipelined": (max, rules) => postgresShop(url, { pipeline: true, max }, rules),
  // As if the disk, or a replica that each commit waits for, took 5 ms longer.
  "PostgreSQL, commit +5 ms": (max, rules) =>
    postgresShop(url, { pipeline: false, max, options: "-c commit_delay=5000 -c commit_siblings=0" }, rules),
  MariaDB: (max, rules) => mysqlShop(process.env.MYSQL_URL, { max }, rules),
};
const CODES = { "one code": 1, "10000 codes": 10_000 };
const AT_ONCE = (process.env.AT_ONCE ?? "1,8,32").split(",").map(Number);

let orders = 0;
/** Sells for a while, and returns the purchases per second. */
async function turn(sell, codes, atOnce, ms) {
  let sold = 0;
  const start = performance.now();
  const before = process.cpuUsage();
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (performance.now() - start < ms) {
        orders += 1;
        // 7919 is a prime number that does not divide the number of codes, so every code has its turn.
        if (!(await sell(`CODE${(orders * 7919) % codes}`, `o-${orders}`))) throw new Error("a purchase was refused");
        sold += 1;
      }
    }),
  );
  const { user, system } = process.cpuUsage(before);
  return { sold, perSecond: sold / ((performance.now() - start) / 1000), cpu: (user + system) / sold };
}

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
const results = [];
const line = (name, codes, ...figures) =>
  console.log(name.padEnd(28) + codes.padEnd(14) + figures.map((figure) => String(figure).padStart(14)).join(" "));
line(
  "",
  "codes",
  "at once",
  "by hand/s",
  "kit/s",
  "ratio",
  "from to",
  "rules ratio",
  "hand CPU",
  "kit CPU",
  "rules CPU",
);
try {
  for (const [name, open] of Object.entries(SHOPS).filter(([name]) => name.includes(process.env.ONLY ?? ""))) {
    for (const [codes, count] of Object.entries(CODES)) {
      const rules = new PreparedRules({ promos: Array.from({ length: count }, (_, number) => promo(`CODE${number}`)) });
      for (const atOnce of AT_ONCE) {
        const shop = await open(atOnce, rules);
        const before = orders;
        const measured = { byHand: [], kit: [], rules: [] };
        let sold = 0;
        // The first round warms up and is not counted.
        for (let round = 0; round <= ROUNDS; round += 1) {
          for (const way of round % 2 ? ["byHand", "kit", "rules"] : ["rules", "kit", "byHand"]) {
            const result = await turn(shop[way], count, atOnce, MILLISECONDS);
            sold += result.sold;
            if (round > 0) measured[way].push(result);
          }
        }
        if (orders - before !== sold || (await shop.tickets()) !== 2 * sold)
          throw new Error("not every purchase has its two tickets");
        await shop.close();
        const of = (way, figure) => Math.round(median(measured[way].map((result) => result[figure])));
        const ratiosOf = (way) =>
          measured[way].map(({ perSecond }, round) => perSecond / measured.byHand[round].perSecond);
        const ratios = ratiosOf("kit");
        const row = {
          database: name,
          codes: count,
          at_once: atOnce,
          by_hand_per_second: of("byHand", "perSecond"),
          kit_per_second: of("kit", "perSecond"),
          ratio: median(ratios),
          least: Math.min(...ratios),
          most: Math.max(...ratios),
          by_hand_cpu_us: of("byHand", "cpu"),
          kit_cpu_us: of("kit", "cpu"),
          rules_per_second: of("rules", "perSecond"),
          rules_ratio: median(ratiosOf("rules")),
          rules_cpu_us: of("rules", "cpu"),
        };
        results.push(row);
        const percent = (ratio) => `${Math.round(ratio * 100)} %`;
        line(
          name,
          codes,
          atOnce,
          row.by_hand_per_second,
          row.kit_per_second,
          percent(row.ratio),
          `${percent(row.least)} to ${percent(row.most)}`,
          percent(row.rules_ratio),
          `${row.by_hand_cpu_us} µs`,
          `${row.kit_cpu_us} µs`,
          `${row.rules_cpu_us} µs`,
        );
      }
    }
  }
} finally {
  rmSync(folder, { recursive: true });
}
mkdirSync(join(OUTPUT, ".."), { recursive: true });
writeFileSync(
  OUTPUT,
  `${JSON.stringify(
    {
      node: process.version,
      cpu: cpus()[0].model,
      cpus: cpus().length,
      rounds: ROUNDS,
      milliseconds: MILLISECONDS,
      results,
    },
    null,
    2,
  )}\n`,
);
