// The faults around a PostgreSQL server with a synchronous standby, those of scripts/standby. Hosts know both servers.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";
import { postgresStore } from "redeemable/postgres";
import { postgresTables } from "../audit.js";
import { TICKETS } from "../support.js";
import { rowsOf } from "./nodes.js";
import { EMPTIED } from "./plan.js";
import { childrenOf, commandOf, killPostgres, postmaster, signal } from "./processes.js";

export const name = "PostgreSQL with a standby";
export const hosts = 3;
/** One of the three hosts is in Python. */
export const programs = ["host.js", process.env.PYHOST ?? "host.py", "host.js"];
export const kinds = ["primary_killed", "standby_killed"];

/** 25006 is the answer of a standby to whoever writes. */
const BROKEN = /^(broken|ECONN.*|EPIPE|ETIMEDOUT|57P.*|25006|busy)$/;
export const thrown = { primary_killed: BROKEN, standby_killed: BROKEN };

export async function open() {
  const { STANDBY_URLS: urls, STANDBY_NODES: folder } = process.env;
  if (!urls) throw new Error("STANDBY_URLS is not set, and these tests need a standby: run scripts/standby");
  let [primary, standby] = urls.split(" ").map((url, n) => ({ url, folder: join(folder, String(n + 1)) }));
  const run = (node, command) => execFileSync(join(node.folder, command), { stdio: ["ignore", "ignore", "inherit"] });
  /** Calls `work` with a pool on the server, which may be another one by the next call. */
  const on = async ({ url }, work) => {
    const pool = new pg.Pool({ connectionString: url, max: 2 });
    pool.on("error", () => {});
    return work(pool).finally(() => pool.end());
  };
  await on(primary, async (pool) => {
    await postgresStore(pool).migrate();
    await pool.query(TICKETS);
  });

  return {
    async prepare() {
      await on(primary, (pool) => pool.query(`TRUNCATE ${EMPTIED.join()}`));
      return { place: () => ({ nodes: [primary.url, standby.url] }) };
    },
    /** The tables after the round; the standby must have the same ones. During the round a server may be away. */
    async tables(_, isEnd = true) {
      if (!isEnd) return null;
      const [one, other] = await Promise.all([primary, standby].map((node) => on(node, postgresTables)));
      assert.deepEqual(rowsOf(other), rowsOf(one), "the standby has the same rows");
      return one;
    },
    kit: (_, work) => on(primary, (pool) => work(postgresStore(pool))),
    close() {},

    faults: {
      /** Kills the primary; the standby takes its place, and the hosts go on with it. */
      async primary_killed({ strike, kill, until, seen }, { victim }) {
        await strike();
        const main = postmaster(join(primary.folder, "data"));
        // First it sends the standby nothing more: what it acknowledges now would be lost.
        for (const pid of childrenOf(main)) if (/walsender/.test(commandOf(pid))) signal(pid, "SIGSTOP");
        await pause(50);
        await killPostgres(main);
        kill(victim);
        run(standby, "promote");
        [primary, standby] = [standby, primary];
        await until(() => false);
        run(standby, "follow");
        return Object.keys(seen).some((what) => /^(broken|ECONN|EPIPE|57P)/.test(what));
      },
      /** Kills the standby: commits wait, and nobody knows their outcome, until an operator tells the primary. */
      async standby_killed({ strike, kill, until, seen }, { victim, way }) {
        await strike();
        await killPostgres(postmaster(join(standby.folder, "data")));
        kill(victim);
        // Every second time the hosts become impatient first.
        await until(() => seen.ETIMEDOUT, way % 2 ? 6000 : 500);
        run(primary, "alone");
        await until(() => false);
        run(standby, "follow");
        return way % 2 ? seen.ETIMEDOUT : true;
      },
    },
  };
}
