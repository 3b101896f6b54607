// The faults around a MariaDB server. The server of scripts/mariadb is killed and started again.
import { execFileSync } from "node:child_process";
import { chownSync, mkdirSync, readFileSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import mysql from "mysql2/promise";
import { mysqlStore } from "redeemable/mysql";
import { mysqlTables } from "../audit.js";
import { openWire } from "../proxy.js";
import { MYSQL_TICKETS } from "../support.js";
import { loseAnswers } from "./answers.js";
import { fill, tinyDisk } from "./disk.js";
import { EMPTIED } from "./plan.js";
import { signal, stateOf } from "./processes.js";

export const name = "MariaDB";
export const hosts = 3;

const BROKEN = /^(broken|ECONN.*|EPIPE|PROTOCOL_CONNECTION_LOST|ER_SERVER_SHUTDOWN|busy)$/;
/** The error codes that calls of the kit may throw, for each kind of fault; for other kinds only "busy". */
export const thrown = {
  server_killed: BROKEN,
  answer_lost: BROKEN,
  statement_timeout: /^(1969|busy)$/,
  disk_full: /^(ER_RECORD_FILE_FULL|ER_DISK_FULL|busy)$/,
};

/** The answer to a COMMIT: the connection is outside a transaction. */
const COMMITTED = "\x07\0\0\x01\0\0\0\x02\0\0\0";
const DATABASES = { plain: "faults", tiny: "faults_tiny" };

export async function open() {
  const { MYSQL_URL: uri, MARIADB_FOLDER: folder } = process.env;
  if (!folder) throw new Error("MARIADB_FOLDER is not set, and these tests need a server: run scripts/mariadb");
  const { uid, gid } = statSync(join(folder, "data")); // the user who runs the server
  const disk = tinyDisk(join(folder, "tiny"), "32m", uid);
  const wire = await openWire(uri, COMMITTED);
  /** One pool for each database. */
  let pools;
  const connect = () => {
    pools = Object.fromEntries(
      Object.values(DATABASES).map((database) => {
        const pool = mysql.createPool({ uri, database, connectionLimit: 4 });
        pool.on("connection", (connection) => connection.on("error", () => {}));
        return [database, pool];
      }),
    );
  };
  const disconnect = () => Promise.all(Object.values(pools).map((pool) => pool.end().catch(() => {})));
  connect();
  // The tables of the second database are files on the small disk.
  const space = join(disk.path, "space");
  mkdirSync(space);
  chownSync(space, uid, gid);
  symlinkSync(space, join(folder, "data", DATABASES.tiny));
  const root = await mysql.createConnection(uri);
  await root.query(`CREATE DATABASE ${DATABASES.plain}`);
  await root.query("SET GLOBAL innodb_file_per_table = ON");
  await root.end();
  for (const pool of Object.values(pools)) {
    await mysqlStore(pool).migrate();
    await pool.query(MYSQL_TICKETS);
    await pool.query("CREATE TABLE weights (n int)");
  }
  // On the small disk each ticket takes so much room that the tables grow all the time.
  await pools[DATABASES.tiny].query("CREATE TABLE stubs (picture text)");
  await pools[DATABASES.tiny].query(
    "CREATE TRIGGER grow AFTER INSERT ON tickets FOR EACH ROW INSERT INTO stubs VALUES (REPEAT('x', 6000))",
  );

  /** Takes a lock that sellers need, again and again, until the fault has been seen. */
  const lockOut = async ({ over, seen }, { random }, { database }, code) => {
    const client = await pools[database].getConnection();
    try {
      while (!over() && !(seen[code] > 1)) {
        await client.query("START TRANSACTION");
        const isLocked = await unlessDeadlock(client.query("SELECT 1 FROM redeemable_counters FOR UPDATE"));
        // A wait for a lock is counted in whole seconds.
        if (isLocked) await pause(1200 + random() * 300);
        await client.query("COMMIT");
        await pause(random() * 10);
      }
    } finally {
      client.release();
    }
    return seen[code];
  };

  return {
    async prepare({ kind, way }) {
      const database = kind === "disk_full" ? DATABASES.tiny : DATABASES.plain;
      const emptied = kind === "disk_full" ? [...EMPTIED, "stubs"] : EMPTIED;
      for (const table of emptied) await pools[database].query(`TRUNCATE ${table}`);
      const init = [
        kind === "lock_timeout" ? "innodb_lock_wait_timeout = 1" : "innodb_lock_wait_timeout = 20",
        ...(kind === "statement_timeout" ? ["max_statement_time = 0.4"] : []),
        ...(kind === "serialization" && way % 2 ? ["SESSION tx_isolation = 'SERIALIZABLE'"] : []),
      ];
      const config = { uri: kind === "answer_lost" ? wire.url : uri, database };
      return { database, place: () => ({ mysql: config, init: `SET ${init.join(", ")}` }) };
    },
    tables: ({ database }) => mysqlTables(pools[database]),
    kit: ({ database }, work) => work(mysqlStore(pools[database])),
    async close() {
      try {
        for (const [database, pool] of Object.entries(pools)) await pool.query(`DROP DATABASE ${database}`);
        await disconnect();
        await wire.close();
      } finally {
        disk.close();
      }
    },

    faults: {
      async host_killed({ strike, kill }, { victim }) {
        await strike();
        return kill(victim);
      },
      async server_killed({ strike, over, seen }) {
        await strike();
        if (over()) return false;
        await killServer(folder);
        await disconnect();
        connect();
        await untilUp(uri);
        return Object.keys(seen).some((what) => /^(broken|ECONN|EPIPE|PROTOCOL)/.test(what));
      },
      answer_lost: (context, plan) => loseAnswers(wire, context, plan),
      lock_timeout: (context, plan, shop) => lockOut(context, plan, shop, "ER_LOCK_WAIT_TIMEOUT"),
      statement_timeout: (context, plan, shop) => lockOut(context, plan, shop, "1969"),
      async disk_full({ strike, until, seen }) {
        await strike();
        const end = fill(disk.path);
        await until(() => seen.ER_RECORD_FILE_FULL > 2, 1000);
        await pause(20);
        end();
        return seen.ER_RECORD_FILE_FULL;
      },
      /**
       * This client causes deadlocks: it locks counters one way, and then the other. The server ends the transaction
       * that has changed less, so this one changes much.
       */
      async serialization({ over, seen }, { random }, { database }) {
        const client = await pools[database].getConnection();
        const keys = ["pool/house/uses", "code/event:gala:HOT/uses", "code/event:gala:ICE/uses"];
        try {
          while (!over() && !(seen.ER_LOCK_DEADLOCK > 1)) {
            await client.query("START TRANSACTION");
            await client.query("INSERT INTO weights SELECT seq FROM seq_1_to_500");
            for (const key of keys.reverse()) {
              const lock = client.query("SELECT 1 FROM redeemable_counters WHERE `key` = ? FOR UPDATE", [key]);
              if (!(await unlessDeadlock(lock))) break;
              await pause(random() * 10);
            }
            await client.query("ROLLBACK");
            await pause(random() * 5);
          }
        } finally {
          client.release();
        }
        return seen.ER_LOCK_DEADLOCK;
      },
      clock_skew: async ({ until }) => until(() => false),
    },
  };
}

/** Whether the statement was carried out: in a deadlock the server may end this transaction instead of a seller's. */
const unlessDeadlock = (answer) =>
  answer.then(
    () => true,
    (error) => {
      if (error.code !== "ER_LOCK_DEADLOCK") throw error;
      return false;
    },
  );

/** Kills the server, and starts it again. */
async function killServer(folder) {
  const server = Number(readFileSync(join(folder, "pid"), "utf8"));
  signal(server, "SIGKILL");
  while (stateOf(server)[0] !== "Z") await pause(1);
  execFileSync(join(folder, "start"), { stdio: "ignore" });
}

async function untilUp(uri) {
  for (let end = Date.now() + 20_000; ; await pause(20)) {
    try {
      const client = await mysql.createConnection(uri);
      await client.end();
      return;
    } catch (error) {
      if (Date.now() > end) throw error;
    }
  }
}
