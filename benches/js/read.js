// The reader of the hand-written code: it checks the workloads' fields as strictly as the engine does.
const TOP = Number.MAX_SAFE_INTEGER;
const TIME = 100_000_000_000;
const INVISIBLE = /[\u00AD\u200B-\u200F\u202A-\u202E\u2060\u2066-\u2069\uFEFF]/g;
const WIDE = /[\uFF01-\uFF5E]/g;
const CONTROL = /\p{Cc}/u;
const KIND = /^[a-z0-9_]{1,32}$/;

const PROMO = new Set([
  "code",
  "id",
  "active",
  "discount",
  "discount_percent",
  "max_uses",
  "max_uses_per_identity",
  "pools",
  "starts_at_ms",
  "ends_at_ms",
  "events",
  "ticket_types",
  "combines",
  "priority",
]);
const DISCOUNT = new Set(["kind", "amount"]);
const POOL = new Set(["id", "max_uses", "budget"]);
const POLICY = new Set(["max_free_tickets_per_identity", "max_tickets_per_identity"]);
const ORDER = new Set(["id", "event_id", "currency", "lines", "identities", "hold_until_ms"]);
const LINE = new Set(["ticket_type", "unit_price", "quantity"]);
const USAGE = new Set(["counters"]);

export function fail(path, expected) {
  throw Object.assign(new Error(`${path}: ${expected}`), { path });
}

/** Expects a plain object, which has only these fields unless it is a map. */
export function known(value, fields, path) {
  if (typeof value !== "object" || value === null || Array.isArray(value)) fail(path, "expected an object");
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) fail(path, "expected a plain object");
  if (fields)
    for (const name of Object.keys(value))
      if (!fields.has(name)) fail(path ? `${path}.${name}` : name, "unknown field");
  return value;
}

function list(value, path, name) {
  if (!Array.isArray(value)) fail(path + name, "expected a list");
  return value;
}

function integer(value, path, name, least = 0, most = TOP) {
  if (!Number.isInteger(value) || value < least || value > most)
    fail(path + name, `expected an integer from ${least} to ${most}`);
  return value;
}

const limit = (value, path, name) => (value == null ? null : integer(value, path, name));
export const time = (value, path, name) => (value == null ? null : integer(value, path, name, TIME));

function flag(value, path, name, otherwise) {
  if (value == null) return otherwise;
  if (typeof value !== "boolean") fail(path + name, "expected true or false");
  return value;
}

function text(value, path, name, most = 256) {
  if (typeof value !== "string" || !value.isWellFormed()) fail(path + name, "expected Unicode text");
  if (value === "" || (value.length > most && [...value].length > most))
    fail(path + name, `expected 1 to ${most} characters`);
  return value;
}

function names(value, path, name) {
  if (value == null) return null;
  return list(value, path, name).map((entry, index) => text(entry, path, `${name}[${index}]`));
}

function canonicalCode(typed, path, name) {
  if (typeof typed !== "string" || !typed.isWellFormed()) fail(path + name, "expected Unicode text");
  const narrow = (wide) => String.fromCharCode(wide.charCodeAt(0) - 0xfee0);
  return typed.replace(INVISIBLE, "").replace(WIDE, narrow).trim().toUpperCase();
}

function percent(value, path, name) {
  const n = typeof value === "number" ? Math.round(value * 10_000) : -1;
  if (!(n >= 0 && n <= 1_000_000) || n / 10_000 !== value)
    fail(path + name, "expected a number from 0 to 100 with at most 4 decimals");
  return n;
}

/** The discount of a promotion: a percent in ten-thousandths, or an amount per ticket. */
function readDiscount({ discount, discount_percent }, path) {
  if ((discount == null) === (discount_percent == null))
    fail(`${path}discount`, "expected exactly one of discount and discount_percent");
  if (discount == null) {
    const n = percent(discount_percent, path, "discount_percent");
    return n > 0
      ? { kind: "percent", n }
      : fail(
          `${path}discount_percent`,
          "expected a percent above 0: the workloads have no codes that take nothing off",
        );
  }
  const at = `${path}discount.`;
  const { kind, amount } = known(discount, DISCOUNT, `${path}discount`);
  if (kind !== "amount_per_ticket")
    fail(`${at}kind`, "expected amount_per_ticket, the one kind that the workloads have");
  return { kind, amount: integer(amount, at, "amount") };
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
    return { id, max_uses: limit(pool.max_uses, at, "max_uses"), budget: limit(pool.budget, at, "budget") };
  });
}

function readPromo(value, index) {
  const path = `promos[${index}].`;
  const promo = known(value, PROMO, path.slice(0, -1));
  const code = canonicalCode(promo.code, path, "code");
  if (code === "" || (code.length > 64 && [...code].length > 64) || CONTROL.test(code))
    fail(`${path}code`, "expected 1 to 64 characters in canonical form");
  const pools = readPools(promo.pools, path);
  if (pools.length > 100) fail(`${path}pools`, "expected at most 100 pools");
  return {
    code,
    id: promo.id == null ? null : text(promo.id, path, "id"),
    active: flag(promo.active, path, "active", true),
    discount: readDiscount(promo, path),
    max_uses: limit(promo.max_uses, path, "max_uses"),
    max_uses_per_identity: limit(promo.max_uses_per_identity, path, "max_uses_per_identity"),
    pools,
    starts_at_ms: time(promo.starts_at_ms, path, "starts_at_ms"),
    ends_at_ms: time(promo.ends_at_ms, path, "ends_at_ms"),
    events: names(promo.events, path, "events"),
    ticket_types: names(promo.ticket_types, path, "ticket_types"),
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
  const entries = Object.entries(known(value ?? {}, null, "order.identities")).filter(
    ([, identity]) => identity != null,
  );
  if (entries.length > 100) fail("order.identities", "expected at most 100 identities");
  const read = entries.map(([kind, identity]) => {
    if (!KIND.test(kind))
      fail(
        /^\w+$/.test(kind) ? `order.identities.${kind}` : `order.identities[${JSON.stringify(kind)}]`,
        "expected a kind of 1 to 32 characters from a-z, 0-9 and _",
      );
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
    subtotal,
    identities: readIdentities(order.identities),
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
