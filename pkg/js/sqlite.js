// A store on SQLite, over the host's own better-sqlite3 connection.
// The guards are in the statements, so a limit holds whatever was read before and whoever else writes meanwhile.
import { sqlite as migration } from "./dist/sql.js";
import { known, tell } from "./options.js";

export { migration };

/**
 * The connection's settings are the host's: `journal_mode = WAL` lets readers pass a writer, the `timeout` of better-sqlite3 is how long a writer waits for another,
 * and `synchronous = FULL` keeps what was answered through a power cut.
 */
export function sqliteStore(db, options = {}) {
  const { onDrift = warn } = known(options, ["onDrift"], ["options"]);
  let prepared;
  // The tables need not be there yet when the store is made.
  const statements = () => (prepared ??= prepare(db));

  const counters = (keys) => {
    const { used } = statements();
    return Object.fromEntries(keys.map((key) => [key, used.get(key)]).filter(([, value]) => value !== undefined));
  };

  const read = db.transaction((keys, id) => ({
    counters: counters(keys),
    existing: id === null ? null : JSON.parse(statements().one.get(id) ?? "null"),
  }));

  const find = db.transaction((lapsed_by_ms, keys, limit) => {
    const { lapsed, lapsedOn } = statements();
    const found =
      keys === null
        ? lapsed.all({ lapsed_by_ms, limit })
        : lapsedOn.all({ lapsed_by_ms, keys: JSON.stringify(keys), limit });
    return { holds: found.map((text) => JSON.parse(text)), counters: counters(keys ?? []) };
  });

  const execute = db.transaction((ops, write) => {
    const drifted = [];
    const isCount = ({ op }) => op === "add";
    const carryOut = (part) => {
      for (const op of part) if (!run(statements(), op, drifted)) throw CONFLICT;
    };
    carryOut(ops.filter((op) => !isCount(op)));
    if (write) {
      db.exec("SAVEPOINT redeemable_write");
      const result = write(
        db,
        ops.flatMap(({ redemption }) => redemption ?? []),
      );
      if (typeof result?.then === "function") {
        result.then(undefined, () => {});
        throw new TypeError(
          "write on SQLite must not be asynchronous: what it writes later would be outside the transaction",
        );
      }
      // Some faults, `OR ROLLBACK` and a full disk among them, end the transaction, and the savepoint with it; the plan would be stored piece by piece.
      try {
        db.exec("RELEASE redeemable_write");
      } catch (cause) {
        throw new Error("the transaction ended within write", { cause });
      }
    }
    carryOut(ops.filter(isCount));
    return drifted;
  });

  const scan = db.transaction((visit) => {
    const { page, counters } = statements();
    for (let rows = page.all(""); rows.length > 0; rows = page.all(rows.at(-1).id)) {
      visit({ redemptions: rows.map(({ document }) => JSON.parse(document)), counters: {} });
    }
    visit({ redemptions: [], counters: Object.fromEntries(counters.all()) });
  });

  const recount = db.transaction((key, count) => {
    const { used, charging, set } = statements();
    const was = used.get(key) ?? 0;
    set.run({ key, used: count(charging.all(key).map((text) => JSON.parse(text))) });
    return was;
  });

  return {
    migrate() {
      db.transaction(() => db.exec(migration)).immediate();
    },
    async read(keys, id = null) {
      return read(keys, id);
    },
    async commit(ops, write) {
      // Inside it, the plan would be stored only if and when the host commits.
      checkFree(db);
      let drifted;
      try {
        drifted = execute.immediate(ops, write);
      } catch (error) {
        if (error === CONFLICT || isBusy(error)) return false;
        throw error;
      }
      tell(onDrift, drifted);
      return true;
    },
    async find({ lapsed_by_ms, keys, limit }) {
      return find(lapsed_by_ms, keys, limit);
    },
    /** A transaction cannot be left open while this process does other things: an operator's script scans, not the process that sells. */
    async scan(visit) {
      checkFree(db);
      scan(visit);
    },
    async recount(key, count) {
      checkFree(db);
      try {
        return recount.immediate(key, count);
      } catch (error) {
        if (isBusy(error)) return null;
        throw error;
      }
    },
  };
}

