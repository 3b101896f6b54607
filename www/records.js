// Reads stored records: how much of a counter a record holds, and what happened to it.

/** The reasons that give a charge back, unless the charge has a list `back` of its own. */
const GIVE_BACK = [
  "hold_expired",
  "payment_failed",
  "buyer_released",
  "organizer_cancelled",
  "refunded",
  "exchanged",
].map((reason) => ({ reason }));

/** How much of its counter a charge still holds, given which tickets are released. */
export function holds({ amount, tickets, each, back }, all) {
  const isKept = (index) => {
    const { released } = all[index];
    return (
      !released ||
      !(back ?? GIVE_BACK).some(
        ({ reason, until_ms }) => reason === released.reason && (until_ms === undefined || released.at_ms < until_ms),
      )
    );
  };
  if (each === undefined) return tickets.some(isKept) ? amount : 0;
  return tickets.reduce((sum, index, i) => sum + (isKept(index) ? (Array.isArray(each) ? each[i] : each) : 0), 0);
}

/**
 * What happened to one code in one order, oldest first. `uses` and `amount` say how an entry changed the counters.
 * A record keeps no history of its own: an amended order looks as if it had been placed like that, and an order that
 * lapsed and was paid late looks as if it had never lapsed.
 */
export function entriesOf({ id, tickets, charges, created_at_ms, confirmed_at_ms }, usesKey, spendKey) {
  const charge = charges.find(({ key }) => key === usesKey);
  if (charge === undefined) return [];
  const spend = charges.find(({ key }) => key === spendKey);
  const held = (of, among) => (of === undefined ? 0 : holds(of, among));
  const entries = [];
  // The tickets before any of them was released. Each step below releases some.
  let among = tickets.map((ticket) => ({ ...ticket, released: undefined }));
  const enter = (event, at_ms, reason, indexes, uses, amount) =>
    entries.push({ at_ms, order: id, event, reason, tickets: indexes.length, uses, amount });

  const paid = tickets.some(({ price }) => price > 0);
  const placed = [charge.tickets, held(charge, among), held(spend, among)];
  // An order that costs nothing is confirmed at once; any other order is held first.
  if (paid) enter("held", created_at_ms, null, ...placed);
  else enter("confirmed", confirmed_at_ms, null, ...placed);

  const releases = new Map();
  for (const index of charge.tickets) {
    const { released } = tickets[index];
    if (released)
      releases.set(`${released.at_ms} ${released.reason}`, [
        ...(releases.get(`${released.at_ms} ${released.reason}`) ?? []),
        index,
      ]);
  }
  const steps = [...releases.values()].map((indexes) => ({ ...tickets[indexes[0]].released, indexes }));
  if (paid && confirmed_at_ms) steps.push({ at_ms: confirmed_at_ms, reason: null });
  // If a payment and a release have the same millisecond, the release came first only if it ended the hold.
  const early = ({ reason }) =>
    reason === "hold_expired" || reason === "payment_failed" ? 0 : reason === null ? 1 : 2;
  steps.sort((a, b) => a.at_ms - b.at_ms || early(a) - early(b));
  for (const { at_ms, reason, indexes } of steps) {
    if (reason === null) {
      enter(
        "confirmed",
        at_ms,
        null,
        charge.tickets.filter((index) => !among[index].released),
        0,
        0,
      );
      continue;
    }
    const after = among.map((ticket, index) => (indexes.includes(index) ? tickets[index] : ticket));
    enter(
      "released",
      at_ms,
      reason,
      indexes,
      held(charge, after) - held(charge, among),
      held(spend, after) - held(spend, among),
    );
    among = after;
  }
  return entries;
}
