// Group commit: the plans that come in one turn of the event loop, or while others are being stored, are stored in one
// transaction, and reads go together in one statement.
// A plan is stored whole or not at all, and gets the answer that it would get by itself: if a group cannot be stored,
// it is divided, at last into single plans.
import { byText, idOf, merged } from "./merged.js";
import { invalid } from "./options.js";
import { groups } from "./queue.js";
import { redemptionsOf } from "./steps.js";
import { EndedWithin, codesOf } from "./stores.js";

/** At most so many plans, and plans of at most such a size, go together. */
const MOST = 64;
const LARGEST = 10_000;
/** The writes of a group should take so many milliseconds; if they take as many as LATE, the group is given up. */
const WRITING = 25;
const LATE = 100;
/** A group that fails within so many milliseconds is halved. If it has waited for a lock, each plan goes alone. */
const QUICK = 50;

/**
 * Each call keeps the context of its caller (AsyncLocalStorage), and what is done for several callers has none. It is
 * not imported, because a page's bundler would not find it.
 */
const hooks = globalThis.process?.getBuiltinModule?.("node:async_hooks");
const context = () => hooks && new hooks.AsyncResource("redeemable");
const within = (own, call) => (own ? own.runInAsyncScope(call) : call());
const nobody = context();

/** The option `group` of a store. */
export function checkedGroup(group = true) {
  if (typeof group !== "boolean")
    throw invalid(["options", "group"], `expected true or false, found ${group === null ? "null" : typeof group}`);
  return group;
}

/**
 * The store with grouped commits and, with `readMany`, grouped reads: `readMany(keys, ids)` answers the function that
 * answers each caller. `synchronous` is the store on SQLite, where every error leaves nothing behind, and `commit`
 * answers null if the file is locked. With `ambient`, a plan with a `write` goes alone. `first` are operations that
 * come before those of a group.
 */
export function grouped(store, { readMany, synchronous = false, ambient = false, first = [] } = {}) {
  /** How many have read an order's record and may send a plan, since a group was stored. */
  const expected = { plans: 0 };
  const together = readMany ? readingTogether(store.read, readMany) : store.read;
  const read = (keys, id = null) => {
    if (id !== null) expected.plans += 1;
    return together(keys, id);
  };
  return { ...store, commit: committingTogether(store, synchronous, ambient, first, expected), read };
}

function committingTogether({ commit, read }, synchronous, ambient, first, expected) {
  /** The ids of the records that the groups under way write: two plans on one record never share a group. */
  const busy = new Set();
  /** About how many milliseconds a host's `write` takes: at first so few that any number may go together. */
  let pace = WRITING / MOST;
  const limit = (writes) => (writes ? Math.min(MOST, Math.max(1, Math.floor(WRITING / pace))) : MOST);

  const room = () => {
    let count = 0;
    let size = 0;
    let writes;
    return (plan) => {
      if (count > 0 && (plan.writes !== writes || count >= limit(writes) || size + plan.size > LARGEST)) return false;
      if (plan.ids.some((id) => busy.has(id))) return false;
      for (const id of plan.ids) busy.add(id);
      ({ writes } = plan);
      count += 1;
      size += plan.size;
      return true;
    };
  };

  async function store(plans) {
    expected.plans = 0;
    try {
      await stored(plans);
    } finally {
      for (const id of plans.flatMap(({ ids }) => ids)) busy.delete(id);
    }
  }

  async function stored(plans) {
    if (plans.length === 1) {
      const [{ own, ops, write, resolve, reject }] = plans;
      await within(own, () => commit(ops, write)).then((answer) => resolve(Boolean(answer)), reject);
      return;
    }
    const began = performance.now();
    const writes = plans[0].writes ? inTurn(plans, synchronous) : undefined;
    try {
      const ops = merged(plans.map((plan) => plan.ops));
      // `null` says that the database had no time for anybody: then it makes no sense to ask again at once.
      const answer = ops && (await within(nobody, () => commit([...first, ...ops], writes?.all)));
      if (answer || answer === null) {
        for (const { resolve } of plans) resolve(Boolean(answer));
        return;
      }
    } catch (error) {
      const ended = error instanceof EndedWithin;
      let unsure;
      const unknown = (fault) => {
        unsure = fault;
        return null;
      };
      const lasting = writes?.failed || ended ? await isStored(plans).catch(unknown) : undefined;
      if (lasting === undefined ? !synchronous && !isRefusal(error) : lasting !== false) {
        // If nobody can say whether the group is stored, the callers learn why not: the database does not answer.
        const thrown = unsure ?? error.cause?.ofWrite ?? error;
        const told = lasting && !ended ? new EndedWithin({ cause: thrown }) : thrown;
        for (const { reject } of plans) reject(told);
        return;
      }
    }
    const half = plans.length >> 1;
    const parts =
      performance.now() - began < QUICK && !writes?.late
        ? [plans.slice(0, half), plans.slice(half)]
        : plans.map((plan) => [plan]);
    await Promise.all(parts.map(stored));
  }

  /**
   * Whether a group that failed is stored all the same, because a `write` has ended the transaction. Then all of its
   * records are; if only the first is, somebody else has just stored that one.
   */
  async function isStored(plans) {
    for (const { ops } of plans.slice(0, 2)) {
      const op = ops.find((each) => each.op !== "add");
      const { existing } = await read([], idOf(op));
      if ((existing?.revision ?? null) === (op.revision ?? null)) return false;
    }
    return true;
  }

  /** A slow `write` is noticed at once, and forgotten slowly. */
  function paced(ms) {
    pace += (ms - pace) * (ms > pace ? 0.5 : 0.05);
  }

  const isFull = ({ writes }, count) => count >= limit(writes);
  const isAlone = () => expected.plans === 1;
  const join = groups(store, { room, isFull, isAlone });
  return async (ops, write) => {
    const kept = ops.filter(({ op }) => op !== "add");
    const others = kept.length === 0 || kept.some(({ op }) => op !== "insert" && op !== "update");
    // Without its caller's context, a `write` could work for another tenant, for example.
    if (others || (write && (ambient || !hooks))) return Boolean(await commit(ops, write));
    const own = context();
    const plan = { ops, own, ids: kept.map(idOf), size: sizeOf(kept), writes: Boolean(write) };
    return join({ ...plan, write: write && timed(write, paced) });
  };
}

