// The requests to be measured: fixed ones, and random ones of the same shape. Python reads the same file.
import { readFileSync } from "node:fs";

export const workloads = JSON.parse(readFileSync(new URL("../workloads.json", import.meta.url), "utf8"));

/** Copies one promotion under many codes; the typed code stands in the middle. */
export function crowd(request, count) {
  const [promo] = request.promos;
  const others = Array.from({ length: count - 1 }, (_, index) => ({
    ...promo,
    code: `CODE${String(index).padStart(5, "0")}`,
  }));
  const half = Math.floor(others.length / 2);
  return { ...request, promos: [...others.slice(0, half), promo, ...others.slice(half)] };
}
workloads.crowd = crowd(workloads.accept, 10_000);

export const TITLES = {
  accept: "one code, accepted",
  reject: "one code, rejected",
  combine: "three codes, pools, three identities",
  hundred: "100 tickets",
  crowd: "one code of 10\u00a0000",
  conditions: "hours, facts, another ticket, uses a day",
  by_type: "another discount for each ticket type",
  by_currency: "amounts in two currencies",
  of_order: "a percent of the order",
  tiers: "tiers of seven tickets",
  three_for_two: "three for two, seven tickets",
};

/** Park and Miller's generator: the same numbers on every run. */
export function dice(seed) {
  let state = seed;
  const roll = (sides) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % sides;
  };
  return { roll, pick: (list) => list[roll(list.length)], maybe: (value) => (roll(2) ? value() : undefined) };
}

const NOW = 1_800_000_000_000;
const present = (document) => Object.fromEntries(Object.entries(document).filter(([, value]) => value !== undefined));

/** A random request with features of the workloads; about a fifth of them are accepted. */
export function randomRequest({ roll, pick, maybe }) {
  const codes = ["alpha", "Beta ", "ｇａｍｍａ", "delta\u00AD", "ÉTÉ/20"].slice(0, 1 + roll(roll(2) ? 5 : 2));
  const combining = roll(8) > 0;
  const percent = () => (roll(2) ? pick([50, 12.5]) : (1 + roll(1_000_000)) / 10_000);
  const amount = (most) => (roll(6) ? roll(most) : { EUR: roll(most), USD: roll(most) });
  const discount = () =>
    pick([
      () => ({ kind: "percent", percent: percent() }),
      () => ({ kind: "percent", percent: percent(), of: "order" }),
      () => ({ kind: "amount_per_ticket", amount: amount(3000) }),
    ])();
  const tiers = () => ({
    kind: "tiers",
    by: "tickets",
    mode: "volume",
    tiers: [1 + roll(3), 4 + roll(3)].map((from) => ({ from, discount: discount() })),
  });
  const groups = () => ({ kind: "per_group", size: 2 + roll(3), discounted: 1 + roll(2) });
  const discounts = () => [
    { ticket_types: ["vip"], discount: roll(4) ? discount() : tiers() },
    { ticket_types: roll(2) ? ["regular", "vip", "pass"] : null, discount: discount() },
  ];
  const takes = () =>
    pick([
      () => ({ discount_percent: percent() }),
      () => ({ discount: discount() }),
      () => ({ discounts: discounts() }),
      () => ({ discount: pick([tiers, groups])() }),
    ])();
  const some = (value) => (roll(8) ? undefined : value());
  const promo = (code, index) =>
    present({
      code: code.trim().toUpperCase(),
      id: maybe(() => `promotion ${index}`),
      active: roll(40) ? undefined : false,
      ...takes(),
      max_uses: maybe(() => 10 + roll(30)),
      max_uses_per_identity: maybe(() => 5 + roll(15)),
      per_period: some(() => [
        { every: "day", max_uses: 5 + roll(9), max_uses_per_identity: roll(2) ? 4 + roll(6) : null },
      ]),
      pools: maybe(() =>
        ["launch", "part/ners", "x~y"].slice(roll(3)).map((id) =>
          present({
            id,
            max_uses: maybe(() => 10 + roll(40)),
            budget: maybe(() => (roll(2) ? 1e14 : amount(120_000))),
          }),
        ),
      ),
      starts_at_ms: roll(30) ? undefined : NOW + roll(2),
      ends_at_ms: roll(30) ? undefined : NOW + roll(2),
      weekly: some(() => [
        { days: [4, 6], from_minute: 900, to_minute: 1900 + roll(200) },
        { days: [1, 5], from_minute: 420 + roll(120), to_minute: 600 },
      ]),
      requires: some(() => [{ ticket_types: pick([["pass"], ["gold", "pass"]]), min_tickets: 1 + roll(2) }]),
      only_if: some(() =>
        [
          { fact: "member", is: roll(4) > 0 },
          { fact: "orders_before", at_most: roll(5) },
        ].slice(roll(2)),
      ),
      events: roll(15) ? undefined : pick([["gala", "ball"], ["ball"], []]),
      ticket_types: roll(8) ? undefined : pick([["regular"], ["vip", "regular"], []]),
      combines: combining ? true : maybe(() => true),
      priority: maybe(() => roll(3) * 10),
    });
  const promos = codes.map(promo).filter(() => roll(30) > 0);
  const identities = present({
    email: maybe(() => pick(["Ann+x@Example.org", "a.n.n@googlemail.com", "ann", " bob@example.org "])),
    npub: maybe(() => "NPUB1X"),
    card: maybe(() => "12/34:5"),
  });
  const lines = Array.from({ length: 1 + roll(3) }, () =>
    present({
      ticket_type: pick(["regular", "vip", "pass", undefined]),
      unit_price: pick([0, 999, 4500, 12_345, roll(9) ? 2500 : 9_000_000_000_001]),
      quantity: 1 + roll(4),
    }),
  );
  const order = present({
    id: roll(6) ? "order-1" : undefined,
    event_id: pick(["gala", "ga la"]),
    currency: pick(["EUR", "€"]),
    lines,
    identities,
    facts: present({
      member: roll(4) ? true : undefined,
      orders_before: roll(4) ? roll(4) : undefined,
      groups: maybe(() => ["choir"]),
      role: maybe(() => "crew"),
    }),
    hold_until_ms: NOW + 900_000,
  });
  const policy = present({
    zone: roll(4)
      ? [
          { from_ms: NOW - 9e9, offset_minutes: 60 },
          { from_ms: NOW + roll(2), offset_minutes: pick([0, -60, 120]) },
        ]
      : undefined,
    max_free_tickets_per_identity: maybe(() => 3 + roll(9)),
    max_tickets_per_identity: maybe(() => 8 + roll(20)),
  });
  return { codes: roll(16) ? codes : [...codes, "nope"], promos, policy, order, usage: { counters: {} }, now_ms: NOW };
}
