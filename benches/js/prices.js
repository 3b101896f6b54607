// What the hand-written code knows of discounts: percents of each ticket or of the order, amounts by currency,
// discounts by ticket type, tiers, and groups of which one ticket is free.
import { fail, integer, known, names, some, text } from "./fields.js";

const FIELDS = {
  percent: new Set(["kind", "percent", "of"]),
  amount_per_ticket: new Set(["kind", "amount"]),
  tiers: new Set(["kind", "by", "mode", "tiers"]),
  per_group: new Set(["kind", "size", "discounted"]),
};
const ENTRY = new Set(["ticket_types", "discount"]);
const TIER = new Set(["from", "discount"]);

/** An amount, or an amount by currency as a map. */
export function readAmount(value, path, name) {
  if (typeof value !== "object" || value === null) return integer(value, path, name);
  const entries = Object.entries(known(value, null, path + name)).filter(([, amount]) => amount != null);
  if (entries.length < 1 || entries.length > 32) fail(path + name, "expected 1 to 32 currencies");
  return new Map(
    entries
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([currency, amount]) => {
        text(currency, `${path}${name}.`, currency, 16);
        return [currency, integer(amount, `${path}${name}.`, currency)];
      }),
  );
}
export const amountIn = (amount, currency) => (typeof amount === "object" ? amount?.get(currency) : amount);

function percent(value, path, name) {
  const n = typeof value === "number" ? Math.round(value * 10_000) : -1;
  if (!(n >= 0 && n <= 1_000_000) || n / 10_000 !== value)
    fail(path + name, "expected a number from 0 to 100 with at most 4 decimals");
  return n > 0 ? n : fail(path + name, "expected a percent above 0: the workloads have no codes that take nothing off");
}

function readOne(value, at, kinds) {
  const { kind } = known(value, null, at);
  if (!kinds.includes(kind)) fail(`${at}.kind`, `expected one of ${kinds}, the kinds that the workloads have`);
  known(value, FIELDS[kind], at);
  if (kind === "percent") {
    if (value.of != null && value.of !== "ticket" && value.of !== "order") fail(`${at}.of`, "expected ticket or order");
    return { kind, n: percent(value.percent, at, ".percent"), ofOrder: value.of === "order" };
  }
  if (kind === "amount_per_ticket") return { kind, amount: readAmount(value.amount, at, ".amount") };
  if (kind === "per_group") {
    const size = integer(value.size, at, ".size", 2);
    return { kind, size, discounted: integer(value.discounted, at, ".discounted", 1, size) };
  }
  if (value.by !== "tickets") fail(`${at}.by`, "expected tickets");
  if (value.mode !== "volume") fail(`${at}.mode`, "expected volume");
  const tiers = some(value.tiers, at, ".tiers", 32, (tier, place) => {
    known(tier, TIER, place);
    const discount = readOne(tier.discount, `${place}.discount`, ["percent", "amount_per_ticket"]);
    return { from: integer(tier.from, place, ".from", 1), discount };
  });
  tiers.forEach(({ from }, index) => {
    if (index > 0 && from <= tiers[index - 1].from) fail(`${at}.tiers[${index}].from`, "expected a larger one");
  });
  return { kind, tiers };
}

/** The discounts of a promotion, each with the ticket types that it is for; null is every type. */
export function readDiscounts({ discount, discount_percent, discounts }, path) {
  if ([discount, discount_percent, discounts].filter((field) => field != null).length !== 1)
    fail(`${path}discount`, "expected exactly one of discount, discount_percent and discounts");
  if (discount_percent != null)
    return [{ types: null, discount: { kind: "percent", n: percent(discount_percent, path, "discount_percent") } }];
  if (discount != null) return [{ types: null, discount: readOne(discount, `${path}discount`, Object.keys(FIELDS)) }];
  return some(discounts, path, "discounts", 32, (entry, at) => {
    known(entry, ENTRY, at);
    const kinds = ["percent", "amount_per_ticket", "tiers"];
    return {
      types: names(entry.ticket_types, at, ".ticket_types"),
      discount: readOne(entry.discount, `${at}.discount`, kinds),
    };
  });
}

const leaves = ({ discount }) => (discount.kind === "tiers" ? discount.tiers.map((tier) => tier.discount) : [discount]);

/** What one use is: a ticket, a group, or the order if every discount looks at the whole order. */
export function countBy(discounts) {
  if (discounts[0].discount.kind === "per_group") return "group";
  return discounts.flatMap(leaves).every(({ ofOrder }) => ofOrder) ? "order" : "ticket";
}

