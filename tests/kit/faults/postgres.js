// The faults around a PostgreSQL server. The server of scripts/postgres is killed and started again.
import { execFileSync } from "node:child_process";
import { chownSync, existsSync, mkdirSync, readFileSync, readlinkSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";
import { postgresStore } from "redeemable/postgres";
import { postgresTables } from "../audit.js";
import { openWire } from "../proxy.js";
import { databaseUrl } from "../support.js";
import { loseAnswers } from "./answers.js";
import { fill, tinyDisk } from "./disk.js";
import { EMPTIED } from "./plan.js";
import { childrenOf, killPostgres, postmaster, signal } from "./processes.js";

export const name = "PostgreSQL";
export const hosts = 3;

const BROKEN = /^(broken|ECONN.*|EPIPE|57P.*|busy)$/;
/** The error codes that calls of the kit may throw, for each kind of fault; for other kinds only "busy". */
export const thrown = {
  server_killed: BROKEN,
  answer_lost: BROKEN,
  statement_timeout: /^(57014|busy)$/,
  disk_full: /^(53100|busy)$/,
};

const ISOLATION = ["read committed", "repeatable read", "serializable"];

export async function open() {
  const data = process.env.POSTGRES_DATA;
  const { uid } = statSync(data); // the user who runs the server
  const disk = tinyDisk(join(dirname(data), "tiny"), "8m", uid);
  const connectionString = databaseUrl();
  const wire = await openWire(connectionString);
  const schemas = { plain: "faults", tiny: "faults_tiny" };
  /** One pool for each schema. */
  let pools;
  const connect = () => {
    pools = Object.fromEntries(
      Object.values(schemas).map((schema) => {
        const pool = new pg.Pool({ connectionString, max: 3, options: `-c search_path=${schema}` });
        pool.on("error", () => {});
        return [schema, pool];
      }),
    );
  };
  const disconnect = () => Promise.all(Object.values(pools).map((pool) => pool.end()));
  connect();
  mkdirSync(join(disk.path, "space"));
  chownSync(join(disk.path, "space"), uid, -1);
  await pools.faults.query(`CREATE TABLESPACE tiny LOCATION '${join(disk.path, "space")}'`);
  for (const [where, schema] of Object.entries(schemas)) {
    await pools[schema].query(`CREATE SCHEMA ${schema}`);
    const one = new pg.Client({
      connectionString,
      options: `-c search_path=${schema} ${where === "tiny" ? "-c default_tablespace=tiny" : ""}`,
    });
    await one.connect();
    await postgresStore(one).migrate();
    await one.query("CREATE TABLE tickets (order_id text, position int, state text, PRIMARY KEY (order_id, position))");
    await one.end();
  }

  /** Runs `work` on a connection that is closed afterwards, so that its locks end with the round. */
  const as = async (schema, work) => {
    const client = await pools[schema].connect();
    try {
      return await work(client);
    } finally {
      client.release(true);
    }
  };
  const hotter = "SELECT FROM redeemable_counters WHERE key = 'pool/house/uses' FOR UPDATE";
  const hot = "SELECT FROM redeemable_counters WHERE key LIKE 'code/%/uses' FOR UPDATE";
  /** Takes a lock that sellers need, again and again, until the fault has been seen. */
  const lockOut = async ({ over, seen }, { random, way }, { schema }, code) =>
    as(schema, async (client) => {
      while (!over() && !(seen[code] > 1)) {
        await client.query("BEGIN");
        await client.query(way % 2 ? hotter : "LOCK TABLE redeemable_counters IN SHARE ROW EXCLUSIVE MODE");
        await pause(20 + random() * 30);
        await client.query("COMMIT");
        await pause(random() * 10);
      }
      return seen[code];
    });

  return {
    async prepare({ kind, way }) {
      const schema = kind === "disk_full" ? schemas.tiny : schemas.plain;
      await pools[schema].query(`TRUNCATE ${EMPTIED.join()}`);
      const settings = { search_path: schema };
      if (kind === "lock_timeout") settings.lock_timeout = 12;
      if (kind === "statement_timeout") settings.statement_timeout = 12;
      if (kind === "serialization")
        Object.assign(settings, {
          default_transaction_isolation: ISOLATION[way % 3].replace(" ", "\\ "),
          deadlock_timeout: 4,
        });
      const options = Object.entries(settings)
        .map(([setting, value]) => `-c ${setting}=${value}`)
        .join(" ");
      const config = { connectionString: kind === "answer_lost" ? wire.url : connectionString, options };
      // Every second host has a pipelined client.
      return { schema, place: (n) => ({ config: { ...config, pipeline: (n + way) % 2 === 0 } }) };
    },
    tables: ({ schema }) => postgresTables(pools[schema]),
    kit: ({ schema }, work) => work(postgresStore(pools[schema])),
    async close() {
      try {
        for (const schema of Object.values(schemas)) await pools[schema].query(`DROP SCHEMA ${schema} CASCADE`);
        await pools.faults.query("DROP TABLESPACE tiny");
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
      /** Kills the whole server, or one of its processes, after which the server restarts by itself. */
      async server_killed({ strike, over, seen }, { way, random }) {
        await strike();
        if (over()) return false;
        if (way % 2) await killOneProcess(data, random);
        else await killServer(data);
        await disconnect();
        connect();
        await untilUp(connectionString);
        return Object.keys(seen).some((what) => /^(broken|ECONN|EPIPE|57P)/.test(what));
      },
      answer_lost: (context, plan) => loseAnswers(wire, context, plan),
      lock_timeout: (context, plan, shop) => lockOut(context, plan, shop, "55P03"),
      statement_timeout: (context, plan, shop) => lockOut(context, plan, shop, "57014"),
      async disk_full({ strike, until, seen }) {
        await strike();
        const end = fill(disk.path);
        await until(() => seen["53100"] > 2, 1000);
        await pause(20);
        end();
        return seen["53100"];
      },
      /**
       * With READ COMMITTED there are no serialization failures, only deadlocks. This client causes them: it locks
       * counters in another order than the kit.
       */
      async serialization({ over, until, seen }, { way, random }, { schema }) {
        if (way % 3 !== 0) return until(() => seen["40001"]);
        return as(schema, async (client) => {
          // The client whose deadlock_timeout ends first finds the deadlock, and PostgreSQL ends its transaction. The
          // sellers have a shorter deadlock_timeout.
          await client.query("SET deadlock_timeout = 60");
          while (!over() && !seen["40P01"]) {
            await client.query("BEGIN");
            await client.query(hotter);
            await pause(random() * 10);
            await client.query(hot).catch((error) => {
              if (error.code !== "40P01") throw error;
            });
            await client.query("COMMIT");
            await pause(random() * 5);
          }
          return seen["40P01"];
        });
      },
      clock_skew: async ({ until }) => until(() => false),
    },
  };
}

/**
 * Kills one process of the server; the server then ends the others, recovers, and goes on. Waits until the server has
 * noticed: before that, it would still accept connections.
 */
async function killOneProcess(data, random) {
  const children = childrenOf(postmaster(data));
  const victim = children[Math.floor(random() * children.length)];
  signal(victim, "SIGKILL");
  while (existsSync(`/proc/${victim}`)) await pause(1);
}

/** Kills all processes of the server at once, and starts it again as scripts/postgres did. */
async function killServer(data) {
  const main = postmaster(data);
  const bin = dirname(readlinkSync(`/proc/${main}/exe`));
  await killPostgres(main);
  // A dead process may keep its number for seconds: the new server would think that the old one still runs.
  rmSync(join(data, "postmaster.pid"));
  const options = readFileSync(join(dirname(data), "options"), "utf8").trim();
  const user = process.getuid() === 0 ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] : [];
  const [command, ...given] = [
    ...user,
    join(bin, "pg_ctl"),
    "-D",
    data,
    "-l",
    join(data, "log"),
    "-W",
    "-o",
    options,
    "start",
  ];
  execFileSync(command, given, { cwd: data, stdio: "ignore" });
}

async function untilUp(connectionString) {
  for (let end = Date.now() + 20_000; ; await pause(20)) {
    const client = new pg.Client({ connectionString });
    client.on("error", () => {});
    try {
      await client.connect();
      await client.query("SELECT 1");
      return;
    } catch (error) {
      if (Date.now() > end) throw error;
    } finally {
      client.end().catch(() => {});
    }
  }
}
