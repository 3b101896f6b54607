// Whether the hand-written code lets a code be used: the conditions, the discounts, and the counters with their limits.
import { dateOf, isEligible, isInHours, missing } from "./conditions.js";
import { amountIn, groupsOf, lacking, scopeOf, sum, takesOff } from "./prices.js";

const PUBLIC = {
  unknown_code: "not_accepted",
  inactive: "not_accepted",
  not_started: "not_accepted",
  ended: "not_accepted",
  outside_hours: "not_accepted",
  wrong_event: "not_accepted",
  not_eligible: "not_accepted",
  wrong_currency: "order_not_eligible",
  missing_tickets: "order_not_eligible",
  below_min_tickets: "order_not_eligible",
  cannot_combine: "order_not_eligible",
  wrong_ticket_type: "order_not_eligible",
  nothing_to_discount: "order_not_eligible",
  identity_required: "identity_required",
};

/** Whether a code may be used, on the prices that the codes before it left. */
export function judge(promo, order, tickets, pools, used, now, local) {
  const { code } = promo;
  const found = standing(promo, order, now, local);
  const refuse = (reason, rest) => found.push(refusal(code, reason, `${code} ${rest}`));
  if (lacking(promo, order.currency) !== null) return { found };
  const scope = scopeOf(promo, order.lines, tickets);
  if (scope.length === 0) {
    refuse("wrong_ticket_type", "is for none of the ticket types in the order");
    found.at(-1).to_qualify = add(promo, 1, tickets);
    return { found };
  }
  const take = promo.count_by === "group" ? takesGroups : takesTickets;
  const { chosen, cuts, groups, needed, none } = take(promo, scope, tickets, order.currency);
  if (none) {
    found.push(none);
    return { found };
  }
  if (promo.max_uses_per_identity !== null || promo.day?.by != null) {
    const limit = Math.min(promo.max_uses_per_identity ?? Infinity, promo.day?.by ?? Infinity);
    if (order.identities.length === 0)
      found.push({
        ...refusal(code, "identity_required", `${code} is limited per person, and the order names none`),
        limit,
      });
  }
  const limits = limitsOf(promo, order, local, pools);
  const discount = sum(cuts);
  for (const name of ["uses", "by", "day", "day_by", "pool", "budget", "pool_budget"]) {
    const short = shortage(
      limits.filter((limit) => limit.name === name),
      name.endsWith("budget") ? discount : needed,
      used,
      code,
    );
    if (short) found.push(short);
  }
  if (discount === 0) refuse("nothing_to_discount", "takes nothing off this order");
  // A ticket of which rounding leaves no part of the discount is not counted, unless it belongs to a group.
  const kept = groups ? cuts.map(() => true) : cuts.map((cut) => cut > 0);
  const left = kept.filter(Boolean).length;
  return {
    found,
    chosen: chosen.filter((_, n) => kept[n]),
    cuts: cuts.filter((_, n) => kept[n]),
    groups,
    uses: promo.count_by === "ticket" ? left : needed,
    limits,
  };
}

/** What a code without groups takes off, and how many uses that is. */
function takesTickets(promo, scope, tickets, currency) {
  const { chosen, cuts } = takesOff(promo, scope, tickets, currency);
  const none = refusal(promo.code, "nothing_to_discount", `${promo.code} takes nothing off this order`);
  if (chosen.length === 0) return { none };
  return { chosen, cuts, groups: null, needed: promo.count_by === "order" ? 1 : chosen.length };
}

/** What a code takes off its groups. */
function takesGroups(promo, scope, tickets) {
  const { size } = promo.discounts[0].discount;
  const { able, groups } = groupsOf(promo.discounts[0].discount, scope, tickets);
  if (groups.length === 0) {
    const message = `${promo.code} needs at least ${size} tickets in its scope, the order has ${able.length}`;
    const none = { ...refusal(promo.code, "below_min_tickets", message), limit: size, used: able.length };
    // More tickets do not help where the codes before this one use tickets up.
    if (scope.every(({ index }) => able.includes(index) || tickets[index].unit_price === 0))
      none.to_qualify = add(promo, size - able.length, tickets);
    return { none };
  }
  const marked = groups.flatMap(({ members, cuts }) => members.map((index, n) => ({ index, cut: cuts[n] })));
  marked.sort((a, b) => a.index - b.index);
  return {
    chosen: marked.map(({ index }) => index),
    cuts: marked.map(({ cut }) => cut),
    groups: groups.map(({ members }) => members),
    needed: groups.length,
  };
}

