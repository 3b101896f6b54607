// What each code was used for, from the records alone.
import { addUp } from "../audit.js";
import { money, table } from "./words.js";

const STATES = ["held", "confirmed", "released"];
const USES = /^code\/([^/]+)\/uses$/;
const SPEND = /^code\/([^/]+)\/spend\/(.+)$/;

/**
 * For each code's scope and each state of orders: how many orders, and what they hold of the code's counters. The event
 * null is every event.
 */
export async function reported(store, event = null) {
  const rows = new Map();
  const held = Object.fromEntries(STATES.map((state) => [state, new Map()]));
  await store.scan(({ redemptions }) => {
    for (const state of STATES) {
      const alike = redemptions.filter((one) => one.state === state && (event === null || one.event_id === event));
      addUp(held[state], alike);
      for (const { key, code } of alike.flatMap(({ charges }) => charges)) {
        const [, scope] = USES.exec(key) ?? [];
        if (scope === undefined) continue;
        const place = `${scope} ${STATES.indexOf(state)}`;
        const row = rows.get(place) ?? { codes: new Set(), scope, state, orders: 0 };
        rows.set(place, { ...row, codes: row.codes.add(code), orders: row.orders + 1 });
      }
    }
  });
  const spent = Object.fromEntries(STATES.map((state) => [state, spentIn(held[state])]));
  return [...rows.keys()].sort().map((place) => {
    const { codes, scope, state, orders } = rows.get(place);
    const uses = held[state].get(`code/${scope}/uses`) ?? 0;
    const discount = Object.fromEntries((spent[state].get(scope) ?? []).sort(([a], [b]) => (a < b ? -1 : 1)));
    return { codes: [...codes].sort(), counted_for: said(scope), state, orders, uses, discount };
  });
}

/** For each scope, what was taken off in which currency. */
function spentIn(sums) {
  const spent = new Map();
  for (const [key, amount] of sums) {
    const [, scope, currency] = SPEND.exec(key) ?? [];
    if (scope !== undefined && amount > 0)
      spent.set(scope, [...(spent.get(scope) ?? []), [decodeURIComponent(currency), amount]]);
  }
  return spent;
}

/** `event gala` for `event:gala:TEN`, and `id spring` for `id:spring`. */
function said(scope) {
  const [kind, name] = scope.split(":");
  return `${kind} ${decodeURIComponent(name)}`;
}

export function linesOf(rows) {
  if (rows.length === 0) return ["no order has a code"];
  return table(
    ["code", "counted for", "state", "orders", "uses", "taken off"],
    rows.map(({ codes, counted_for, state, orders, uses, discount }) => {
      const off = Object.entries(discount).map(([currency, amount]) => money(amount, currency));
      return [codes.join(" "), counted_for, state, orders, uses, off.join(", ") || "nothing"];
    }),
  );
}
