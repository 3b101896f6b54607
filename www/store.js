// Executes the engine's plans on SQLite: the one module that a host has to get right.
// Two tables, one statement per operation. The guards are in the statements, so a limit holds whatever was read before and whoever else writes meanwhile.
import Database from "better-sqlite3";

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS redemptions (
    id TEXT PRIMARY KEY, revision INTEGER NOT NULL, state TEXT NOT NULL, expires_at_ms INTEGER, document TEXT NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS holds ON redemptions (expires_at_ms) WHERE state = 'held';
  CREATE TABLE IF NOT EXISTS counters (key TEXT PRIMARY KEY, used INTEGER NOT NULL CHECK (used >= 0)) STRICT, WITHOUT ROWID;
`;

/** An operation of the plan failed: roll back, read again, ask again. */
export class Conflict extends Error {}

/** While two hosts make a new file at once, SQLite refuses the second one's change of mode instead of waiting. */
function writeAhead(db) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return db.pragma("journal_mode = WAL");
    } catch (error) {
      if (error.code !== "SQLITE_BUSY" || attempt === 100) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
    }
  }
}

export function openStore(file) {
  // Another process may be writing: its transaction is waited for, not failed on.
  const db = new Database(file, { timeout: 10_000 });
  writeAhead(db);
  db.pragma("synchronous = FULL");
  db.transaction(() => db.exec(SCHEMA)).immediate();

  const one = db.prepare("SELECT document FROM redemptions WHERE id = ?").pluck();
  const used = db.prepare("SELECT used FROM counters WHERE key = ?").pluck();
  const held = db.prepare("SELECT document FROM redemptions WHERE state = 'held' AND expires_at_ms <= ? ORDER BY expires_at_ms LIMIT 100").pluck();
  const latest = db.prepare("SELECT document FROM redemptions ORDER BY rowid DESC LIMIT ?").pluck();
  const insert = db.prepare("INSERT INTO redemptions VALUES (@id, @revision, @state, @expires_at_ms, @document) ON CONFLICT DO NOTHING");
  const update = db.prepare(`
    UPDATE redemptions SET revision = @revision, state = @state, expires_at_ms = @expires_at_ms, document = @document
    WHERE id = @id AND revision = @was`);
  // Both ways into the table are guarded: the first use of a counter by the SELECT, every later one by the UPDATE.
  const charge = db.prepare(`
    INSERT INTO counters SELECT @key, @by WHERE @at_most IS NULL OR @by <= @at_most
    ON CONFLICT DO UPDATE SET used = used + @by WHERE @at_most IS NULL OR used + @by <= @at_most`);
  const giveBack = db.prepare("UPDATE counters SET used = max(0, used + @by) WHERE key = @key");

  const redemption = (id) => JSON.parse(one.get(id) ?? "null");
  const lapsed = (now) => held.all(now).map((text) => JSON.parse(text));
  const counters = (keys) => Object.fromEntries(keys.map((key) => [key, used.get(key) ?? 0]));
  const row = (redemption) => {
    const { id, revision, state, expires_at_ms } = redemption;
    return { id, revision, state, expires_at_ms, document: JSON.stringify(redemption) };
  };

  function run(op) {
    switch (op.op) {
      case "insert":
        return insert.run(row(op.redemption)).changes === 1;
      case "update":
        return update.run({ ...row(op.redemption), was: op.revision }).changes === 1;
      case "add":
        if (op.by > 0) return charge.run({ key: op.key, by: op.by, at_most: op.at_most }).changes === 1;
        // Giving back never fails; a counter that would fall below 0 has drifted from the records.
        if ((used.get(op.key) ?? 0) + op.by < 0) console.warn(`drift: ${op.key} holds less than ${-op.by}`);
        giveBack.run({ key: op.key, by: op.by });
        return true;
      default:
        throw new Error(`unknown operation ${op.op}`);
    }
  }

  return {
    db,
    redemption,
    lapsed,
    counters,
    latest: (count) => latest.all(count).map((text) => JSON.parse(text)),
    /** The `usage` of a request, read at one moment; the holds that lapsed before `lapsedBy` only when it is given. */
    read: db.transaction((keys, id = null, lapsedBy = null) => ({
      counters: counters(keys),
      lapsed: lapsedBy === null ? [] : lapsed(lapsedBy),
      existing: id === null ? null : redemption(id),
    })),
    /** Runs the host's own writes and the plan in one transaction: all of it is stored, or none. */
    write: (work) => db.transaction(work).immediate(),
    /** Executes a plan; to be called inside `write`. */
    commit(ops) {
      for (const op of ops) if (!run(op)) throw new Conflict(`${op.op} ${op.key ?? op.id ?? op.redemption.id} no longer holds`);
    },
    close: () => db.close(),
  };
}
