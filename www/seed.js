// The demo's event, as an organiser would write it, with its ticket types, codes and policy. Amounts are in cents. The
// counters are in the store, not here.
const pool = { id: "partners", max_uses: 30 };
const week = 7 * 24 * 3_600_000;

export default {
  id: "gala",
  name: "Gala evening",
  currency: "EUR",
  /** How long an unpaid order is held. */
  hold_ms: 15 * 60_000,
  ticket_types: [
    { id: "regular", name: "Regular", price: 4500 },
    { id: "student", name: "Student", price: 2500 },
    { id: "vip", name: "VIP with dinner", price: 12000 },
  ],
  policy: {
    // One person gets at most two free tickets, with all codes together.
    max_free_tickets_per_identity: 2,
    identity_kinds: ["email"],
    // An unpaid order is held for an hour at most, even if it is placed again and again.
    max_hold_ms: 3_600_000,
    // If a comp ticket is forfeited (given back too late), its use stays used.
    release: { forfeited: { uses: "keep", identity: "keep" } },
  },
  // What the shop tells the engine about every order: a code may ask for it, with `only_if`.
  facts: { channel: "web" },
  promos: [
    { code: "CREW", discount: { kind: "free" }, max_uses: 20, ticket_types: ["regular"] },
    { code: "EARLY20", discount_percent: 20, max_uses_per_identity: 2, combines: true, priority: 10 },
    {
      code: "TENNER",
      discount: { kind: "amount_per_ticket", amount: 1000 },
      currency: "EUR",
      budget: 50_000,
      when_short: "partial",
      combines: true,
    },
    {
      code: "LASTSEAT",
      discount: { kind: "fixed_price", price: 1500 },
      single_use: true,
      ticket_types: ["regular", "vip"],
    },
    // Nobody types this one: three tickets or more get it, unless the buyer types another code.
    { code: "PARTY", discount_percent: 20, automatic: true, min_tickets: 3, max_uses: 60 },
    { code: "RADIO", discount_percent: 15, pools: [pool] },
    { code: "TRAIN", discount_percent: 15, pools: [pool], min_tickets: 2 },
    // Codes are copied into a new database once, so these times count from when the shop first opened.
    {
      code: "FINALE",
      discount_percent: 50,
      max_uses: 10,
      max_uses_per_identity: 1,
      starts_at_ms: Date.now() + week,
      ends_at_ms: Date.now() + 2 * week,
    },
  ],
};
