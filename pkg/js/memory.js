// A store in memory, for tests: everything in it is lost when the process ends.
import { known } from "./options.js";
import { isPeriod } from "./periods.js";
import { isCount, redemptionsOf } from "./steps.js";
import { naming, shuffled, tell } from "./stores.js";

/** `rows` is a map for the host's own writes: `write` gets it, and a rollback undoes the changes. */
export function memoryStore(options = {}) {
  const { onDrift = () => {} } = known(options, ["onDrift"], ["options"]);
  // Records are kept as text: a caller that changes an answer does not change the stored record. A counter has
  // `used`, what archived records hold of it, and how often it was corrected.
  let state = { redemptions: new Map(), archive: new Map(), counters: new Map(), rows: new Map() };
  const record = (id) => JSON.parse(state.redemptions.get(id) ?? "null");
  const records = () => [...state.redemptions.keys()].map(record);
  const counters = (keys) =>
    Object.fromEntries(keys.flatMap((key) => (state.counters.has(key) ? [[key, state.counters.get(key).used]] : [])));

  return {
    get rows() {
      return state.rows;
    },
    migrate() {},
    async read(keys, id = null) {
      const archived = state.archive.has(id);
      const existing = archived ? JSON.parse(state.archive.get(id)) : record(id);
      return { counters: counters(keys), existing, archived };
    },
    async commit(ops, write) {
      // The plan runs on copies, which replace the state only if every operation holds.
      const draft = Object.fromEntries(Object.entries(state).map(([name, map]) => [name, new Map(map)]));
      const drifted = [];
      const carryOut = (part) => part.every((op) => run(draft, op, drifted));
      if (!carryOut(ops.filter((op) => !isCount(op)))) return false;
      const result = write?.(draft.rows, redemptionsOf(ops));
      if (typeof result?.then === "function") {
        result.then(undefined, () => {});
        throw new TypeError("write in memory must not be asynchronous");
      }
      if (!carryOut(ops.filter(isCount))) return false;
      state = draft;
      tell(onDrift, drifted);
      return true;
    },
    async find({ lapsed_by_ms, keys, limit }) {
      const charges = (held) => heldBy(held).some(([key, amount]) => amount > 0 && keys.includes(key));
      const lapsed = records()
        .filter((held) => held.state === "held" && held.expires_at_ms <= lapsed_by_ms)
        .filter((held) => keys === null || charges(held))
        .sort((a, b) => a.expires_at_ms - b.expires_at_ms);
      if (keys !== null) shuffled(lapsed);
      return { holds: lapsed.slice(0, limit), counters: counters(keys ?? []) };
    },
    async scan(visit) {
      const shown = state;
      const all = [...records(), ...[...shown.archive.values()].map((document) => JSON.parse(document))];
      for (let from = 0; from < all.length; from += 500)
        visit({ redemptions: all.slice(from, from + 500), counters: {} });
      const counted = [...shown.counters].map(([key, { used }]) => [key, used]);
      visit({ redemptions: [], counters: Object.fromEntries(counted) });
    },
    async differences({ after, limit }) {
      const sums = new Map();
      const sum = (key, used, must, corrected) => {
        const before = sums.get(key) ?? { key, used: 0, must: 0, corrected: 0 };
        sums.set(key, { key, used: before.used + used, must: before.must + must, corrected });
      };
      for (const one of records()) for (const [key, held] of heldBy(one)) sum(key, 0, held, 0);
      for (const [key, { used, archived, corrected }] of state.counters) sum(key, used, archived, corrected);
      return [...sums.values()]
        .filter(({ key, used, must }) => key > after && used !== must)
        .sort((a, b) => (a.key < b.key ? -1 : 1))
        .slice(0, limit);
    },
    async person(identity) {
      const rows = (map, archived) => [...map.values()].map((document) => ({ document, archived }));
      return naming([...rows(state.redemptions, 0), ...rows(state.archive, 1)], identity);
    },
    async old({ after, before_ms = null, event_id = null, limit }) {
      return records()
        .filter((one) => one.state !== "held" && one.id > after)
        .filter((one) => event_id === null || one.event_id === event_id)
        .filter((one) => before_ms === null || one.created_at_ms < before_ms)
        .sort((a, b) => (a.id < b.id ? -1 : 1))
        .slice(0, limit);
    },
    async prune(isOver) {
      const over = [...state.counters.keys()].filter((key) => isPeriod(key) && isOver(key));
      state = { ...state, counters: new Map([...state.counters].filter(([key]) => !over.includes(key))) };
      return over.length;
    },
  };
}

/** What a record holds of each counter that it charges, as [key, amount]. */
const heldBy = ({ charges = [] }) => charges.map(({ key, held, amount }) => [key, held ?? amount]);

/** Executes one operation of a plan; returns false if it fails. */
function run({ redemptions, archive, counters }, op, drifted) {
  const stored = (id) => JSON.parse(redemptions.get(id) ?? "null");
  const counter = counters.get(op.key) ?? { used: 0, archived: 0, corrected: 0 };
  const set = (fields) => counters.set(op.key, { ...counter, ...fields });
  switch (op.op) {
    case "insert":
      if (redemptions.has(op.redemption.id) || archive.has(op.redemption.id)) return false;
      redemptions.set(op.redemption.id, JSON.stringify(op.redemption));
      return true;
    case "update":
      if (stored(op.id)?.revision !== op.revision) return false;
      redemptions.set(op.id, JSON.stringify(op.redemption));
      return true;
    case "archive":
      if (stored(op.id)?.revision !== op.revision || stored(op.id).state === "held") return false;
      archive.set(op.id, redemptions.get(op.id));
      return redemptions.delete(op.id);
    case "restore":
      if (!archive.has(op.id)) return false;
      redemptions.set(op.id, archive.get(op.id));
      return archive.delete(op.id);
    case "drop":
      return archive.delete(op.id);
    case "erase":
      // Nothing to do: `person` looks into the records.
      return true;
    case "add": {
      const used = counter.used + op.by;
      if (op.by > 0 && op.at_most !== null && used > op.at_most) return false;
      if (op.by > 0) set({ used });
      else if (counters.has(op.key))
        set({ used: Math.max(0, used), corrected: counter.corrected + (used < 0 ? 1 : 0) });
      // The counter of a day, week or month may have been pruned: then it is missing, which is no drift.
      if (used < 0 && (counters.has(op.key) || !isPeriod(op.key))) drifted.push(op.key);
      return true;
    }
    case "open":
      if (counters.has(op.key) || (op.by > 0 && !isPeriod(op.key))) set({ archived: counter.archived + op.by });
      return true;
    case "correct":
      if (counter.corrected !== op.corrected || counter.used + op.by < 0) return false;
      set({ used: counter.used + op.by, corrected: op.corrected + 1 });
      return true;
    case "forget":
      if (counter.used === 0 && counter.archived === 0) counters.delete(op.key);
      return true;
    default:
      throw new Error(`unknown operation ${op.op}`);
  }
}
