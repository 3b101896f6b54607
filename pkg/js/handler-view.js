// What a page may know of one code, so that it can price orders by itself.
import { usageKeys } from "#engine";
import { publicView, validatePromos } from "#organiser";
import { areFound, found } from "./promos.js";

/** The browser prices orders up to this size. A view for larger orders would show more of the limits. */
const UP_TO = 10;

/** The most codes in one request. */
const MAX_CODES = 16;

export async function viewOf({ store, now }, { event, order, codes }) {
  const { policy, prices } = event;
  const now_ms = now();
  const wish = (types, promos) => {
    const lines = types.map((type) => ({ ticket_type: type, unit_price: prices[type], quantity: 1 }));
    // If every type is locked, the page has nothing to order yet. The engine wants a line all the same.
    if (lines.length === 0) lines.push({ unit_price: 0, quantity: 1 });
    return { codes, promos, policy, order: { ...order, lines }, now_ms };
  };
  usageKeys(wish([], [])); // a buyer's mistake is told before the shop looks for promotions
  const promos = areFound(event.promos) ? await found(event.promos, codes) : event.promos;
  const ask = (types) => seen(store, wish(types, promos));
  const locked = policy?.locked_ticket_types ?? [];
  let types = Object.keys(prices).filter((type) => !locked.includes(type));
  let view = await ask(types);
  // The page may know the locked types that this code unlocks, and their prices.
  const unlocked = (view.promos[0]?.unlocks ?? []).filter((type) => locked.includes(type) && type in prices);
  if (unlocked.length > 0) {
    types = [...types, ...unlocked];
    view = await ask(types);
  }
  const { event_id, currency, identities } = order;
  const shown = Object.fromEntries(types.map((type) => [type, prices[type]]));
  return { view, order: { event_id, currency, identities }, prices: shown, up_to: UP_TO, now_ms };
}

/**
 * The public view. An answer must take equally long whether or not the code exists: so the engine is always asked for
 * keys twice, and as many counters are read.
 */
async function seen(store, request) {
  const sound = soundOf(request);
  // Not the typed code: of some texts no promotion can be made.
  const other = { code: "A", discount_percent: 1, max_uses: 1 };
  const own = usageKeys({ ...sound, promos: sound.promos.map((promo) => ({ ...promo, automatic: false })) });
  const others = usageKeys({ ...sound, codes: [other.code], promos: [other] });
  const typed = own.some((key) => !key.startsWith("event/")) ? own : others;
  const keys = new Set([...typed, ...keysOfAutomatic(sound)]);
  const { counters } = await store.read([...keys].sort(), null);
  return publicView({ ...sound, usage: { counters }, reveal_up_to: UP_TO });
}

/**
 * The counters of the automatic promotions, as if their codes were typed: an order in view may have more tickets than
 * the order that is asked about.
 */
function keysOfAutomatic(request) {
  const codes = request.promos.filter(({ automatic }) => automatic).map(({ code }) => code);
  const parts = Array.from({ length: Math.ceil(codes.length / MAX_CODES) }, (_, part) =>
    codes.slice(part * MAX_CODES, (part + 1) * MAX_CODES),
  );
  return parts.flatMap((part) => usageKeys({ ...request, codes: part }));
}

/** The request without promotions that have faults: as when the shop sells, their codes are unknown. */
function soundOf(request) {
  try {
    usageKeys(request);
    return request;
  } catch (error) {
    if (error.at?.[0] !== "promos" || typeof error.at[1] !== "number") throw error;
    const { promos } = request;
    return { ...request, promos: validatePromos({ promos }).sound.map((index) => promos[index]) };
  }
}
