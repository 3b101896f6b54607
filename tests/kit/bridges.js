// The simplest bridges of `redeemable/over`, each over a driver alone, and the stores over them.
import { mysqlOver, postgresOver, sqliteOver } from "redeemable/over";
import { mysqlDatabase, postgresSchema, sqliteFile } from "./support.js";

/** Over a pool of pg. `transaction` of the bridge is the client. */
export function pgBridge(pool) {
  return {
    query: async (text, values, client = pool) => (await client.query(text, values)).rows,
    async transaction(work, isolation) {
      const client = await pool.connect();
      try {
        await client.query(`BEGIN ISOLATION LEVEL ${isolation}`);
        const result = await work(client);
        await client.query("COMMIT");
        return result;
      } catch (error) {
        await client.query("ROLLBACK");
        throw error;
      } finally {
        client.release();
      }
    },
  };
}

/** Over a pool of mysql2. Without `setsIsolation`, every transaction has the isolation level of its connection. */
export function mysqlBridge(pool, { setsIsolation = true, method = "query" } = {}) {
  return {
    query: async (text, values, client = pool) => (await client[method](text, values))[0],
    async transaction(work, isolation) {
      const client = await pool.getConnection();
      try {
        if (setsIsolation) await client.query(`SET TRANSACTION ISOLATION LEVEL ${isolation}`);
        await client.query("START TRANSACTION");
        const result = await work(client);
        await client.query("COMMIT");
        return result;
      } catch (error) {
        await client.query("ROLLBACK");
        throw error;
      } finally {
        client.release();
      }
    },
  };
}

/** Over one connection of better-sqlite3, as an asynchronous library has it: each transaction waits for the others. */
export function sqliteBridge(db) {
  let last = Promise.resolve();
  const alone = (work) => {
    const result = last.then(work);
    last = result.catch(() => {});
    return result;
  };
  const send = (text, values) => {
    const statement = db.prepare(text);
    return statement.reader ? statement.all(values) : statement.run(values);
  };
  return {
    query: async (text, values, inside) => (inside ? send(text, values) : alone(() => send(text, values))),
    transaction: (work) =>
      alone(async () => {
        db.exec("BEGIN");
        try {
          const result = await work(db);
          db.exec("COMMIT");
          return result;
        } catch (error) {
          if (db.inTransaction) db.exec("ROLLBACK");
          throw error;
        }
      }),
  };
}

export const openOverPostgres = (settings) => async (options) => {
  const { pool, admin, close } = await postgresSchema(settings);
  return {
    store: postgresOver(pgBridge(pool()), options),
    peer: postgresOver(pgBridge(pool()), options),
    close,
    put: (client, text) => client.query("INSERT INTO tickets VALUES ($1, 0, 'held')", [text]),
    rows: async () =>
      (await admin.query("SELECT order_id FROM tickets ORDER BY 1")).rows.map(({ order_id }) => order_id),
  };
};

export const openOverMysql = (settings, how) => async (options) => {
  const { pool, admin, close } = await mysqlDatabase(settings);
  return {
    store: mysqlOver(mysqlBridge(pool(), how), options),
    peer: mysqlOver(mysqlBridge(pool(), how), options),
    close,
    put: (client, text) => client.execute("INSERT INTO tickets VALUES (?, 0, 'held')", [text]),
    rows: async () =>
      (await admin.query({ sql: "SELECT order_id FROM tickets ORDER BY 1", rowsAsArray: true }))[0].map(String),
  };
};

export function openOverSqlite(options) {
  const { db, close } = sqliteFile();
  const bridge = sqliteBridge(db);
  return {
    store: sqliteOver(bridge, options),
    peer: sqliteOver(bridge, options),
    close,
    put: async (transaction, text) => {
      transaction.prepare("INSERT INTO tickets VALUES (?, 0, 'held')").run(text);
    },
    rows: async () => db.prepare("SELECT order_id FROM tickets ORDER BY 1").pluck().all(),
  };
}
