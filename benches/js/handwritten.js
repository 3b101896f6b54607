// What a careful programmer would write for the workloads' promotions.
// The code makes the same checks as the engine and gives the same whole answer, with the plan and the record.
//
// The code knows windows, events and ticket types; limits over all buyers, per person and of pools; codes that combine;
// and the policy's caps. The discounts that it knows are in prices.js; hours, facts and required tickets in
// conditions.js.
// Other features are errors here, as unknown fields are in the engine: replays, lapsed holds, other discounts and
// release rules.
// White space and upper case are those of JavaScript. check.js compares every answer with the engine's.
import { localTime } from "./conditions.js";
import { fail, known, time } from "./fields.js";
import { capsOf, judge, leastOfPools, limitsOf, refusal, shortage } from "./judging.js";
import { sum } from "./prices.js";
import { readCodes, readOrder, readPolicy, readPromos, readUsage } from "./read.js";

const REQUEST = new Set(["codes", "promos", "policy", "order", "usage", "now_ms"]);
const RULES = new Set(["promos", "policy"]);
const ASKED = new Set(["codes", "order", "usage", "now_ms"]);
/** The longest time that an unpaid order may hold its uses when the policy sets none; the policies here set none. */
const MAX_HOLD = 48 * 3_600_000;

export function validateRedemption(request) {
  known(request, REQUEST, "");
  return decide(readPromos(request.promos), readPolicy(request.policy), request);
}

export function usageKeys(request) {
  known(request, REQUEST, "");
  return keys(readPromos(request.promos), readPolicy(request.policy), request);
}

/** The same functions, with promotions and policy read once. */
export class Rules {
  #promos;
  #policy;

  constructor(rules) {
    known(rules, RULES, "");
    this.#promos = readPromos(rules.promos);
    this.#policy = readPolicy(rules.policy);
  }

