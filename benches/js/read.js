// The reader of the hand-written code: it checks the workloads' fields as strictly as the engine does.
import { readConditions, readFacts, readPeriod, readRequired, readWeekly, readZone } from "./conditions.js";
import { TOP, entriesByKind, fail, flag, integer, known, limit, list, names, text, time } from "./fields.js";
import { countBy, readAmount, readDiscounts, typesOf } from "./prices.js";

const INVISIBLE = /[\u00AD\u200B-\u200F\u202A-\u202E\u2060\u2066-\u2069\uFEFF]/g;
const WIDE = /[\uFF01-\uFF5E]/g;
const CONTROL = /\p{Cc}/u;

const PROMO = new Set([
  "code",
  "id",
  "active",
  "discount",
  "discount_percent",
  "discounts",
  "max_uses",
  "max_uses_per_identity",
  "per_period",
  "pools",
  "starts_at_ms",
  "ends_at_ms",
  "weekly",
  "events",
  "ticket_types",
  "requires",
  "only_if",
  "combines",
  "priority",
]);
const POOL = new Set(["id", "max_uses", "budget"]);
const POLICY = new Set(["max_free_tickets_per_identity", "max_tickets_per_identity", "zone"]);
const ORDER = new Set(["id", "event_id", "currency", "lines", "identities", "facts", "hold_until_ms"]);
const LINE = new Set(["ticket_type", "unit_price", "quantity"]);
const USAGE = new Set(["counters"]);

function canonicalCode(typed, path, name) {
  if (typeof typed !== "string" || !typed.isWellFormed()) fail(path + name, "expected Unicode text");
  const narrow = (wide) => String.fromCharCode(wide.charCodeAt(0) - 0xfee0);
  return typed.replace(INVISIBLE, "").replace(WIDE, narrow).trim().toUpperCase();
}

function readPools(value, path) {
  if (value == null) return [];
  const seen = new Set();
  return list(value, path, "pools").map((pool, index) => {
    const at = `${path}pools[${index}].`;
    known(pool, POOL, at.slice(0, -1));
    const id = text(pool.id, at, "id");
    if (seen.has(id)) fail(`${at}id`, "expected each pool once");
    seen.add(id);
    return {
      id,
      max_uses: limit(pool.max_uses, at, "max_uses"),
      budget: pool.budget == null ? null : readAmount(pool.budget, at, "budget"),
    };
  });
}

function readPromo(value, index) {
  const path = `promos[${index}].`;
  const promo = known(value, PROMO, path.slice(0, -1));
  const code = canonicalCode(promo.code, path, "code");
  if (code === "" || (code.length > 64 && [...code].length > 64) || CONTROL.test(code))
    fail(`${path}code`, "expected 1 to 64 characters in canonical form");
  const discounts = readDiscounts(promo, path);
  const ticket_types = names(promo.ticket_types, path, "ticket_types");
  const pools = readPools(promo.pools, path);
  if (pools.length > 100) fail(`${path}pools`, "expected at most 100 pools");
  return {
    code,
    id: promo.id == null ? null : text(promo.id, path, "id"),
    active: flag(promo.active, path, "active", true),
    discounts,
    count_by: countBy(discounts),
    types: typesOf(discounts, ticket_types),
    max_uses: limit(promo.max_uses, path, "max_uses"),
    max_uses_per_identity: limit(promo.max_uses_per_identity, path, "max_uses_per_identity"),
    day: readPeriod(promo.per_period, path),
    pools,
    starts_at_ms: time(promo.starts_at_ms, path, "starts_at_ms"),
    ends_at_ms: time(promo.ends_at_ms, path, "ends_at_ms"),
    weekly: readWeekly(promo.weekly, path),
    events: names(promo.events, path, "events"),
    ticket_types,
    required: readRequired(promo.requires, path),
    only_if: readConditions(promo.only_if, path),
    combines: flag(promo.combines, path, "combines", false),
    priority: promo.priority == null ? 0 : integer(promo.priority, path, "priority", 0, 1000),
  };
}

