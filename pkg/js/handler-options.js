// What a shop tells the handler, checked when the handler is made: its options, and each event that it finds.
import { inMemory } from "./handler-throttle.js";
import { clocked, invalid, known } from "./options.js";

const HOLD_MS = 15 * 60_000;
const EVENT = ["id", "currency", "prices", "promos", "policy", "facts", "hold_ms"];

export function eventOf(found) {
  const event = known(found, EVENT, ["event"]);
  const own = event.prices ?? {};
  const prices = Object.assign(Object.create(null), own instanceof Map ? Object.fromEntries(own) : own);
  if (event.promos === undefined) throw invalid(["event", "promos"], "missing required field");
  for (const [type, price] of Object.entries(prices))
    if (!Number.isSafeInteger(price) || price < 0)
      throw invalid(["event", "prices", type], "expected an integer of minor units");
  if (event.id !== undefined && (typeof event.id !== "string" || event.id === ""))
    throw invalid(["event", "id"], "expected a string of at least 1 character");
  return { ...event, prices, hold_ms: event.hold_ms ?? HOLD_MS };
}

/** The shop's functions that cost money when they are forgotten, and the others. */
const NEEDED = ["eventOf", "mayAct", "ask", "reported", "refund"];
const MORE = ["identitiesOf", "addressOf", "throttle", "onError", "now"];

export function shopOf(options) {
  const given = known(
    options,
    ["store", "write", "base", "codesPerMinute", "exchanges", ...NEEDED, ...MORE],
    ["options"],
  );
  if (given.store === undefined) throw invalid(["options", "store"], "missing required field");
  // Without `write` a shop sells and issues no tickets: it may say so with null, but it must not forget it.
  const needed = given.write === null ? NEEDED : [...NEEDED, "write"];
  for (const name of [...needed, ...MORE])
    if (typeof given[name] !== "function" && (needed.includes(name) || given[name] !== undefined))
      throw invalid(["options", name], "expected a function");
  const { base = "", codesPerMinute = 60, exchanges = null } = given;
  if (typeof base !== "string" || !/^(\/[^/?#]+)*$/.test(base))
    throw invalid(["options", "base"], "expected a path such as /api/shop, without a slash at its end");
  if (!Number.isSafeInteger(codesPerMinute) || codesPerMinute < 1)
    throw invalid(["options", "codesPerMinute"], "expected an integer from 1");
  if (![null, "forgo", "refund"].includes(exchanges))
    throw invalid(["options", "exchanges"], "expected forgo or refund: what becomes of money that is left over");
  const now = clocked(given.now);
  const { identitiesOf, addressOf, throttle, onError } = given;
  return {
    ...given,
    base,
    exchanges,
    now,
    write: given.write ?? undefined,
    addressOf: addressOf ?? ((_, info) => info?.address),
    throttle: throttle ?? inMemory(codesPerMinute, now),
    onError: onError ?? ((error) => console.error(error)),
    identitiesOf: identitiesOf ?? (() => ({})),
    // A shop without this function takes no identities from a request.
    person: identitiesOf ? ["identities"] : [],
  };
}
