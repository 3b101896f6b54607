// Measures how the cost of a decision grows with the number of its parts, natively and in Node.
// The exponent of the growth is fitted over the last factor of ten.
//
//   node benches/js/growth.js           (ROUNDS=5, MS=10 of each turn, ONLY=tickets)
//
// n log n would show as about 1.2; an exponent above 1.3 is marked. The results go to target/bench/growth.json.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { PreparedRules, validateRedemption } from "redeemable";
import { median, race, ratio, round } from "./time.js";
import { TITLES, crowd, workloads } from "./workloads.js";

const ROUNDS = Number(process.env.ROUNDS ?? 5);
const MS = Number(process.env.MS ?? 10);
const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const NOW = workloads.accept.now_ms;
const LATER = NOW + 900_000;

/** By the part that grows: its title, the counts, and a function that makes a request with so many. */
const GROWTH = {
  promos: {
    title: "promotions, of which one matches",
    counts: [1, 10, 100, 1000, 10_000],
    request: (count) => crowd(workloads.accept, count),
  },
  tickets: { title: "tickets on up to 100 lines, two codes", counts: [1, 10, 30, 100, 300, 1000], request: tickets },
  maps: { title: "tickets, amounts in 32 currencies", counts: [10, 30, 100, 300, 1000], request: maps },
  tiers: { title: "tickets, 32 tiers", counts: [10, 30, 100, 300, 1000], request: tiers },
  groups: { title: "tickets, in groups of five", counts: [10, 30, 100, 300, 1000], request: groups },
  types: { title: "tickets, 32 discounts by type", counts: [10, 30, 100, 300, 1000], request: types },
  identities: { title: "identities, with every limit per person", counts: [1, 3, 10, 30, 100], request: identities },
  pools: { title: "pools of one code", counts: [1, 3, 10, 30, 100], request: pools },
  lapsed: { title: "lapsed holds that are reclaimed", counts: [1, 10, 30, 100, 300, 1000], request: lapsed },
};

function order(lines, more) {
  return {
    id: "order-1",
    event_id: "gala",
    currency: "EUR",
    lines,
    identities: { email: "ann@example.org" },
    hold_until_ms: LATER,
    ...more,
  };
}

function tickets(count) {
  const lines = Math.min(count, 100);
  return {
    codes: ["off10", "off900"],
    promos: [
      { code: "OFF10", discount_percent: 10, max_uses: 100_000, combines: true, priority: 1 },
      {
        code: "OFF900",
        discount: { kind: "amount_per_order", amount: 907 },
        budget: 9_000_000,
        max_tickets_per_order: 900,
        combines: true,
      },
    ],
    order: order(
      Array.from({ length: lines }, (_, line) => ({
        ticket_type: "regular",
        unit_price: 4500 + ((line * 37) % 101),
        quantity: count / lines,
      })),
    ),
    now_ms: NOW,
  };
}

/** So many tickets on ten lines, each with a type and a price of its own. */
function ofTypes(count) {
  return order(
    Array.from({ length: 10 }, (_, line) => ({
      ticket_type: `type ${line}`,
      unit_price: 4500 + line * 37,
      quantity: count / 10,
    })),
  );
}

function maps(count) {
  const amount = (most) =>
    Object.fromEntries([
      ["EUR", most],
      ...Array.from({ length: 31 }, (_, n) => [`X${String.fromCharCode(65 + (n % 26))}${n}`, most + n]),
    ]);
  const discount = { kind: "amount_per_ticket", amount: amount(500) };
  const promo = {
    code: "NINA",
    discount,
    max_uses: 100_000,
    pools: [{ id: "influencers", budget: amount(9_000_000) }],
  };
  return { codes: ["nina"], promos: [promo], order: ofTypes(count), now_ms: NOW };
}

function tiers(count) {
  const tier = (n) => ({ from: 1 + n * 30, discount: { kind: "percent", percent: 10 + n } });
  const discount = {
    kind: "tiers",
    by: "tickets",
    mode: "graduated",
    tiers: Array.from({ length: 32 }, (_, n) => tier(n)),
  };
  return { codes: ["more"], promos: [{ code: "MORE", discount }], order: ofTypes(count), now_ms: NOW };
}

function groups(count) {
  const discount = { kind: "per_group", size: 5, discounted: 2 };
  const promo = { code: "FIVE", discount, max_uses: 100_000 };
  return { codes: ["five"], promos: [promo], order: ofTypes(count), now_ms: NOW };
}

function types(count) {
  // The order's types are the last ones of the list.
  const entry = (n) => ({ ticket_types: [`type ${31 - n}`], discount: { kind: "percent", percent: 10 + n } });
  const discounts = Array.from({ length: 32 }, (_, n) => entry(n));
  return { codes: ["club"], promos: [{ code: "CLUB", discounts }], order: ofTypes(count), now_ms: NOW };
}

function identities(count) {
  return {
    codes: ["early20"],
    promos: [{ code: "EARLY20", discount_percent: 20, max_uses: 100, max_uses_per_identity: 4 }],
    policy: { max_free_tickets_per_identity: 2, max_tickets_per_identity: 4 },
    order: order([{ unit_price: 4500, quantity: 2 }], {
      identities: Object.fromEntries(Array.from({ length: count }, (_, n) => [`card_${(n * 37) % 101}`, `4711-${n}`])),
    }),
    now_ms: NOW,
  };
}

function pools(count) {
  return {
    codes: ["early20"],
    promos: [
      {
        code: "EARLY20",
        discount_percent: 20,
        pools: Array.from({ length: count }, (_, n) => ({
          id: `pool ${(n * 37) % 101}`,
          max_uses: 1000,
          budget: 1_000_000,
        })),
      },
    ],
    order: order([{ unit_price: 4500, quantity: 2 }]),
    now_ms: NOW,
  };
}