/** What the order does not meet, however often the code was used. */
function standing(promo, order, now, local) {
  const { code } = promo;
  const found = [];
  const refuse = (reason, rest) => found.push(refusal(code, reason, `${code} ${rest}`));
  if (!promo.active) refuse("inactive", "is not active");
  if (promo.starts_at_ms !== null && now < promo.starts_at_ms)
    refuse("not_started", `starts at ${promo.starts_at_ms} ms`);
  if (promo.ends_at_ms !== null && now >= promo.ends_at_ms) refuse("ended", `ended at ${promo.ends_at_ms} ms`);
  if (!isInHours(promo, local)) refuse("outside_hours", "is not valid at this hour");
  if (promo.events !== null && !promo.events.includes(order.event_id))
    refuse("wrong_event", `is not for the event ${order.event_id}`);
  const currencies = lacking(promo, order.currency);
  if (currencies !== null) refuse("wrong_currency", `is for orders in ${currencies}, not ${order.currency}`);
  if (!isEligible(promo.only_if, order.facts)) refuse("not_eligible", "is only for listed buyers");
  const short = promo.required && missing(promo.required, order.lines);
  if (short?.missing > 0) {
    const { types, min_tickets } = promo.required;
    refuse(
      "missing_tickets",
      `needs at least ${min_tickets} tickets of ${types.join(" or ")}, the order has ${short.has}`,
    );
    Object.assign(found.at(-1), { limit: min_tickets, used: short.has });
    if (order.count + short.missing <= 1000)
      found.at(-1).to_qualify = { of: types.slice(), add_tickets: short.missing };
  }
  return found;
}

/** The change "add so many tickets of those that the code is for". */
function add({ types }, count, tickets) {
  if (types?.length === 0 || tickets.length + count > 1000) return null;
  return types === null ? { add_tickets: count } : { of: types.slice(), add_tickets: count };
}

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
export function limitsOf(promo, { event_id, currency, identities }, local, pools) {
  const scope = promo.id === null ? `event:${part(event_id)}:${part(promo.code)}` : `id:${part(promo.id)}`;
  const limits = [{ name: "uses", key: `code/${scope}/uses`, most: promo.max_uses, money: false, breadth: 3 }];
  const perPerson = (name, folder, most) => {
    if (most === null) return;
    for (const identity of identities)
      limits.push({ name, key: `code/${scope}/${folder}by/${person(identity)}`, most, money: false, breadth: 1 });
  };
  perPerson("by", "", promo.max_uses_per_identity);
  if (promo.day !== null && local !== null) {
    const folder = `day/${dateOf(local)}/`;
    const { uses, by } = promo.day;
    if (uses !== null)
      limits.push({ name: "day", key: `code/${scope}/${folder}uses`, most: uses, money: false, breadth: 2 });
    perPerson("day_by", folder, by);
  }
  const inPool = (name, key, money) => limits.push({ name, key, most: pools.get(key) ?? null, money, breadth: 4 });
  for (const { id } of promo.pools) inPool("pool", `pool/${part(id)}/uses`, false);
  limits.push({ name: "budget", key: `code/${scope}/spend/${part(currency)}`, most: null, money: true, breadth: 3 });
  for (const { id } of promo.pools) inPool("pool_budget", `pool/${part(id)}/spend/${part(currency)}`, true);
  return limits;
}

/** The limits of each pool: the lowest that any entered code gives it. */
export function leastOfPools(entered, order) {
  const least = new Map();
  const limit = (key, most) => {
    if (most != null) least.set(key, Math.min(most, least.get(key) ?? most));
  };
  for (const { promo } of entered) {
    for (const { id, max_uses, budget } of promo?.pools ?? []) {
      limit(`pool/${part(id)}/uses`, max_uses);
      limit(`pool/${part(id)}/spend/${part(order.currency)}`, amountIn(budget, order.currency));
    }
  }
  return least;
}

/** Every counter that the policy limits. */
export function capsOf(policy, { event_id, identities }) {
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
  day: ["period_uses_exhausted", (code, has) => `${code} has ${has} uses left in this period`],
  day_by: [
    "period_identity_uses_exhausted",
    (code, has) => `${code} has ${has} uses left in this period for this person`,
  ],
  pool: ["pool_exhausted", (code, has) => `a pool of ${code} has ${has} uses left`],
  pool_budget: ["pool_budget_exhausted", (code, has) => `a pool budget of ${code} has ${has} left`],
  free_tickets: ["free_tickets_exhausted", (_, has) => `this person has ${has} free tickets left`],
  tickets: ["tickets_exhausted", (_, has) => `this person has ${has} tickets left`],
};

/** The violation of the limit with the least remaining, among those that have less than `need`; null if none has. */
export function shortage(limits, need, used, code) {
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

export function refusal(code, reason, message) {
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
