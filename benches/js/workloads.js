// The requests to be measured: five fixed ones, and random ones of the same shape. Python reads the same file.
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

/** A random request with features of the workloads; about a third of them are accepted. */
export function randomRequest({ roll, pick, maybe }) {
  const codes = ["alpha", "Beta ", "ｇａｍｍａ", "delta\u00AD", "ÉTÉ/20"].slice(0, 1 + roll(roll(2) ? 5 : 2));
  const combining = roll(8) > 0;
  const promo = (code, index) =>
    present({
      code: code.trim().toUpperCase(),
      id: maybe(() => `promotion ${index}`),
      active: roll(40) ? undefined : false,
      ...(roll(2)
        ? { discount_percent: roll(2) ? pick([50, 12.5]) : (1 + roll(1_000_000)) / 10_000 }
        : { discount: { kind: "amount_per_ticket", amount: roll(3000) } }),
      max_uses: maybe(() => 10 + roll(30)),
      max_uses_per_identity: maybe(() => 5 + roll(15)),
      pools: maybe(() =>
        ["launch", "part/ners", "x~y"].slice(roll(3)).map((id) =>
          present({
            id,
            max_uses: maybe(() => 10 + roll(40)),
            budget: maybe(() => (roll(2) ? 1e14 : roll(120_000))),
          }),
        ),
      ),
      starts_at_ms: roll(30) ? undefined : NOW + roll(2),
      ends_at_ms: roll(30) ? undefined : NOW + roll(2),
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
      ticket_type: pick(["regular", "vip", undefined]),
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
    hold_until_ms: NOW + 900_000,
  });
  const policy = present({
    max_free_tickets_per_identity: maybe(() => 3 + roll(9)),
    max_tickets_per_identity: maybe(() => 8 + roll(20)),
  });
  return { codes: roll(16) ? codes : [...codes, "nope"], promos, policy, order, usage: { counters: {} }, now_ms: NOW };
}
