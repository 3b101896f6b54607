// The stores of a host in a round. They report each error of the database, also those after which the kit itself tries
// again.
import Database from "better-sqlite3";
import mysql from "mysql2/promise";
import pg from "pg";
import { mysqlStore } from "redeemable/mysql";
import { postgresStore } from "redeemable/postgres";
import { sqliteStore } from "redeemable/sqlite";
import { writeOnMysql, writeOnPostgres, writeOnSqlite } from "../rows.js";

/** `abort` is the probability that a statement that counts is ended halfway. */
export function openSqlite({ file, timeout = 5000, abort = 0 }, see) {
  const db = new Database(file);
  db.pragma("synchronous = FULL");
  db.pragma("wal_autocheckpoint = 50");
  db.function("deadline", { deterministic: false }, () => {
    if (Math.random() < abort) throw Object.assign(new Error("the statement took too long"), { code: "deadline" });
    return 0;
  });
  const write = writeOnSqlite(db);
  db.pragma(`busy_timeout = ${timeout}`);
  return {
    store: sqliteStore(observed(db, see)),
    write,
    /** Forbids the file to grow, or allows it again. */
    limitPages: (full) => db.pragma(`max_page_count = ${full ? 1 : 1_000_000}`),
    close: () => db.close(),
  };
}

/** Wraps a connection so that the errors of its statements are reported; those of the COMMIT itself are marked. */
function observed(db, see) {
  const watched =
    (call, text) =>
    (...given) => {
      try {
        return call(...given);
      } catch (error) {
        if (error.code) see(text === "COMMIT" ? `${error.code} at COMMIT` : error.code);
        throw error;
      }
    };
  return {
    get inTransaction() {
      return db.inTransaction;
    },
    exec: watched((text) => db.exec(text)),
    prepare(text) {
      const statement = db.prepare(text);
      const [run, get, all] = ["run", "get", "all"].map((ask) => watched(statement[ask].bind(statement), text));
      return { run, get, all, pluck: () => statement.pluck() };
    },
  };
}

export function openPostgres({ config }, see) {
  const pool = new pg.Pool({ max: 3, connectionTimeoutMillis: 5000, ...config });
  pool.on("error", () => {});
  pool.on("connect", (client) => {
    const { query } = client;
    client.query = (...given) => {
      const answer = query.apply(client, given);
      answer?.catch?.(({ code }) => {
        if (code) see(code);
      });
      return answer;
    };
  });
  return {
    store: postgresStore(pool),
    write: writeOnPostgres,
    close: () => pool.end(),
  };
}

/** Sells on the first of these nodes, and goes on to the next one when a node fails or gives no answer. */
export function openGalera({ nodes }, see) {
  let turn = 0;
  let at = openNode(nodes[0], see);
  return {
    get store() {
      return at.store;
    },
    write: writeOnMysql,
    async ask(call) {
      const from = at;
      try {
        return await from.answered(call());
      } catch (error) {
        if (error.code !== "busy" && from === at) {
          turn += 1;
          at = openNode(nodes[turn % nodes.length], see);
          from.leave(error);
        }
        throw error;
      }
    },
    close: () => at.close(),
  };
}

function openNode(uri, see) {
  const pool = mysql.createPool({ uri, connectionLimit: 3, connectTimeout: SILENCE });
  const connections = new Set();
  pool.on("connection", (connection) => {
    connections.add(connection);
    connection.on("error", () => {});
    const { query } = connection;
    connection.query = (...given) => {
      const sent = query.apply(connection, given);
      sent.on("error", ({ code }) => see(code));
      return sent;
    };
  });
  let leave;
  const left = new Promise((_, reject) => {
    leave = reject;
  });
  left.catch(() => {});
  return {
    store: mysqlStore(pool),
    /** What the call answers; an error if the host leaves the node before, or hears nothing for too long. */
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
    /** No call of this host goes on at a node that it has left, as if the host had been started anew. */
    leave(error) {
      leave(error);
      for (const connection of connections) connection.destroy();
    },
    close: () => pool.end(),
  };
}

const SILENCE = 4000;
