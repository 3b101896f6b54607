// Starts hosts in processes of their own, on one database.
import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { once } from "node:events";
import { randomUUID } from "node:crypto";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { postgresStore } from "redeemable/postgres";
import { mysqlTables, postgresTables, sqliteTables } from "./audit.js";
import { TICKETS, databaseUrl, mysqlDatabase, postgresSchema, sqliteFile } from "./support.js";
import { poolerUrl } from "./tenants.js";

export const DATABASES = {
  SQLite: {
    hosts: 2,
    async open() {
      const { file, db, close } = sqliteFile();
      return { place: (n) => ({ file, over: n === 1 }), tables: () => sqliteTables(db), close };
    },
  },
  PostgreSQL: {
    hosts: 3,
    async open() {
      const { config, admin, close } = await postgresSchema();
      // One host has its store over a bridge, and the others have a pipelined client. All share the tables.
      return {
        place: (n) => ({ config: { ...config, pipeline: n % 2 === 0 }, over: n % 2 === 1 }),
        tables: () => postgresTables(admin),
        admin,
        close,
      };
    },
  },
  "PostgreSQL behind PgBouncer": {
    hosts: 3,
    kills: 10,
    async open() {
      const pooler = poolerUrl();
      // PgBouncer takes no search path from a client, so the tables are in a database of their own.
      const database = `kit_${randomUUID().replaceAll("-", "")}`;
      const at = (url) => url.replace(/[^/]*$/, database);
      const server = new pg.Client({ connectionString: databaseUrl() });
      await server.connect();
      await server.query(`CREATE DATABASE ${database}`);
      const admin = new pg.Pool({ connectionString: at(databaseUrl()) });
      // DROP DATABASE may come before the server has read that these connections end: an idle one tells its pool.
      admin.on("error", () => {});
      await postgresStore(admin).migrate();
      await admin.query(TICKETS);
      const connectionString = at(pooler);
      return {
        place: (n) => ({ config: { connectionString, max: 8, pipeline: n % 2 === 0 } }),
        tables: () => postgresTables(admin),
        async close() {
          await admin.end();
          await server.query(`DROP DATABASE ${database} WITH (FORCE)`);
          await server.end();
        },
      };
    },
  },
  MariaDB: {
    hosts: 3,
    kills: 30,
    async open() {
      const { config, admin, close } = await mysqlDatabase();
      // One host would have another isolation level, and one has its store over a bridge. All share the tables.
      return {
        place: (n) => ({
          mysql: config,
          over: n === 2,
          init: n % 2 ? ["SET SESSION TRANSACTION ISOLATION LEVEL SERIALIZABLE"] : [],
        }),
        tables: () => mysqlTables(admin),
        admin,
        close,
      };
    },
  },
};

const root = fileURLToPath(new URL("../../", import.meta.url));
/** How a program in Python is started: its parent talks to it as to one in JavaScript. */
const PYTHON = {
  execPath: process.env.PYTHON ?? `${root}.venv/bin/python`,
  execArgv: [],
  env: { ...process.env, PYTHONPATH: `${root}pkg/python/src` },
};

export async function startHost(place, program = "seller.js") {
  const options = program.endsWith(".py") ? PYTHON : {};
  const host = fork(fileURLToPath(new URL(program, import.meta.url)), [JSON.stringify(place)], options);
  const [{ ready, port }] = await Promise.race([
    once(host, "message"),
    once(host, "exit").then(([code]) => assert.fail(`a host ended with ${code} at its start`)),
  ]);
  assert.ok(ready);
  return Object.assign(host, { port });
}

/** Gives the host its task; resolves with "done" when it has finished, or "killed" when it was killed. */
export function sell(host, task, hear) {
  return new Promise((resolve, reject) => {
    const onMessage = (message) => {
      if (!message.done) return hear(message, host);
      host.off("exit", onExit);
      host.off("message", onMessage);
      resolve("done");
    };
    const onExit = (code, signal) =>
      signal === "SIGKILL" ? resolve("killed") : reject(new Error(`a host ended with ${code ?? signal}`));
    host.on("message", onMessage);
    host.once("exit", onExit);
    host.send(task);
  });
}

export const usesOf = ({ counters }, code) =>
  Number(counters.find(({ key }) => key === `code/event:gala:${code}/uses`)?.used ?? 0);