/** The ticket types of a code's scope; null is every type. */
export function typesOf(discounts, ticket_types) {
  if (discounts.some(({ types }) => types === null)) return ticket_types;
  const named = discounts.flatMap(({ types }) => types);
  return [...new Set(named)].filter((type) => ticket_types === null || ticket_types.includes(type));
}

/** The currencies of the first amount that lacks the order's; null if none does. */
export function lacking({ discounts, pools }, currency) {
  const amounts = [...discounts.flatMap(leaves).map(({ amount }) => amount), ...pools.map(({ budget }) => budget)];
  const map = amounts.find((amount) => amount instanceof Map && !amount.has(currency));
  return map ? [...map.keys()].join(", ") : null;
}

export const sum = (amounts) => amounts.reduce((total, amount) => total + amount, 0);

/** What a discount takes off a price, or off the sum of the prices if it looks at the order. */
function off({ kind, n, amount }, price, currency) {
  if (kind === "amount_per_ticket") return Math.min(amountIn(amount, currency), price);
  const kept = 1_000_000 - n;
  if (price > 9_000_000_000) return price - Number((BigInt(price) * BigInt(kept) + 500_000n) / 1_000_000n);
  const scaled = price * kept + 500_000;
  return price - (scaled - (scaled % 1_000_000)) / 1_000_000;
}

/** Shares an amount in proportion to the weights; what rounding leaves over goes to the largest remainders. */
function share(amount, weights) {
  const whole = sum(weights);
  if (amount >= whole) return weights.slice();
  const exact = weights.map((weight, index) => {
    if (amount * weight <= Number.MAX_SAFE_INTEGER) {
      const rest = (amount * weight) % whole;
      return { part: (amount * weight - rest) / whole, rest, index };
    }
    const product = BigInt(amount) * BigInt(weight);
    return { part: Number(product / BigInt(whole)), rest: Number(product % BigInt(whole)), index };
  });
  const parts = exact.map(({ part }) => part);
  const left = amount - sum(parts);
  for (const { index } of exact.sort((a, b) => b.rest - a.rest || a.index - b.index).slice(0, left)) parts[index] += 1;
  return parts;
}

/** The tickets that the code is for: for each its index and the place of its discount. */
export function scopeOf({ discounts, ticket_types }, lines, tickets) {
  const places = lines.map(({ ticket_type }) =>
    ticket_types !== null && !ticket_types.includes(ticket_type)
      ? -1
      : discounts.findIndex(({ types }) => types === null || types.includes(ticket_type)),
  );
  return tickets.flatMap(({ line }, index) => (places[line] < 0 ? [] : [{ index, place: places[line] }]));
}

/** The tickets that a code discounts, ascending, and what it takes off each; some of it may be 0. */
export function takesOff({ discounts }, scope, tickets, currency) {
  const chosen = [];
  const byPlace = discounts.map(({ discount }, place) => {
    if (discount.kind !== "tiers") return { discount, of: [] };
    const count = scope.filter((entry) => entry.place === place).length;
    return { discount: discount.tiers.findLast(({ from }) => from <= count)?.discount ?? null, of: [] };
  });
  for (const { index, place } of scope) {
    const { discount, of } = byPlace[place];
    const price = tickets[index].price;
    if (discount === null) continue;
    const cut = discount.ofOrder ? price : off(discount, price, currency);
    if (cut === 0) continue;
    of.push(chosen.length);
    chosen.push({ index, cut });
  }
  for (const { discount, of } of byPlace) {
    if (!discount?.ofOrder) continue;
    const prices = of.map((position) => chosen[position].cut);
    const cuts = share(off(discount, sum(prices), currency), prices);
    for (const [n, cut] of cuts.entries()) chosen[of[n]].cut = cut;
  }
  return { chosen: chosen.map(({ index }) => index), cuts: chosen.map(({ cut }) => cut) };
}

/** The groups of tickets, of each of which the cheapest are free; and the tickets that may form groups. */
export function groupsOf({ size, discounted }, scope, tickets) {
  const able = scope.map(({ index }) => index).filter((index) => tickets[index].price > 0 && !tickets[index].grouped);
  const sorted = able.toSorted((a, b) => tickets[a].price - tickets[b].price || a - b);
  const fill = size - discounted;
  const groups = Array.from({ length: Math.floor(able.length / size) }, (_, g) => {
    const free = sorted.slice(g * discounted, (g + 1) * discounted);
    const rest = sorted.slice(sorted.length - (g + 1) * fill, sorted.length - g * fill);
    const members = [...free, ...rest].sort((a, b) => a - b);
    const prices = members.map((index) => tickets[index].price);
    return { members, cuts: share(sum(free.map((index) => tickets[index].price)), prices) };
  });
  return { able, groups };
}
