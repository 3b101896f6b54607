// The faults around a Galera cluster of three nodes, the one of scripts/galera. Each host sells on a node of its own,
// and goes on to the next node when its node fails it.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import mysql from "mysql2/promise";
import { split } from "redeemable/host";
import { mysqlStore } from "redeemable/mysql";
import { mysqlTables } from "../audit.js";
import { MYSQL_TICKETS } from "../support.js";
import { rowsOf } from "./nodes.js";
import { EMPTIED } from "./plan.js";
import { signal } from "./processes.js";

export const name = "Galera";
export const hosts = 3;
/** One of the three hosts is in Python. */
export const programs = ["host.js", process.env.PYHOST ?? "host.py", "host.js"];
export const kinds = ["node_killed", "node_stopped", "node_cut", "majority_cut"];
/** A node that dies costs its peers seconds, and a dead node needs more of them to come back. */
export const patience = 90_000;

const BROKEN = [
  "broken|ECONN.*|EPIPE|ETIMEDOUT|PROTOCOL_CONNECTION_LOST", // the node is gone, or does not answer
  "ER_UNKNOWN_COM_ERROR|1047", // the node is not in the majority
  "ER_ERROR_DURING_COMMIT|1180", // the node was cut off during the COMMIT
  "ER_LOCK_WAIT_TIMEOUT|1205", // the node could not find out whether it is behind
  "ER_SERVER_SHUTDOWN|ER_CONNECTION_KILLED|ER_QUERY_INTERRUPTED",
  "busy",
];
export const thrown = Object.fromEntries(kinds.map((kind) => [kind, new RegExp(`^(${BROKEN.join("|")})$`)]));

export async function open() {
  const { GALERA_URLS: urls, GALERA_NODES: folder } = process.env;
  if (!urls) throw new Error("GALERA_URLS is not set, and these tests need a Galera cluster: run scripts/galera");
  const nodes = urls.split(" ").map((url, n) => ({ url, n, folder: join(folder, String(n + 1)) }));
  for (const node of nodes) {
    node.pool = mysql.createPool({ uri: node.url, connectionLimit: 2, connectTimeout: 2000 });
    node.pool.on("connection", (connection) => {
      connection.on("error", () => {});
      // A read then waits until this node has all that was stored on any node before.
      connection.query("SET SESSION wsrep_sync_wait = 1");
    });
  }
  const [first] = nodes;
  await mysqlStore(first.pool).migrate();
  await first.pool.query(MYSQL_TICKETS);

  return {
    async prepare({ way }) {
      await untilWhole(nodes);
      for (const table of EMPTIED) await first.pool.query(`DELETE FROM ${table}`);
      // Every second time the nodes sell one code and the pool from parts, each from its own first.
      const shared = ["code/event:gala:HOT/uses", "pool/house/uses"];
      if (way % 2) for (const key of shared) await split(mysqlStore(first.pool), key, 6);
      const at = (n) => nodes[(n + way) % nodes.length];
      return { at, place: (n) => ({ nodes: nodes.map((_, turn) => at(n + turn).url) }) };
    },
    /** The tables after the round; all nodes must have the same ones. During the round a node may be away. */
    async tables(_, isEnd = true) {
      if (!isEnd) return null;
      await untilWhole(nodes);
      const [one, ...others] = await Promise.all(nodes.map(({ pool }) => mysqlTables(pool)));
      for (const other of others) assert.deepEqual(rowsOf(other), rowsOf(one), "all nodes have the same rows");
      return one;
    },
    kit: ({ at }, work) => work(mysqlStore(at(0).pool)),
    close: () => Promise.all(nodes.map(({ pool }) => pool.end())),

    faults: {
      /** Kills a node, and starts it again at once or when the others have served everybody. */
      async node_killed(context, plan, { at }) {
        const node = at(plan.victim);
        await context.strike();
        signal(pidOf(node), "SIGKILL");
        killHost(context, plan);
        if (plan.way % 2) await context.until(() => false);
        execFileSync(join(node.folder, "start"), { stdio: "ignore" });
        await context.until(() => false);
        return isBroken(context);
      },
      /** Stops a node, too short for its peers to notice or until they have gone on without it. */
      async node_stopped(context, plan, { at }) {
        const node = at(plan.victim);
        await context.strike();
        signal(pidOf(node), "SIGSTOP");
        try {
          killHost(context, plan);
          await context.until(() => false, plan.way % 3 === 2 ? 500 : 6000);
        } finally {
          signal(pidOf(node), "SIGCONT");
        }
        await context.until(() => false);
        return plan.way % 3 === 2 || isBroken(context);
      },
      async node_cut(context, plan, { at }) {
        await context.strike();
        await cutOff([at(plan.victim)], async () => {
          killHost(context, plan);
          await context.until(() => false, 4000);
        });
        await context.until(() => false);
        return isBroken(context);
      },
      /** Without a majority nobody sells, until the nodes see each other again. */
      async majority_cut(context, plan, { at }) {
        await context.strike();
        await cutOff([at(plan.victim), at(plan.victim + 1)], async () => {
          killHost(context, plan);
          await context.until(() => false, 4000);
        });
        await context.until(() => false);
        return isBroken(context);
      },
    },
  };
}

/** Kills a host that sells on another node, too. */
const killHost = ({ kill }, { victim }) => kill((victim + 1) % hosts);

const isBroken = ({ seen }) =>
  Object.keys(seen).some((what) => /broken|ECONN|ETIMEDOUT|LOST|ER_(UNKNOWN|ERROR)|1047|1180/.test(what));

const pidOf = ({ folder }) => Number(readFileSync(join(folder, "pid"), "utf8"));

/** Cuts nodes off from the other nodes, each by its own settings, while `work` runs; hosts still reach them. */
async function cutOff(nodes, work) {
  const isolate = (on) =>
    Promise.all(nodes.map(({ pool }) => pool.query(`SET GLOBAL wsrep_provider_options = 'gmcast.isolate=${on}'`)));
  await isolate(1);
  try {
    await work();
  } finally {
    await isolate(0);
  }
}

/** Waits until all nodes are members and have what the others have. */
async function untilWhole(nodes) {
  const end = Date.now() + 60_000;
  for (const { pool, folder } of nodes) {
    for (let found; ; await pause(100)) {
      try {
        const [rows] = await pool.query("SHOW STATUS LIKE 'wsrep_%'");
        found = Object.fromEntries(rows.map(({ Variable_name, Value }) => [Variable_name, Value]));
        if (found.wsrep_cluster_size === "3" && found.wsrep_local_state_comment === "Synced") break;
      } catch (error) {
        found = error.code ?? error.message;
      }
      if (Date.now() > end) throw new Error(`a node does not come back: ${JSON.stringify(found)}, ${tail(folder)}`);
    }
  }
}

const tail = (folder) => readFileSync(join(folder, "log"), "utf8").split("\n").slice(-30).join("\n");
