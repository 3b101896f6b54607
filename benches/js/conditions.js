// What the hand-written code knows of hours and days, of facts, and of tickets that must stand in the order as well.
import { entriesByKind, fail, flag, integer, kindOf, known, limit, list, names, some, text, time } from "./fields.js";

const OFFSET = new Set(["from_ms", "offset_minutes"]);
const HOURS = new Set(["days", "from_minute", "to_minute"]);
const PERIOD = new Set(["every", "max_uses", "max_uses_per_identity"]);
const CONDITION = new Set(["fact", "is", "at_most"]);
const REQUIREMENT = new Set(["ticket_types", "min_tickets"]);
const DAY = 1440;

export function readZone(value) {
  const zone = some(value, "policy.", "zone", 400, (entry, at) => {
    const { from_ms, offset_minutes } = known(entry, OFFSET, at);
    integer(offset_minutes, at, ".offset_minutes", -840, 840);
    if (offset_minutes % 15 !== 0) fail(`${at}.offset_minutes`, "expected a multiple of 15");
    return { from_ms: time(from_ms, at, ".from_ms") ?? fail(`${at}.from_ms`, "missing"), offset_minutes };
  });
  zone?.forEach(({ from_ms }, index) => {
    if (index > 0 && from_ms <= zone[index - 1].from_ms) fail(`policy.zone[${index}].from_ms`, "expected a later time");
  });
  return zone;
}

export function readWeekly(value, path) {
  return some(value, path, "weekly", 50, (entry, at) => {
    const { days, from_minute, to_minute } = known(entry, HOURS, at);
    for (const [index, day] of list(days, at, ".days").entries()) integer(day, at, `.days[${index}]`, 1, 7);
    integer(from_minute, at, ".from_minute", 0, DAY - 1);
    return { days: new Set(days), from_minute, to_minute: integer(to_minute, at, ".to_minute", from_minute + 1, 2879) };
  });
}

/** The limits of one day; the workloads count by no other period. */
export function readPeriod(value, path) {
  const [day, more] = (value ?? []).map((entry, index) => {
    const at = `${path}per_period[${index}]`;
    const { every, max_uses, max_uses_per_identity } = known(entry, PERIOD, at);
    if (every !== "day") fail(`${at}.every`, "expected day");
    const uses = limit(max_uses, at, ".max_uses");
    const by = limit(max_uses_per_identity, at, ".max_uses_per_identity");
    if (uses === null && by === null) fail(at, "expected at least one limit");
    return { uses, by };
  });
  if (more) fail(`${path}per_period[1].every`, "expected each period once");
  return day ?? null;
}

export function readConditions(value, path) {
  return some(value, path, "only_if", 16, (entry, at) => {
    const { fact, is, at_most } = known(entry, CONDITION, at);
    kindOf(fact, at, ".fact");
    if ((is == null) === (at_most == null)) fail(at, "expected exactly one operator");
    return is == null ? { fact, at_most: integer(at_most, at, ".at_most") } : { fact, is: flag(is, at, ".is") };
  });
}

/** Which tickets must stand in the order as well: so many of these types. The workloads ask for one thing only. */
export function readRequired(value, path) {
  const required = some(value, path, "requires", 1, (entry, at) => {
    const { ticket_types, min_tickets } = known(entry, REQUIREMENT, at);
    return {
      types: names(ticket_types, at, ".ticket_types") ?? fail(at, "expected ticket types"),
      min_tickets: integer(min_tickets, at, ".min_tickets", 1),
    };
  });
  return required?.[0] ?? null;
}

export function readFacts(value) {
  return new Map(
    entriesByKind(value, "order.facts").map(([name, fact]) => {
      const at = `order.facts.${name}`;
      if (typeof fact === "boolean") return [name, fact];
      if (typeof fact === "number") return [name, integer(fact, at, "")];
      if (typeof fact === "string") return [name, text(fact, at, "")];
      return [name, names(fact, at, "")];
    }),
  );
}

/** The day and the minute that local clocks show, or null without a zone. */
export function localTime(zone, now) {
  if (zone === null) return null;
  let offset = zone[0].offset_minutes;
  for (const { from_ms, offset_minutes } of zone) if (from_ms <= now) offset = offset_minutes;
  const minutes = Math.floor(now / 60_000) + offset;
  const day = Math.floor(minutes / DAY);
  return { day, minute: minutes % DAY };
}

/** The local day, such as 2027-01-15. */
export const dateOf = ({ day }) => new Date(day * 86_400_000).toISOString().slice(0, 10);

export function isInHours({ weekly, day }, local) {
  if (weekly === null && day === null) return true;
  if (local === null) return false;
  if (weekly === null) return true;
  const today = ((local.day + 3) % 7) + 1;
  const yesterday = today === 1 ? 7 : today - 1;
  return weekly.some(({ days, from_minute, to_minute }) => {
    const within = (minute) => from_minute <= minute && minute < to_minute;
    return (days.has(today) && within(local.minute)) || (days.has(yesterday) && within(local.minute + DAY));
  });
}

export function isEligible(conditions, facts) {
  if (conditions === null) return true;
  return conditions.every(({ fact, is, at_most }) => {
    const found = facts.get(fact);
    return is === undefined ? typeof found === "number" && found <= at_most : found === is;
  });
}

/** How many tickets are missing of those that must stand in the order as well, and how many there are. */
export function missing({ types, min_tickets }, lines) {
  const has = lines.reduce((sum, { ticket_type, quantity }) => (types.includes(ticket_type) ? sum + quantity : sum), 0);
  return { has, missing: Math.max(0, min_tickets - has) };
}
