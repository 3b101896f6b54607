// What a careful programmer would write for the workloads' promotions.
// The code makes the same checks as the engine and gives the same whole answer, with the plan and the record.
//
// The code knows percents and amounts per ticket; limits over all buyers, per person and of pools; windows, events and
// ticket types; codes that combine; and the policy's caps. Other features are errors here, as unknown fields are in the
// engine: replays, lapsed holds, other discounts and release rules.
// White space and upper case are those of JavaScript. check.js compares every answer with the engine's.
import { fail, known, readCodes, readOrder, readPolicy, readPromos, readUsage, time } from "./read.js";

const REQUEST = new Set(["codes", "promos", "policy", "order", "usage", "now_ms"]);
const RULES = new Set(["promos", "policy"]);
const ASKED = new Set(["codes", "order", "usage", "now_ms"]);
/** The longest time that an unpaid order may hold its uses when the policy sets none; the policies here set none. */
const MAX_HOLD = 48 * 3_600_000;
const PUBLIC = {
  unknown_code: "not_accepted",
  inactive: "not_accepted",
  not_started: "not_accepted",
  ended: "not_accepted",
  wrong_event: "not_accepted",
  cannot_combine: "order_not_eligible",
  wrong_ticket_type: "order_not_eligible",
  nothing_to_discount: "order_not_eligible",
  identity_required: "identity_required",
};

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
  time(asked.now_ms, "", "now_ms");
  const known = codes.map((code) => promos.get(code)).filter(Boolean);
  const limits = [...known.flatMap((promo) => limitsOf(promo, order, new Map())), ...capsOf(policy, order)];
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
  const charge = ({ key, most, breadth }, code, amount, chosen, each) => {
    if (used(key) + amount > Number.MAX_SAFE_INTEGER) fail(`usage.counters["${key}"]`, "expected a sum in range");
    const add = adds.get(key);
    if (add)
      add.by += amount; // a pool has one limit for all
    else adds.set(key, { key, by: amount, at_most: most, breadth });
    charges.push(chargeOf(key, code, most, amount, chosen, each));
  };

  const tickets = [];
  order.lines.forEach(({ ticket_type, unit_price, quantity }, line) => {
    for (let n = 0; n < quantity; n += 1) tickets.push({ line, ticket_type, unit_price, price: unit_price, codes: [] });
  });
  const takes = [];
  const byPriority = entered.filter(({ promo }) => promo).sort((a, b) => b.promo.priority - a.promo.priority);
  for (const { code, promo } of byPriority) {
    const { found, chosen, limits } = judge(promo, order, tickets, pools, used, now);
    violations.push(...found);
    if (found.length > 0 || early.has(code)) continue;
    const cuts = chosen.map((index) => discountOf(promo.discount, tickets[index].price));
    chosen.forEach((index, n) => {
      tickets[index].price -= cuts[n];
      tickets[index].codes.push(code);
    });
    const discount = sum(cuts);
    for (const limit of limits)
      charge(limit, code, limit.money ? discount : chosen.length, chosen, limit.money ? cuts.slice() : 1);
    takes.push({ code, tickets: chosen.length, discount, limits });
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
    else for (const cap of of) charge(cap, null, chosen.length, chosen, 1);
  }
  const needed = [free.length > 0 ? policy.free : null, policy.tickets].filter((cap) => cap !== null);
  if (needed.length > 0 && order.identities.length === 0) {
    violations.push({
      ...refusal(null, "identity_required", "tickets are limited per person, and the order names none"),
      limit: Math.min(...needed),
    });
  }
  if (violations.length > 0) return rejected(order, violations);

  const applied = takes.map(({ code, tickets, discount, limits }) => {
    const left = limits
      .filter(({ most, money }) => most !== null && !money)
      .map(({ key, most }) => Math.max(0, most - used(key)));
    return {
      code,
      tickets,
      uses: tickets,
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

/** Whether a code may be used, on the prices that the codes before it left. */
function judge(promo, order, tickets, pools, used, now) {
  const { code } = promo;
  const found = [];
  const refuse = (reason, rest) => found.push(refusal(code, reason, `${code} ${rest}`));
  if (!promo.active) refuse("inactive", "is not active");
  if (promo.starts_at_ms !== null && now < promo.starts_at_ms)
    refuse("not_started", `starts at ${promo.starts_at_ms} ms`);
  if (promo.ends_at_ms !== null && now >= promo.ends_at_ms) refuse("ended", `ended at ${promo.ends_at_ms} ms`);
  if (promo.events !== null && !promo.events.includes(order.event_id))
    refuse("wrong_event", `is not for the event ${order.event_id}`);
  const covers = order.lines.map(
    ({ ticket_type }) => promo.ticket_types === null || promo.ticket_types.includes(ticket_type),
  );
  if (!covers.includes(true)) {
    refuse("wrong_ticket_type", "is for none of the ticket types in the order");
    if (promo.ticket_types.length > 0 && tickets.length < 1000)
      found.at(-1).to_qualify = { of: promo.ticket_types.slice(), add_tickets: 1 };
    return { found };
  }
  const chosen = [];
  tickets.forEach(({ line, price }, index) => {
    if (covers[line] && discountOf(promo.discount, price) > 0) chosen.push(index);
  });
  if (chosen.length === 0) {
    refuse("nothing_to_discount", "takes nothing off this order");
    return { found };
  }
  if (promo.max_uses_per_identity !== null && order.identities.length === 0) {
    found.push({
      ...refusal(code, "identity_required", `${code} is limited per person, and the order names none`),
      limit: promo.max_uses_per_identity,
    });
  }
  const limits = limitsOf(promo, order, pools);
  const discount = chosen.reduce((total, index) => total + discountOf(promo.discount, tickets[index].price), 0);
  for (const name of ["uses", "by", "pool", "budget", "pool_budget"]) {
    const short = shortage(
      limits.filter((limit) => limit.name === name),
      name.endsWith("budget") ? discount : chosen.length,
      used,
      code,
    );
    if (short) found.push(short);
  }
  return { found, chosen, limits };
}

function discountOf({ kind, n, amount }, price) {
  if (kind === "amount_per_ticket") return Math.min(amount, price);
  const kept = 1_000_000 - n;
  if (price > 9_000_000_000) return price - Number((BigInt(price) * BigInt(kept) + 500_000n) / 1_000_000n);
  const scaled = price * kept + 500_000;
  return price - (scaled - (scaled % 1_000_000)) / 1_000_000;
}

const sum = (amounts) => amounts.reduce((total, amount) => total + amount, 0);

const PLAIN = /^[A-Za-z0-9._@+-]*$/;
function part(value) {
  if (PLAIN.test(value)) return value;
  const hex = (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
  return encodeURIComponent(value)
    .replace(/[!~*'()]/g, hex)
    .replaceAll("%40", "@")
    .replaceAll("%2B", "+");
}
const person = ({ kind, value }) => `${kind}:${part(value)}`;

/** Every counter that a code charges, in the order in which charges are recorded. */
function limitsOf(promo, { event_id, currency, identities }, pools) {
  const scope = promo.id === null ? `event:${part(event_id)}:${part(promo.code)}` : `id:${part(promo.id)}`;
  const limits = [{ name: "uses", key: `code/${scope}/uses`, most: promo.max_uses, money: false, breadth: 2 }];
  if (promo.max_uses_per_identity !== null) {
    for (const identity of identities)
      limits.push({
        name: "by",
        key: `code/${scope}/by/${person(identity)}`,
        most: promo.max_uses_per_identity,
        money: false,
        breadth: 1,
      });
  }
  const inPool = (name, key, money) => limits.push({ name, key, most: pools.get(key) ?? null, money, breadth: 3 });
  for (const { id } of promo.pools) inPool("pool", `pool/${part(id)}/uses`, false);
  limits.push({ name: "budget", key: `code/${scope}/spend/${part(currency)}`, most: null, money: true, breadth: 2 });
  for (const { id } of promo.pools) inPool("pool_budget", `pool/${part(id)}/spend/${part(currency)}`, true);
  return limits;
}

/** The limits of each pool: the lowest that any entered code gives it. */
function leastOfPools(entered, order) {
  const least = new Map();
  const limit = (key, most) => {
    if (most !== null) least.set(key, Math.min(most, least.get(key) ?? most));
  };
  for (const { promo } of entered) {
    for (const { id, max_uses, budget } of promo?.pools ?? []) {
      limit(`pool/${part(id)}/uses`, max_uses);
      limit(`pool/${part(id)}/spend/${part(order.currency)}`, budget);
    }
  }
  return least;
}

/** Every counter that the policy limits. */
function capsOf(policy, { event_id, identities }) {
  const of = (most, name, folder) =>
    most === null
      ? []
      : identities.map((identity) => ({
          name,
          key: `event/${part(event_id)}/${folder}/${person(identity)}`,
          most,
          money: false,
          breadth: 1,
        }));
  return [...of(policy.free, "free_tickets", "free"), ...of(policy.tickets, "tickets", "tickets")];
}

const SHORT = {
  uses: ["uses_exhausted", (code, has) => `${code} has ${has} uses left`],
  by: ["identity_uses_exhausted", (code, has) => `${code} has ${has} uses left for this person`],
  pool: ["pool_exhausted", (code, has) => `a pool of ${code} has ${has} uses left`],
  pool_budget: ["pool_budget_exhausted", (code, has) => `a pool budget of ${code} has ${has} left`],
  free_tickets: ["free_tickets_exhausted", (_, has) => `this person has ${has} free tickets left`],
  tickets: ["tickets_exhausted", (_, has) => `this person has ${has} tickets left`],
};

/** The violation of the limit with the least remaining, among those that have less than `need`; null if none has. */
function shortage(limits, need, used, code) {
  let worst = null;
  for (const { name, key, most } of limits) {
    if (most === null) continue;
    const before = used(key);
    const remaining = Math.max(0, most - before);
    if (remaining < need && (worst === null || remaining < worst.remaining))
      worst = { name, key, most, before, remaining };
  }
  if (worst === null) return null;
  const [reason, has] = SHORT[worst.name];
  const { key, most, before, remaining } = worst;
  const message = `${has(code, `${remaining} of ${most}`)}, the order needs ${need}`;
  return {
    code,
    reason,
    public_reason: "used_up",
    counter: key,
    limit: most,
    used: before,
    remaining,
    message,
    to_qualify: null,
  };
}

function refusal(code, reason, message) {
  return {
    code,
    reason,
    public_reason: PUBLIC[reason],
    counter: null,
    limit: null,
    used: null,
    remaining: null,
    message,
    to_qualify: null,
  };
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
function chargeOf(key, code, limit, amount, tickets, each) {
  return { key, code, limit, amount, tickets: tickets.slice(), each, back: null };
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
    tickets: tickets.map(({ line, ticket_type, unit_price, price, codes }) => ({
      line,
      ticket_type,
      unit_price,
      price,
      codes,
      released: null,
    })),
    applied: applied.map((entry) => ({ ...entry })),
    charges,
    created_at_ms: now,
    expires_at_ms: total > 0 ? Math.min(order.hold_until_ms, now + MAX_HOLD) : null,
    confirmed_at_ms: total > 0 ? null : now,
    payments: [],
    releases: [],
  };
}

/** The additions of a plan, sorted: counters of one person first, pools last. */
function additions(adds) {
  const sorted = [...adds.values()].sort((a, b) => a.breadth - b.breadth || (a.key < b.key ? -1 : 1));
  return sorted.map(({ key, by, at_most }) => ({ op: "add", key, by, at_most }));
}