/** Executes one operation; false when it no longer holds. */
function run({ insert, update, charge, used, giveBack }, op, drifted) {
  switch (op.op) {
    case "insert":
      return insert.run(row(op.redemption)).changes === 1;
    case "update":
      return update.run({ ...row(op.redemption), id: op.id, was: op.revision }).changes === 1;
    case "add":
      if (op.by > 0) return charge.run({ key: op.key, by: op.by, at_most: op.at_most }).changes === 1;
      if ((used.get(op.key) ?? 0) + op.by < 0) drifted.push(op.key);
      giveBack.run({ key: op.key, by: op.by });
      return true;
    default:
      throw new Error(`unknown operation ${op.op}`);
  }
}

function row(redemption) {
  const { id, revision, state, event_id, expires_at_ms } = redemption;
  return { id, revision, state, event_id, expires_at_ms, document: JSON.stringify(redemption) };
}

function prepare(db) {
  // A host that reads its own tables as bigint or raw rows does not change what is read here.
  const value = (text) => db.prepare(text).pluck().safeIntegers(false);
  return {
    one: value("SELECT document FROM redeemable_redemptions WHERE id = ?"),
    used: value("SELECT used FROM redeemable_counters WHERE key = ?"),
    lapsed: value(`
      SELECT document FROM redeemable_redemptions
      WHERE state = 'held' AND expires_at_ms <= @lapsed_by_ms ORDER BY expires_at_ms, id LIMIT @limit`),
    // At random among the oldest, so that buyers who look at once meet at few. The text is searched first, which is faster than the JSON in it.
    lapsedOn: value(`
      SELECT document FROM (
        SELECT document FROM redeemable_redemptions
        WHERE state = 'held' AND expires_at_ms <= @lapsed_by_ms
          AND CASE WHEN EXISTS (SELECT 1 FROM json_each(@keys) AS key WHERE instr(document, '"' || key.value || '"') > 0)
            THEN EXISTS (SELECT 1 FROM json_each(document, '$.charges') AS charge
              WHERE json_extract(charge.value, '$.key') IN (SELECT value FROM json_each(@keys))) ELSE false END
        ORDER BY expires_at_ms, id LIMIT max(@limit, 100))
      ORDER BY random() LIMIT @limit`),
    page: db.prepare("SELECT id, document FROM redeemable_redemptions WHERE id > ? ORDER BY id LIMIT 500"),
    counters: db.prepare("SELECT key, used FROM redeemable_counters").raw().safeIntegers(false),
    charging: value(
      "SELECT document FROM redeemable_redemptions WHERE EXISTS (SELECT 1 FROM json_each(document, '$.charges') AS charge WHERE json_extract(charge.value, '$.key') = ?)",
    ),
    set: db.prepare(
      "INSERT INTO redeemable_counters (key, used) VALUES (@key, @used) ON CONFLICT DO UPDATE SET used = @used",
    ),
    insert: db.prepare(`
      INSERT INTO redeemable_redemptions (id, revision, state, event_id, expires_at_ms, document)
      VALUES (@id, @revision, @state, @event_id, @expires_at_ms, @document) ON CONFLICT DO NOTHING`),
    update: db.prepare(`
      UPDATE redeemable_redemptions
      SET revision = @revision, state = @state, event_id = @event_id, expires_at_ms = @expires_at_ms, document = @document
      WHERE id = @id AND revision = @was`),
    // Both ways into the table are guarded: a counter's first use by the SELECT, every later one by the UPDATE.
    charge: db.prepare(`
      INSERT INTO redeemable_counters (key, used) SELECT @key, @by WHERE @at_most IS NULL OR @by <= @at_most
      ON CONFLICT DO UPDATE SET used = used + @by WHERE @at_most IS NULL OR used + @by <= @at_most`),
    giveBack: db.prepare("UPDATE redeemable_counters SET used = max(0, used + @by) WHERE key = @key"),
  };
}

function checkFree(db) {
  if (db.inTransaction)
    throw new Error("the connection is in a transaction of the host's: a store needs it between transactions");
}

const isBusy = (error) => error?.code?.startsWith?.("SQLITE_BUSY");

const CONFLICT = Symbol("an operation no longer holds");

function warn(key) {
  console.warn(`redeemable: the counter ${key} held less than was given back, and is 0 now`);
}
