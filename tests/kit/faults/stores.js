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
  pool.on("connect", (client) => watch(client, see));
  return {
    store: postgresStore(pool),
    write: writeOnPostgres,
    close: () => pool.end(),
  };
}

/** Reports the errors of a connection's statements. */
export function watch(client, see) {
  const { query } = client;
  client.query = (...given) => {
    const answer = query.apply(client, given);
    answer?.catch?.(({ code }) => {
      if (code) see(code);
    });
    return answer;
  };
}

export function openMysql({ mysql: config, init }, see) {
  const pool = mysql.createPool({ connectionLimit: 3, connectTimeout: 5000, ...config });
  pool.on("connection", (connection) => {
    connection.on("error", () => {});
    connection.query(init);
    watchMysql(connection, see);
  });
  return { store: mysqlStore(pool), write: writeOnMysql, close: () => pool.end() };
}

/** Reports the errors of a connection's statements; those of the COMMIT itself are marked. */
export function watchMysql(connection, see) {
  const { query } = connection;
  connection.query = (asked, ...given) => {
    const answer = given.at(-1);
    if (typeof answer === "function")
      given[given.length - 1] = (error, ...rest) => {
        if (error) see(asked === "COMMIT" || asked.sql === "COMMIT" ? `${codeOf(error)} at COMMIT` : codeOf(error));
        answer(error, ...rest);
      };
    return query.call(connection, asked, ...given);
  };
}

/** The code of a driver's error. mysql2 knows some errors of MariaDB by their number alone. */
export const codeOf = ({ code, errno }) => code ?? (errno === undefined ? undefined : String(errno));
