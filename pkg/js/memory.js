// A store in memory, for tests: everything in it is lost when the process ends.
import { known } from "./options.js";
import { isPeriod } from "./periods.js";
import { tell } from "./stores.js";

/** `rows` is a map for the host's own writes: `write` gets it, and a rollback undoes the changes. */
export function memoryStore(options = {}) {
  const { onDrift = () => {} } = known(options, ["onDrift"], ["options"]);
  // Records are kept as text: a caller that changes an answer does not change the stored record.
  let state = { redemptions: new Map(), counters: new Map(), rows: new Map() };
  const record = (id) => JSON.parse(state.redemptions.get(id) ?? "null");
  const counters = (keys) =>
    Object.fromEntries(keys.filter((key) => state.counters.has(key)).map((key) => [key, state.counters.get(key)]));

  return {
    get rows() {
      return state.rows;
    },
    migrate() {},
    async read(keys, id = null) {
      return { counters: counters(keys), existing: record(id) };
    },
    async commit(ops, write) {
      // The plan runs on copies, which replace the state only if every operation holds.
      const draft = {
        redemptions: new Map(state.redemptions),
        counters: new Map(state.counters),
        rows: new Map(state.rows),
      };
      const drifted = [];
      const isCount = ({ op }) => op === "add";
      const carryOut = (part) => part.every((op) => run(draft, op, drifted));
      if (!carryOut(ops.filter((op) => !isCount(op)))) return false;
      const result = write?.(
        draft.rows,
        ops.flatMap(({ redemption }) => redemption ?? []),
      );
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
      const lapsed = [...state.redemptions.keys()]
        .map(record)
        .filter((held) => held.state === "held" && held.expires_at_ms <= lapsed_by_ms)
        .filter((held) => keys === null || held.charges.some(({ key }) => keys.includes(key)))
        .sort((a, b) => a.expires_at_ms - b.expires_at_ms);
      if (keys !== null) shuffle(lapsed);
      return { holds: lapsed.slice(0, limit), counters: counters(keys ?? []) };
    },
    async scan(visit) {
      const shown = state;
      const records = [...shown.redemptions.values()].map((text) => JSON.parse(text));
      for (let from = 0; from < records.length; from += 500)
        visit({ redemptions: records.slice(from, from + 500), counters: {} });
      visit({ redemptions: [], counters: Object.fromEntries(shown.counters) });
    },
    async recount(key, count) {
      const used = state.counters.get(key) ?? 0;
      const charging = [...state.redemptions.keys()]
        .map(record)
        .filter(({ charges }) => charges.some((charge) => charge.key === key));
      const must = count(charging);
      state = { ...state, counters: new Map(state.counters).set(key, must) };
      return used;
    },
    async prune(isOver) {
      const over = [...state.counters.keys()].filter((key) => isPeriod(key) && isOver(key));
      state = { ...state, counters: new Map([...state.counters].filter(([key]) => !over.includes(key))) };
      return over.length;
    },
  };
}

/** Shuffles the list in place; every order is equally likely. */
function shuffle(list) {
  for (let last = list.length - 1; last > 0; last -= 1) {
    const other = Math.floor(Math.random() * (last + 1));
    [list[last], list[other]] = [list[other], list[last]];
  }
}

/** Executes one operation of a plan; returns false if it fails. */
function run({ redemptions, counters }, op, drifted) {
  switch (op.op) {
    case "insert":
      if (redemptions.has(op.redemption.id)) return false;
      redemptions.set(op.redemption.id, JSON.stringify(op.redemption));
      return true;
    case "update":
      if (JSON.parse(redemptions.get(op.id) ?? "null")?.revision !== op.revision) return false;
      redemptions.set(op.id, JSON.stringify(op.redemption));
      return true;
    case "add": {
      const used = (counters.get(op.key) ?? 0) + op.by;
      if (op.by > 0 && op.at_most !== null && used > op.at_most) return false;
      // The counter of a day, week or month may have been pruned: then it is missing, which is no drift.
      if (used < 0 && (counters.has(op.key) || !isPeriod(op.key))) drifted.push(op.key);
      if (op.by > 0 || counters.has(op.key)) counters.set(op.key, Math.max(0, used));
      return true;
    }
    default:
      throw new Error(`unknown operation ${op.op}`);
  }
}
