// A process for the operator beside the hosts: while buyers buy, it archives what is not held any more, and spoils
// counters and repairs them, or only audits.
import Database from "better-sqlite3";
import pg from "pg";
import { archive, audit, repair } from "redeemable/host";
import { mysqlStore } from "redeemable/mysql";
import { postgresStore } from "redeemable/postgres";
import { sqliteStore } from "redeemable/sqlite";
import { mysqlPool } from "./place.js";

const place = JSON.parse(process.argv[2]);
const { store, run } = place.file
  ? onSqlite(new Database(place.file, { timeout: 10_000 }))
  : place.mysql
    ? onMysql(mysqlPool(place))
    : onPostgres(new pg.Pool(place.config));

function onSqlite(db) {
  return { store: sqliteStore(db), run: (text) => db.exec(text) };
}

function onPostgres(pool) {
  return { store: postgresStore(pool), run: (text) => pool.query(text) };
}

function onMysql(pool) {
  // `key` is a word of MariaDB's own. A condition on it locks every counter, so now and then there is a deadlock.
  const run = (text) =>
    pool.query(text.replaceAll(/\bkey\b/g, "`key`")).catch((error) => {
      if (error.errno !== 1213) throw error;
    });
  return { store: mysqlStore(pool), run };
}

let stopped = false;
process.on("message", async (task) => {
  if (task === "stop") {
    stopped = true;
    return;
  }
  stopped = false;
  let differing = 0;
  let archived = 0;
  for (let rounds = 1; ; rounds += 1) {
    const last = stopped;
    if (task.spoil) {
      // Counters with a limit are only made too high. One that is too low would let more be sold than the limit, before
      // anybody could know.
      await run(
        `UPDATE redeemable_counters SET used = used + ${rounds % 7} WHERE key = 'code/event:gala:${task.code}/uses'`,
      );
      await run(`UPDATE redeemable_counters SET used = used / 2 WHERE key LIKE '%/spend/EUR'`);
    }
    archived += await archive(store, { before_ms: Date.now() });
    differing += (await (task.spoil ? repair : audit)(store)).length;
    process.send({ rounds, differing, archived });
    if (last) break;
    // This lets the process receive messages between two rounds.
    await new Promise((resume) => {
      setTimeout(resume, 2);
    });
  }
  process.send({ done: true });
});
process.send({ ready: true });
