// One store over several databases (shards). An event is in one of them, with its orders and counters; the host's own
// functions say in which. A plan that would need two databases is refused, because no transaction spans them.
import { invalid, known } from "./options.js";
import { redemptionsOf } from "./steps.js";

/** The event that alone has this counter, or null if promotions of several events may share it: by an id or a pool. */
export function eventOf(key) {
  const [, event] = key.match(/^(?:code\/event:|event\/)([^:/]+)[:/]/) ?? [];
  return event === undefined ? null : decodeURIComponent(event);
}

export function shardedStore(options) {
  const { stores, ofEvent, ofOrder, ofPromotion, ofPool } = known(options, OPTIONS, ["options"]);
  const names = Object.keys(known(stores, Object.keys(stores ?? {}), ["options", "stores"]));
  if (names.length === 0) throw invalid(["options", "stores"], "expected at least one store, found none");
  for (const [name, given] of Object.entries({ ofEvent, ofOrder, ofPromotion, ofPool }))
    if (typeof given !== "function" && (given !== undefined || REQUIRED.includes(name)))
      throw invalid(["options", name], `expected a function, found ${typeof given}`);

  /** What the host's function says, and for errors of what: the shard's name, or null for an order of no shard. */
  async function placed(name, of, given, what) {
    const shard = (await of(given)) ?? null;
    if (!names.includes(shard) && (shard !== null || name !== "ofOrder"))
      throw new Error(`${name}: expected one of ${names.join(", ")} for ${what}, found ${shard}`);
    return { shard, what };
  }
  const order = (id) => placed("ofOrder", ofOrder, id, `the order ${JSON.stringify(id)}`);
  const event = (id) => placed("ofEvent", ofEvent, id, `the event ${JSON.stringify(id)}`);

  async function counter(key) {
    const own = eventOf(key);
    if (own !== null) return placed("ofEvent", ofEvent, own, `the counter ${key}`);
    const [, kind, id] = key.match(/^(code\/id:|pool\/)([^/]+)\//);
    const [name, of] = kind === "pool/" ? ["ofPool", ofPool] : ["ofPromotion", ofPromotion];
    if (of) return placed(name, of, decodeURIComponent(id), `the counter ${key}`);
    const expected = "expected no promotion with an id or a pool, because events of several shards may share";
    throw invalid(["promos"], `${expected} the counter ${key}; the option ${name} may say in which shard it is`);
  }

  /** The store of the one shard in which all of these are. */
  async function only(...placing) {
    const [first, ...others] = await Promise.all(placing);
    if (first.shard === null) throw invalid(["order", "id"], `expected the id of an order in a shard: ${first.what}`);
    for (const { shard, what } of others)
      if (shard !== first.shard)
        throw invalid(["order"], `expected one shard, found ${first.what} in ${first.shard} and ${what} in ${shard}`);
    return stores[first.shard];
  }

  return {
    async migrate() {
      for (const name of names) await stores[name].migrate();
    },
    async read(keys, id = null) {
      // There is nothing to read: in a preview without a code, or of an order of no shard, which does not exist.
      if (keys.length === 0 && (id === null || (await order(id)).shard === null))
        return { counters: {}, existing: null };
      const store = await only(...(id === null ? [] : [order(id)]), ...keys.map(counter));
      return store.read(keys, id);
    },
    async commit(ops, write) {
      const store = await only(
        ...ops.flatMap(({ redemption, id = redemption?.id }) => (id === undefined ? [] : [order(id)])),
        ...redemptionsOf(ops).map(({ event_id }) => event(event_id)),
        ...ops.flatMap(({ key }) => (key === undefined ? [] : [counter(key)])),
      );
      return store.commit(ops, write);
    },
    async find(query) {
      if (query.keys !== null) return (await only(...query.keys.map(counter))).find(query);
      const found = await Promise.all(names.map((name) => stores[name].find(query)));
      const holds = found.flatMap((one) => one.holds).sort((a, b) => a.expires_at_ms - b.expires_at_ms);
      return { holds: holds.slice(0, query.limit), counters: {} };
    },
    ...Object.fromEntries(BY_SHARD.map((name) => [name, eachByItself])),
  };
}

const OPTIONS = ["stores", "ofEvent", "ofOrder", "ofPromotion", "ofPool"];
const REQUIRED = ["ofEvent", "ofOrder"];
const BY_SHARD = ["scan", "prune", "differences", "person", "old"];

function eachByItself() {
  throw new Error("audit, repair, prune, archive and erase need the store of one shard: call them once for each");
}