/** The promotions by canonical code. */
export function readPromos(value) {
  const byCode = new Map();
  const ids = new Set();
  list(value, "", "promos").forEach((entry, index) => {
    const promo = readPromo(entry, index);
    if (byCode.has(promo.code)) fail(`promos[${index}].code`, "expected a code that no other promo has");
    byCode.set(promo.code, promo);
    if (promo.id !== null && ids.has(promo.id)) fail(`promos[${index}].id`, "expected an id that no other promo has");
    if (promo.id !== null) ids.add(promo.id);
  });
  return byCode;
}

export function readPolicy(value) {
  const policy = known(value ?? {}, POLICY, "policy");
  return {
    free: limit(policy.max_free_tickets_per_identity, "policy.", "max_free_tickets_per_identity"),
    tickets: limit(policy.max_tickets_per_identity, "policy.", "max_tickets_per_identity"),
    zone: readZone(policy.zone),
  };
}

/** The typed codes in canonical form, each once. */
export function readCodes(value) {
  const codes = list(value, "", "codes");
  if (codes.length > 16) fail("codes", "expected at most 16 codes");
  const entered = new Set();
  codes.forEach((typed, index) => {
    const code = canonicalCode(typed, "", `codes[${index}]`);
    if (code !== "") entered.add(code);
  });
  return [...entered];
}

function canonicalIdentity(kind, value) {
  const trimmed = value.trim();
  if (kind === "npub") return trimmed.toLowerCase();
  if (kind !== "email") return trimmed;
  const address = trimmed.toLowerCase();
  const at = address.lastIndexOf("@");
  if (at < 0) return address;
  let local = address.slice(0, at);
  let domain = address.slice(at + 1);
  const plus = local.indexOf("+");
  if (plus > 0) local = local.slice(0, plus);
  if (domain === "gmail.com" || domain === "googlemail.com") {
    local = local.replaceAll(".", "") || local;
    domain = "gmail.com";
  }
  return `${local}@${domain}`;
}

function readIdentities(value) {
  const read = entriesByKind(value, "order.identities").map(([kind, identity]) => {
    const name = `order.identities.${kind}`;
    if (text(identity, name, "", 320).trim() === "") fail(name, "expected a string that is not blank");
    return { kind, value: canonicalIdentity(kind, identity) };
  });
  return read.sort((a, b) => (a.kind < b.kind ? -1 : 1));
}

export function readOrder(value) {
  const order = known(value, ORDER, "order");
  const lines = list(order.lines, "order.", "lines");
  if (lines.length < 1 || lines.length > 100) fail("order.lines", "expected 1 to 100 lines");
  let count = 0;
  let subtotal = 0;
  const read = lines.map((entry, index) => {
    const at = `order.lines[${index}].`;
    const line = known(entry, LINE, at.slice(0, -1));
    const unit_price = integer(line.unit_price, at, "unit_price");
    const quantity = integer(line.quantity, at, "quantity", 1, 1000);
    count += quantity;
    subtotal += unit_price * quantity;
    return {
      ticket_type: line.ticket_type == null ? null : text(line.ticket_type, at, "ticket_type"),
      unit_price,
      quantity,
    };
  });
  if (count > 1000) fail("order.lines", "expected at most 1000 tickets");
  if (subtotal > TOP) fail("order.lines", "expected a sum in range");
  return {
    id: order.id == null ? null : text(order.id, "order.", "id"),
    event_id: text(order.event_id, "order.", "event_id"),
    currency: text(order.currency, "order.", "currency", 16),
    lines: read,
    count,
    subtotal,
    identities: readIdentities(order.identities),
    facts: readFacts(order.facts),
    hold_until_ms: time(order.hold_until_ms, "order.", "hold_until_ms"),
  };
}

/** The counters, by key. */
export function readUsage(value) {
  const usage = known(value ?? {}, USAGE, "usage");
  const counters = new Map();
  for (const [key, used] of Object.entries(known(usage.counters ?? {}, null, "usage.counters"))) {
    counters.set(key, limit(used, "", `usage.counters["${key}"]`));
  }
  return counters;
}
