// A host that knows several nodes of one database: it sells on the first of them, and goes on to the next one when a
// node fails or gives no answer.
import mysql from "mysql2/promise";
import pg from "pg";
import { mysqlStore } from "redeemable/mysql";
import { postgresStore } from "redeemable/postgres";
import { writeOnMysql, writeOnPostgres } from "../rows.js";
import { watch, watchMysql } from "./stores.js";

/** For so long the host waits for a node's answer. */
const SILENCE = 4000;

export function openNodes({ nodes }, see) {
  let turn = 0;
  const open = nodes[0].startsWith("mysql:") ? openMysql : openPostgres;
  const next = () => leavable(open(nodes[turn++ % nodes.length], see));
  let at = next();
  return {
    get store() {
      return at.store;
    },
    write: open === openMysql ? writeOnMysql : writeOnPostgres,
    async ask(call) {
      const from = at;
      try {
        return await from.answered(call());
      } catch (error) {
        if (error.code !== "busy" && from === at) {
          at = next();
          from.leave(error);
        }
        throw error;
      }
    },
    close: () => at.close(),
  };
}

/** A node that the host may leave: its calls there then end with an error, and do nothing more on the node. */
function leavable({ connections, ...node }) {
  let leave;
  const left = new Promise((_, reject) => {
    leave = reject;
  });
  left.catch(() => {});
  return {
    ...node,
    async answered(answer) {
      let timer;
      const silence = new Promise((_, reject) => {
        timer = setTimeout(reject, SILENCE, Object.assign(new Error("no answer"), { code: "ETIMEDOUT" }));
      });
      answer.catch(() => {});
      try {
        return await Promise.race([answer, silence, left]);
      } finally {
        clearTimeout(timer);
      }
    },
    leave(error) {
      leave(error);
      node.close().catch(() => {});
      for (const { stream } of connections) stream.destroy();
    },
  };
}

function openMysql(uri, see) {
  const pool = mysql.createPool({ uri, connectionLimit: 3, connectTimeout: SILENCE });
  const connections = new Set();
  pool.on("connection", (connection) => {
    connections.add(connection);
    connection.on("error", () => {});
    connection.query("SET SESSION wsrep_sync_wait = 1");
    watchMysql(connection, see);
  });
  return { store: mysqlStore(pool), connections, close: () => pool.end() };
}

function openPostgres(connectionString, see) {
  const pool = new pg.Pool({ connectionString, max: 3, connectionTimeoutMillis: SILENCE });
  const connections = new Set();
  pool.on("error", () => {});
  pool.on("connect", (client) => {
    connections.add(client.connection);
    watch(client, see);
  });
  return { store: postgresStore(pool), connections, close: () => pool.end() };
}

/** The rows of the tables as texts, in the same order on every node. */
export const rowsOf = (tables) =>
  Object.values(tables).flatMap((rows) => (Array.isArray(rows) ? rows.map((row) => JSON.stringify(row)).sort() : []));