function lapsed(count) {
  const request = { ...workloads.accept, usage: {} };
  const hold = (n) => {
    const held = {
      ...request.order,
      id: `hold-${(n * 7919) % 10_007}`,
      identities: { email: `guest${n}@example.org` },
      hold_until_ms: NOW,
    };
    return validateRedemption({ ...request, order: held, now_ms: NOW - 1000 }).ops[0].redemption;
  };
  const holds = Array.from({ length: count }, (_, n) => hold(n));
  return { ...request, usage: { counters: { "code/event:gala:EARLY20/uses": 98 + 2 * count }, lapsed: holds } };
}

/** The slope of the line fitted to the logarithms of the points, over the last factor of ten. */
function exponent(points) {
  const last = points.filter(([count]) => count * 10 >= points.at(-1)[0]).map((point) => point.map(Math.log));
  const mean = (axis) => last.reduce((sum, point) => sum + point[axis], 0) / last.length;
  const [x, y] = [mean(0), mean(1)];
  const slope =
    last.reduce((sum, point) => sum + (point[0] - x) * (point[1] - y), 0) /
    last.reduce((sum, point) => sum + (point[0] - x) ** 2, 0);
  return Number(slope.toFixed(2));
}

/** The native microseconds by request: a decision alone, one under prepared rules, and one from JSON text to text. */
function natively(requests) {
  const input = Object.entries(requests)
    .map(([name, request]) => `${JSON.stringify({ name, request })}\n`)
    .join("");
  const command = ["bench", "--quiet", "--profile", "component", "--bench", "native"];
  const output = execFileSync("cargo", command, {
    cwd: ROOT,
    input,
    encoding: "utf8",
    maxBuffer: 1 << 26,
    stdio: ["pipe", "pipe", "inherit"],
  });
  return Object.fromEntries(
    output
      .trim()
      .split("\n")
      .map(JSON.parse)
      .map(({ name, times }) => [name, times]),
  );
}

const requests = {};
const chosen = Object.entries(GROWTH).filter(([what]) => (process.env.ONLY ?? what).split(",").includes(what));
for (const [what, { counts, request }] of chosen)
  for (const count of counts) requests[`${what} ${count}`] = request(count);
for (const name of Object.keys(TITLES)) requests[name] = workloads[name];
for (const [name, request] of Object.entries(requests))
  assert.equal(validateRedemption(request).status, name === "reject" ? "rejected" : "accepted", name);

console.log("natively: cargo builds the bench, half a minute the first time");
const native = natively(requests);
const decisions = Object.fromEntries(Object.keys(TITLES).map((name) => [name, native[name]]));
for (const [name, { decide, prepared, text }] of Object.entries(decisions)) {
  console.log(
    `${TITLES[name].padEnd(48)} decides in ${round(decide)} µs, prepared in ${round(prepared)} µs, ` +
      `from text to text in ${round(text)} µs`,
  );
}

const growth = {};
for (const [what, { title, counts }] of chosen) {
  const calls = {};
  for (const count of counts) {
    const request = requests[`${what} ${count}`];
    const { promos, policy, ...asked } = request;
    const rules = new PreparedRules({ promos, policy });
    assert.deepEqual(rules.validateRedemption(asked), validateRedemption(request));
    calls[`Node ${count}`] = () => validateRedemption(request);
    calls[`Node, prepared ${count}`] = () => rules.validateRedemption(asked);
  }
  const times = await race(calls, { rounds: ROUNDS, ms: MS });
  const [first, last] = [counts[0], counts.at(-1)];
  // In Node, the ratio of the most to the least is taken within each round.
  const most = (name) => (times[`${name} ${last}`] ? ratio(times, `${name} ${last}`, `${name} ${first}`) : null);
  // How many times the cost of the most is that of ten times fewer: 10 is in proportion.
  const tenfold = (name, points) =>
    times[`${name} ${last}`]
      ? ratio(times, `${name} ${last}`, `${name} ${last / 10}`)
      : round(points.at(-1)[1] / points.find(([count]) => count * 10 === last)[1]);
  const series = {
    "natively, deciding alone": counts.map((count) => [count, native[`${what} ${count}`].decide]),
    "natively, prepared": counts.map((count) => [count, native[`${what} ${count}`].prepared]),
    "natively, JSON text": counts.map((count) => [count, native[`${what} ${count}`].text]),
    Node: counts.map((count) => [count, median(times[`Node ${count}`])]),
    "Node, prepared": counts.map((count) => [count, median(times[`Node, prepared ${count}`])]),
  };
  growth[what] = {
    title,
    series: Object.fromEntries(
      Object.entries(series).map(([name, points]) => [
        name,
        {
          points: points.map(([count, us]) => [count, round(us)]),
          exponent: exponent(points),
          tenfold: tenfold(name, points),
          most: most(name),
        },
      ]),
    ),
  };
  const heads = counts.map((count) => String(count).padStart(10)).join("");
  console.log(`\n${title.padEnd(40)}${heads}   exponent   to a tenth   most to least`);
  for (const [name, { points, exponent, tenfold, most }] of Object.entries(growth[what].series)) {
    console.log(
      name.padEnd(40) +
        points.map(([, us]) => String(us).padStart(10)).join("") +
        `   ${String(exponent).padStart(8)}${String(tenfold).padStart(13)}${String(most ?? "").padStart(16)}` +
        (exponent > 1.3 ? "  worse than n log n" : ""),
    );
  }
}
mkdirSync(`${ROOT}target/bench`, { recursive: true });
writeFileSync(`${ROOT}target/bench/growth.json`, `${JSON.stringify({ decisions, growth }, null, 2)}\n`);
