// What the stores share: they read the rows that the statements of sql/ return, find out what an error means, and
// report counters that have drifted. A counter has drifted if more is given back than it holds; it is then set to 0.

/** The answer of a store's `read`, from the row of the statement `read`. */
export const usage = ({ counters, existing, archived }) => ({
  counters: JSON.parse(counters ?? "{}"),
  existing: JSON.parse(existing ?? archived ?? "null"),
  archived: existing === null && archived !== null,
});

/** From the rows of the statement `read_many`, the function that answers `read` for some of the keys and one id. */
export function sharedOut(rows) {
  const counters = new Map();
  const records = new Map();
  for (const { kind, name, value } of rows) {
    if (kind === "counter") counters.set(name, Number(value));
    else records.set(name, { existing: value, archived: kind === "archive" });
  }
  return (keys, id) => {
    const { existing = "null", archived = false } = records.get(id) ?? {};
    const own = keys.filter((key) => counters.has(key)).map((key) => [key, counters.get(key)]);
    // Each caller gets a record of its own, which it may change.
    return { counters: Object.fromEntries(own), existing: JSON.parse(existing), archived };
  };
}

/** The answer of a store's `find`, from the rows of `find` or `lapsed`: a row with a key is a counter, else a hold. */
export function found(rows) {
  const holds = [];
  const counters = [];
  for (const { key, value } of rows) {
    if (key === null) holds.push(JSON.parse(value));
    else counters.push([key, Number(value)]);
  }
  return { holds, counters: Object.fromEntries(counters) };
}

/**
 * Passes every redemption, of the archive too, a page at a time, and then every counter to `visit`. The transaction
 * sees one moment.
 */
export async function scanned(ask, visit) {
  const next = (after) => ask("page", { after });
  for (let page = await next(""); page.length > 0; page = await next(page.at(-1).id)) {
    visit({ redemptions: page.map(({ document }) => JSON.parse(document)), counters: {} });
  }
  const rows = await ask("counters");
  // One row with all counters as JSON or, on MariaDB and MySQL, a row for each. There may be millions: they are never
  // the arguments of one call.
  const counters = rows.flatMap(({ key, used, counters: all }) =>
    key === undefined ? Object.entries(JSON.parse(all ?? "{}")) : [[key, Number(used)]],
  );
  visit({ redemptions: [], counters: Object.fromEntries(counters) });
}

/** What a store can ask for an operator, each by one statement. `named` makes the value of a person. */
export const operators = (ask, named = (person) => ({ person })) => ({
  async differences({ after, limit }) {
    const rows = await ask("differences", { after, limit });
    return rows.map(({ key, used, must, corrected }) => ({
      key,
      used: Number(used),
      must: Number(must),
      corrected: Number(corrected),
    }));
  },
  async person(identity) {
    return naming(await ask("person", named(identity)), identity);
  },
  async old({ after, before_ms = null, event_id = null, limit }) {
    return (await ask("old", { after, before_ms, event_id, limit })).map(({ document }) => JSON.parse(document));
  },
});

const keyList = (keys) => ({ keys: JSON.stringify(keys) });

/** The answer of a store's `person`. Some databases find a person by a part of a hash, so others may be among them. */
export const naming = (rows, identity) =>
  rows
    .map(({ document, archived }) => ({ redemption: JSON.parse(document), archived: Number(archived) === 1 }))
    .filter(({ redemption }) => redemption.identities?.includes(identity));

/** The list in another order; every order is equally likely. */
export function shuffled(list) {
  for (let last = list.length - 1; last > 0; last -= 1) {
    const other = Math.floor(Math.random() * (last + 1));
    [list[last], list[other]] = [list[other], list[last]];
  }
  return list;
}

/** Deletes the counters of the periods that are over, some keys at a time; the answer is how many. */
export async function pruned(ask, isOver, listed = keyList) {
  let count = 0;
  const next = async (after) => (await ask("periods", { after })).map(({ key }) => key);
  for (let keys = await next(""); keys.length > 0; keys = await next(keys.at(-1))) {
    const over = keys.filter(isOver);
    await ask("prune", listed(over));
    count += over.length;
  }
  return count;
}

/** Calls `onDrift`. The plan is stored already, so an error of the host's function must not look like a failed plan. */
export function tell(onDrift, drifted) {
  for (const key of drifted) {
    try {
      onDrift(key);
    } catch (error) {
      console.error(`redeemable: onDrift failed for ${key}:`, error);
    }
  }
}

/** The default `onDrift` of a store. */
export function warn(key) {
  console.warn(`redeemable: the counter ${key} held less than was given back, and is 0 now`);
}

/** An operation of the plan fails, because somebody else has written since. The code is that of postgres.sql. */
export class Conflict extends Error {
  constructor() {
    super("an operation of the plan no longer holds");
    this.code = CONFLICT;
  }
}
export const CONFLICT = "RDM01";

export class EndedWithin extends Error {
  constructor(options) {
    super("the transaction ended within write: its records may be stored, its counters are not", options);
  }
}

/**
 * The codes of an error, as texts, and of the errors that it was made from: a library between the driver and the store
 * wraps the driver's error in one of its own, under one of several names.
 */
export function codesOf(error) {
  const codes = new Set();
  for (const each of causesOf(error)) {
    for (const name of ["code", "errno", "sqlState", "sqlstate", "originalCode"])
      if (each[name] !== undefined) codes.add(String(each[name]));
    // Node's own SQLite gives numbers alone: 5 is SQLITE_BUSY and 6 SQLITE_LOCKED; the higher bits only say why.
    if ([5, 6].includes(each.errcode & 0xff)) codes.add("SQLITE_BUSY");
  }
  return codes;
}

/** The error, and the errors that it was made from. */
function* causesOf(error) {
  const errors = new Set([error]);
  for (const each of errors) {
    if (typeof each !== "object" || each === null) continue;
    yield each;
    for (const name of ["cause", "original", "parent", "previous", "driverError", "driverAdapterError", "meta"])
      errors.add(each[name]);
  }
}

/** A table or the function of the kit is missing, in the words of SQLite, PostgreSQL, and MariaDB or MySQL. */
const OURS = "redeemable_(?:redemptions|counters|held|persons|archive|parts|commit)\\b";
const MISSING = new RegExp(`no such table: \\S*redeemable_|${OURS}.* (?:does not|doesn't) exist`);

/** What `call` returns. If the host has not called `migrate`, the error says so. */
export async function explained(call) {
  try {
    return await call();
  } catch (error) {
    if (![...causesOf(error)].some(({ message }) => MISSING.test(message))) throw error;
    const told = new Error("the kit's tables are not there: call the store's migrate()", { cause: error });
    throw Object.assign(told, { code: "not_migrated" });
  }
}

/** Whether to read and decide again: an operation of the plan has failed, or the error has one of `others`. */
export const repeats = (error, others) => {
  const codes = codesOf(error);
  // Prisma reports a deadlock or a serialization failure as P2034, sometimes without the database's own code.
  return [CONFLICT, "P2034", ...others].some((code) => codes.has(code));
};
