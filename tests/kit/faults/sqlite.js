// The faults around a SQLite file. There is no server to kill and no connection to cut, so the kinds mean:
// `server_killed` kills every process that has the file open at once, so that the next process recovers the file;
// `answer_lost` kills a host right after its commit; `statement_timeout` ends a statement that counts halfway;
// `serialization` uses the rollback journal, in which a reader makes a COMMIT fail.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { sqliteStore } from "redeemable/sqlite";
import { sqliteTables } from "../audit.js";
import { fill, tinyDisk } from "./disk.js";

export const name = "SQLite";
export const hosts = 2;

/** The error codes that calls of the kit may throw, for each kind of fault; for other kinds only "busy". */
export const thrown = {
  statement_timeout: /^(deadline|busy)$/,
  disk_full: /^(SQLITE_FULL|SQLITE_IOERR.*|busy)$/,
  // With a rollback journal, a commit makes readers wait.
  serialization: /^(SQLITE_BUSY|busy)$/,
};

export async function open() {
  const folder = mkdtempSync(join(tmpdir(), "redeemable-faults-"));
  const disk = tinyDisk(join(folder, "tiny"), "2m");
  const files = {
    plain: join(folder, "shop.sqlite"),
    journal: join(folder, "journal.sqlite"),
    tiny: join(disk.path, "shop.sqlite"),
  };
  const connect = (file, timeout = 5000) => {
    const db = new Database(file, { timeout });
    db.function("deadline", () => 0);
    return db;
  };
  /** Opens the file for one look: a connection that stayed open would prevent the recovery of the file. */
  const using = (file, work, timeout) => {
    const db = connect(file, timeout);
    try {
      return work(db);
    } finally {
      db.close();
    }
  };
  for (const file of Object.values(files)) {
    using(file, (db) => {
      db.pragma(`journal_mode = ${file === files.journal ? "DELETE" : "WAL"}`);
      sqliteStore(db).migrate();
      db.exec("CREATE TABLE tickets (order_id TEXT, position INTEGER, state TEXT, PRIMARY KEY (order_id, position))");
    });
  }

  return {
    /** Makes empty tables, and says where the round's hosts find them. */
    async prepare({ kind, way, strikeAt }) {
      const file =
        kind === "disk_full" && way % 2 ? files.tiny : kind === "serialization" ? files.journal : files.plain;
      using(file, (db) => {
        db.exec(
          "DELETE FROM redeemable_redemptions; DELETE FROM redeemable_counters; DELETE FROM redeemable_held; " +
            "DELETE FROM redeemable_persons; DELETE FROM tickets; " +
            "DROP TRIGGER IF EXISTS slow",
        );
        // The file must have no free pages, so that the next write needs it to grow.
        if (kind === "disk_full") db.exec("VACUUM");
        if (kind === "statement_timeout")
          db.exec("CREATE TRIGGER slow BEFORE UPDATE ON redeemable_counters BEGIN SELECT deadline(); END");
      });
      const place = { file };
      if (kind === "lock_timeout") place.timeout = 4;
      if (kind === "serialization") place.timeout = 2;
      if (kind === "statement_timeout") place.abort = 0.1;
      return { place: () => place, file, commits: kind === "answer_lost" ? strikeAt : null };
    },
    /** The rows of all tables at one moment; null while a lock prevents reading. */
    async tables({ file }, patient = true) {
      try {
        return using(file, sqliteTables, patient ? 5000 : 0);
      } catch (error) {
        if (!patient && /^SQLITE_(BUSY|FULL|IOERR|CANTOPEN)/.test(error.code)) return null;
        throw error;
      }
    },
    /** The kit's own audit, on a file that nobody writes to. */
    kit: ({ file }, work) => using(file, (db) => work(sqliteStore(db))),
    close() {
      disk.close();
      rmSync(folder, { recursive: true });
    },

    faults: {
      async host_killed({ strike, kill }, { victim }) {
        await strike();
        return kill(victim);
      },
      async server_killed({ strike, kill }) {
        await strike();
        const killed = Array.from({ length: hosts }, (_, n) => kill(n));
        return killed.some(Boolean);
      },
      /** A replayed order shows that the commit was stored and its answer was lost. */
      answer_lost: async ({ until, seen }) => until(() => seen.replay),
      async lock_timeout({ pause, over, seen }, { random }, { file }) {
        const db = connect(file);
        while (!over()) {
          db.exec("BEGIN IMMEDIATE");
          await pause(10 + random() * 20);
          db.exec("COMMIT");
          if (seen.SQLITE_BUSY) break;
          await pause(random() * 8);
        }
        db.close();
        return seen.SQLITE_BUSY;
      },
      statement_timeout: async ({ until, seen }) => until(() => seen.deadline),
      async disk_full({ strike, until, pause, broadcast, seen }, { way }) {
        await strike();
        const end = way % 2 ? fill(disk.path) : () => broadcast({ full: false });
        if (way % 2 === 0) broadcast({ full: true });
        await until(() => seen.SQLITE_FULL, 500);
        await pause(20);
        end();
        return seen.SQLITE_FULL;
      },
      async serialization({ over, pause, seen }, { random }, { file }) {
        const db = connect(file, 0);
        while (!over() && !(seen["SQLITE_BUSY at COMMIT"] > 2)) {
          try {
            const rows = db.prepare("SELECT 1 FROM sqlite_schema").iterate();
            rows.next();
            await pause(5 + random() * 15);
            rows.return();
          } catch (error) {
            if (error.code !== "SQLITE_BUSY") throw error;
          }
          await pause(random() * 5);
        }
        db.close();
        return seen["SQLITE_BUSY at COMMIT"];
      },
      clock_skew: async ({ until }) => until(() => false),
    },
  };
}