/**
 * The plans' own writes as one, which calls one after the other. Hosts may lock rows of their own, so the order is the
 * same everywhere: by event, by codes, by id.
 */
function inTurn(plans, synchronous) {
  const told = plans.map(({ own, ops, write }) => {
    const redemptions = redemptionsOf(ops);
    const { event_id, codes, id } = redemptions[0];
    return { own, write, redemptions, key: JSON.stringify([event_id, codes, id]) };
  });
  told.sort((a, b) => byText(a.key, b.key));
  const writes = { failed: false, late: false };
  writes.all = (transaction) => {
    const began = performance.now();
    let index = 0;
    const next = () => {
      while (index < told.length) {
        const { own, write, redemptions } = told[index++];
        const answer = within(own, () => write(transaction, redemptions));
        // A store that takes no promise refuses this one.
        if (typeof answer?.then === "function") return synchronous ? answer : answer.then(after);
      }
    };
    const after = () => {
      if (index < told.length && performance.now() - began > LATE) {
        writes.late = true;
        throw new Error("the writes of a group took too long");
      }
      return next();
    };
    return noting(writes, next);
  };
  // The store then lets nobody go back to a savepoint, which could undo what another has written.
  writes.all.together = true;
  return writes;
}

/**
 * Calls `work`, and notes if it fails. The error that the store sees has no code: a deadlock in a `write`, for example,
 * must not look like one that has undone the transaction, which that `write` may have ended before.
 */
function noting(writes, work) {
  const fail = (error) => {
    writes.failed = true;
    throw new Error("a write of the group failed", { cause: { ofWrite: error } });
  };
  let answer;
  try {
    answer = work();
  } catch (error) {
    fail(error);
  }
  return typeof answer?.then === "function" ? answer.then(undefined, fail) : answer;
}

/** `write`, which tells how long it took if it answers a promise. A query that runs when it is awaited runs once. */
const timed = (write, tell) => (transaction, redemptions) => {
  const began = performance.now();
  const answer = write(transaction, redemptions);
  if (typeof answer?.then !== "function") return answer;
  return Promise.resolve(answer).finally(() => tell(performance.now() - began));
};

function readingTogether(read, readMany) {
  const room = () => {
    let keys = 0;
    let count = 0;
    return (asked) => {
      count += 1;
      keys += asked.keys.length;
      return count === 1 || (count <= MOST && keys <= LARGEST);
    };
  };
  const join = groups(
    async (asked) => {
      if (asked.length > 1) {
        try {
          const keys = [...new Set(asked.flatMap((each) => each.keys))];
          const ids = [...new Set(asked.flatMap(({ id }) => id ?? []))];
          const share = await within(nobody, () => readMany(keys, ids));
          for (const each of asked) each.resolve(share(each.keys, each.id));
          return;
        } catch {
          // Each then learns by itself what is wrong.
        }
      }
      await Promise.all(
        asked.map(({ own, keys, id, resolve, reject }) => within(own, () => read(keys, id)).then(resolve, reject)),
      );
    },
    { room, isFull: (_, count) => count >= MOST },
  );
  return (keys, id = null) => join({ keys, id, own: context() });
}

/** About how long a plan takes: each ticket counts 10, and 1 for each charge. */
const sizeOf = (ops) =>
  ops.reduce(
    (sum, { redemption: { tickets, charges } }) => sum + (tickets?.length ?? 1) * (10 + (charges?.length ?? 0)),
    0,
  );

/**
 * Whether the server has refused, so that nothing is stored: an SQLSTATE, but none of a broken connection (08), of a
 * server that stops (57P) or of an unknown outcome (58 and XX, which some poolers say of a broken connection; 40003,
 * 70100), and none of Prisma's (P1001); or a mistake that the store has found before it sent anything.
 */
function isRefusal(error) {
  const codes = [...codesOf(error)];
  if (codes.some((code) => /^(08\w{3}|57P\w{2}|58\w{3}|XX\w{3}|40003|70100|P1\d{3}|E[A-Z]+|PROTOCOL_\w+)$/.test(code)))
    return false;
  return codes.some((code) => code === "invalid_request" || /^(?=.*\d)[0-9A-Z]{5}$/.test(code));
}
