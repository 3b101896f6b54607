// Checks, before anything is timed, that the hand-written code and the engine give the same answers and errors.
import assert from "node:assert/strict";
import { dice, randomRequest, workloads } from "./workloads.js";

/**
 * Compares the functions in `decide`, and those in `keys`, on the workloads, on random orders, and on orders with a
 * mistake. The first function of each list is the hand-written one.
 */
export function check({ decide, keys }, count = 600) {
  for (const [name, request] of Object.entries(workloads)) {
    const decision = same(decide, request, name);
    assert.equal(decision.status, name === "reject" ? "rejected" : "accepted", name);
    same(keys, request, name);
  }
  const random = dice(20_261_122);
  const seen = new Map();
  const note = (what) => seen.set(what, (seen.get(what) ?? 0) + 1);
  for (let n = 0; n < count; n += 1) {
    const request = randomRequest(random);
    const name = () => JSON.stringify(request);
    const read = same(keys, request, name);
    for (const key of read)
      if (random.roll(3)) request.usage.counters[key] = random.roll(key.includes("spend") ? 40_000 : 9);
    const decision = same(decide, request, name);
    note(decision.status);
    for (const { reason } of decision.violations) note(reason);
    const path = spoil(request, random);
    assert.equal(wrong(decide, request, name), path);
    note(path.replace(/\d+/g, "n"));
  }
  // The random orders must have led to each of these at least once, or the comparison says nothing about it.
  for (const what of ["accepted", "rejected", ...REASONS, ...SPOILT])
    assert.ok(seen.get(what), `no random order has led to ${what}`);
  return seen;
}

const REASONS = [
  "unknown_code",
  "cannot_combine",
  "inactive",
  "not_started",
  "ended",
  "outside_hours",
  "wrong_event",
  "wrong_currency",
  "not_eligible",
  "below_min_tickets",
  "missing_tickets",
  "wrong_ticket_type",
  "nothing_to_discount",
  "identity_required",
  "uses_exhausted",
  "identity_uses_exhausted",
  "period_uses_exhausted",
  "period_identity_uses_exhausted",
  "pool_exhausted",
  "pool_budget_exhausted",
  "free_tickets_exhausted",
  "tickets_exhausted",
];
const SPOILT = [
  "max_usse",
  "policy.max_usse",
  "order.max_usse",
  "order.lines[n].max_usse",
  "usage.max_usse",
  "order.lines[n].quantity",
  'order.identities["E-Mail"]',
  "now_ms",
  "codes[n]",
  "order.currency",
  'order.facts["E-Mail"]',
  "policy.zone[n].offset_minutes",
  "promos[n].weekly[n].days[n]",
  "promos[n].per_period[n].every",
  "promos[n].requires[n].min_tickets",
  "promos[n].only_if[n].fact",
  "promos[n].discounts[n].discount.kind",
  "promos[n].discount.tiers[n].from",
  "promos[n].discount.size",
];

/** Makes one mistake in the request, and returns its path. */
function spoil(request, { pick, roll }) {
  const line = roll(request.order.lines.length);
  const at = {
    max_usse: () => (request.max_usse = null),
    "policy.max_usse": () => (request.policy.max_usse = 1),
    "order.max_usse": () => (request.order.max_usse = undefined),
    [`order.lines[${line}].max_usse`]: () => (request.order.lines[line].max_usse = 1),
    "usage.max_usse": () => (request.usage.max_usse = 1),
    [`order.lines[${line}].quantity`]: () =>
      (request.order.lines[line].quantity = pick([0, 1.5, "1", 1001, NaN, null])),
    'order.identities["E-Mail"]': () => (request.order.identities["E-Mail"] = "ann"),
    'order.facts["E-Mail"]': () => (request.order.facts["E-Mail"] = true),
    now_ms: () => (request.now_ms = pick([1_800_000_000, null, "now", Infinity])),
    "codes[0]": () => (request.codes[0] = pick([1, null, "\uD800", ["alpha"]])),
    "order.currency": () => (request.order.currency = pick(["", "seventeen letters", null, 978])),
  };
  if (request.promos.length > 0) {
    const promo = roll(request.promos.length);
    Object.assign(at, {
      [`promos[${promo}].max_usse`]: () => (request.promos[promo].max_usse = 1),
      [`promos[${promo}].max_uses`]: () => (request.promos[promo].max_uses = pick([-1, 0.5, "5", 2 ** 53])),
      [`promos[${promo}].priority`]: () => (request.promos[promo].priority = 1001),
      [`promos[${promo}].code`]: () =>
        (request.promos[promo].code = pick(["", " \u200B ", "A\tB", "x".repeat(65), null])),
      [`promos[${promo}].ends_at_ms`]: () => (request.promos[promo].ends_at_ms = 1_800_000_000),
    });
    const { weekly, per_period, requires, only_if, discount, discounts } = request.promos[promo];
    const own = (path, wrong) => (at[`promos[${promo}].${path}`] = wrong);
    if (weekly) own("weekly[0].days[0]", () => (weekly[0].days[0] = pick([0, 8, "1"])));
    if (per_period) own("per_period[0].every", () => (per_period[0].every = pick(["year", null, 1])));
    if (requires) own("requires[0].min_tickets", () => (requires[0].min_tickets = pick([0, 0.5, "1"])));
    if (only_if) own("only_if[0].fact", () => (only_if[0].fact = pick(["Member", "", 1])));
    if (discount?.tiers) own("discount.tiers[0].from", () => (discount.tiers[0].from = pick([0, 0.5, "1"])));
    if (discount?.size) own("discount.size", () => (discount.size = pick([1, 2.5, "3"])));
    if (discounts) own("discounts[0].discount.kind", () => (discounts[0].discount.kind = pick(["half", null, 1])));
  }
  const { zone } = request.policy;
  if (zone) at["policy.zone[0].offset_minutes"] = () => (zone[0].offset_minutes = pick([7, 900, "60", null]));
  const path = pick(Object.keys(at));
  at[path]();
  return path;
}

function same([hand, ...engines], request, name) {
  const expected = hand(structuredClone(request));
  for (const engine of engines) {
    const answer = engine(structuredClone(request));
    assert.deepEqual(answer, expected, String(typeof name === "function" ? name() : name));
    // deepEqual ignores the order of fields; the text does not.
    assert.equal(JSON.stringify(answer), JSON.stringify(expected));
  }
  return expected;
}

function wrong(calls, request, name) {
  const paths = new Set(
    calls.map((call) => {
      try {
        call(structuredClone(request));
      } catch (error) {
        return error.path ?? `${error.stack}`;
      }
      return assert.fail(`a mistake passed: ${name()}`);
    }),
  );
  assert.equal(paths.size, 1, `${[...paths].join(" or ")}: ${name()}`);
  return [...paths][0];
}