  validateRedemption(asked) {
    return decide(this.#promos, this.#policy, known(asked, ASKED, ""));
  }

  usageKeys(asked) {
    return keys(this.#promos, this.#policy, known(asked, ASKED, ""));
  }
}

function keys(promos, policy, asked) {
  const codes = readCodes(asked.codes);
  const order = readOrder(asked.order);
  readUsage(asked.usage);
  const now = time(asked.now_ms, "", "now_ms") ?? fail("now_ms", "missing required field");
  const local = localTime(policy.zone, now);
  const known = codes.map((code) => promos.get(code)).filter(Boolean);
  const limits = [...known.flatMap((promo) => limitsOf(promo, order, local, new Map())), ...capsOf(policy, order)];
  return [...new Set(limits.map(({ key }) => key))].sort();
}

function decide(promos, policy, asked) {
  const codes = readCodes(asked.codes);
  const order = readOrder(asked.order);
  const counters = readUsage(asked.usage);
  const now = time(asked.now_ms, "", "now_ms") ?? fail("now_ms", "missing required field");

  const entered = codes.map((code) => ({ code, promo: promos.get(code) }));
  const violations = [];
  for (const { code, promo } of entered) {
    if (!promo) violations.push(refusal(code, "unknown_code", `no promotion has the code ${code}`));
    else if (entered.length > 1 && !promo.combines)
      violations.push(refusal(code, "cannot_combine", `${code} cannot be combined with other codes`));
  }
  const early = new Set(violations.map(({ code }) => code));
  const pools = leastOfPools(entered, order);
  const adds = new Map();
  const charges = [];
  const used = (key) => (counters.get(key) ?? 0) + (adds.get(key)?.by ?? 0);
  const charge = ({ key, most, breadth }, code, amount, chosen, each, groups) => {
    if (used(key) + amount > Number.MAX_SAFE_INTEGER) fail(`usage.counters["${key}"]`, "expected a sum in range");
    const add = adds.get(key);
    if (add)
      add.by += amount; // a pool has one limit for all
    else adds.set(key, { key, by: amount, at_most: most, breadth });
    charges.push(chargeOf(key, code, most, amount, chosen, each, groups));
  };

  const tickets = [];
  order.lines.forEach(({ ticket_type, unit_price, quantity }, line) => {
    for (let n = 0; n < quantity; n += 1) tickets.push({ line, ticket_type, unit_price, price: unit_price, codes: [] });
  });
  const local = localTime(policy.zone, now);
  const takes = [];
  const byPriority = entered.filter(({ promo }) => promo).sort((a, b) => b.promo.priority - a.promo.priority);
  for (const { code, promo } of byPriority) {
    const { found, chosen, cuts, groups, uses, limits } = judge(promo, order, tickets, pools, used, now, local);
    violations.push(...found);
    if (found.length > 0 || early.has(code)) continue;
    chosen.forEach((index, n) => {
      tickets[index].price -= cuts[n];
      tickets[index].codes.push(code);
    });
    for (const index of groups?.flat() ?? []) tickets[index].grouped = true;
    const discount = sum(cuts);
    const each = promo.count_by === "ticket" ? 1 : null;
    for (const limit of limits) {
      if (limit.money) charge(limit, code, discount, chosen, cuts.slice(), null);
      else charge(limit, code, uses, chosen, each, groups?.map((group) => group.slice()) ?? null);
    }
    takes.push({ code, tickets: chosen.length, uses, discount, limits });
  }

  const free = tickets.flatMap(({ price }, index) => (price === 0 ? [index] : []));
  const all = tickets.map((_, index) => index);
  const caps = capsOf(policy, order);
  for (const [most, name, chosen] of [
    [policy.free, "free_tickets", free],
    [policy.tickets, "tickets", all],
  ]) {
    if (most === null || chosen.length === 0) continue;
    const of = caps.filter((cap) => cap.name === name);
    const short = shortage(of, chosen.length, used, null);
    if (short) violations.push(short);
    else for (const cap of of) charge(cap, null, chosen.length, chosen, 1, null);
  }
  const needed = [free.length > 0 ? policy.free : null, policy.tickets].filter((cap) => cap !== null);
  if (needed.length > 0 && order.identities.length === 0) {
    violations.push({
      ...refusal(null, "identity_required", "tickets are limited per person, and the order names none"),
      limit: Math.min(...needed),
    });
  }
  if (violations.length > 0) return rejected(order, violations);

  const applied = takes.map(({ code, tickets, uses, discount, limits }) => {
    const left = limits
      .filter(({ most, money }) => most !== null && !money)
      .map(({ key, most }) => Math.max(0, most - used(key)));
    return {
      code,
      tickets,
      uses,
      discount,
      partial: false,
      remaining: left.length > 0 ? Math.min(...left) : null,
    };
  });
  const quote = quoteOf(order, tickets);
  const ops =
    order.id === null
      ? []
      : [
          { op: "insert", redemption: recordOf(order, codes, tickets, applied, charges, quote.total, now) },
          ...additions(adds),
        ];
  return { status: "accepted", replayed: false, quote, applied, violations, ops };
}

function rejected(order, violations) {
  const secret = new Set(
    violations.filter(({ public_reason }) => public_reason === "not_accepted").map(({ code }) => code),
  );
  for (const violation of violations) {
    if (secret.has(violation.code)) violation.public_reason = "not_accepted";
    // `to_qualify` (such as one more ticket) stays only in the one violation of a code: else it would not help.
    if (violation.to_qualify && violations.some((other) => other !== violation && other.code === violation.code))
      violation.to_qualify = null;
  }
  const tickets = order.lines.flatMap(({ ticket_type, unit_price, quantity }, line) =>
    Array.from({ length: quantity }, () => ({ line, ticket_type, unit_price, price: unit_price, codes: [] })),
  );
  return { status: "rejected", replayed: false, quote: quoteOf(order, tickets), applied: [], violations, ops: [] };
}

function quoteOf({ currency, subtotal }, tickets) {
  const total = tickets.reduce((sum, { price }) => sum + price, 0);
  const quoted = tickets.map(({ line, ticket_type, unit_price, price, codes }) => ({
    line,
    ticket_type,
    unit_price,
    discount: unit_price - price,
    price,
    codes: codes.slice(),
  }));
  return {
    currency,
    subtotal,
    discount: subtotal - total,
    total,
    payment: total === 0 ? "none" : "required",
    tickets: quoted,
  };
}

/** Copies the tickets: the caller may change one part of an answer without changing another. */
function chargeOf(key, code, limit, amount, tickets, each, groups) {
  const charge = { key };
  if (code !== null) charge.code = code;
  if (limit !== null) charge.limit = limit;
  charge.amount = amount;
  charge.tickets = tickets.slice();
  if (each !== null) charge.each = each;
  if (groups !== null) charge.groups = groups;
  return charge;
}

/** A record leaves out what is null. */
function recorded({ line, ticket_type, unit_price, price, codes }) {
  return ticket_type === null ? { line, unit_price, price, codes } : { line, ticket_type, unit_price, price, codes };
}

function recordOf(order, codes, tickets, applied, charges, total, now) {
  if (total > 0 && order.hold_until_ms === null)
    fail("order.hold_until_ms", "expected a time, because the order has an id and a total above 0");
  return {
    schema: 2,
    id: order.id,
    revision: 1,
    state: total > 0 ? "held" : "confirmed",
    event_id: order.event_id,
    currency: order.currency,
    codes,
    identities: order.identities.map(({ kind, value }) => `${kind}:${value}`),
    tickets: tickets.map(recorded),
    applied: applied.map(({ remaining, ...entry }) => (remaining === null ? entry : { ...entry, remaining })),
    charges,
    created_at_ms: now,
    ...(total > 0 ? { expires_at_ms: Math.min(order.hold_until_ms, now + MAX_HOLD) } : { confirmed_at_ms: now }),
  };
}

/** The additions of a plan, sorted: counters of one person first, pools last. */
function additions(adds) {
  const sorted = [...adds.values()].sort((a, b) => a.breadth - b.breadth || (a.key < b.key ? -1 : 1));
  return sorted.map(({ key, by, at_most }) => ({ op: "add", key, by, at_most }));
}
