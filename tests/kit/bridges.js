// The simplest bridges of `redeemable/over`, each over a driver alone.

/** Over a pool of pg. `transaction` of the bridge is the client. */
export function pgBridge(pool) {
  return {
    query: async (text, values, client = pool) => (await client.query(text, values)).rows,
    async transaction(work, isolation) {
      const client = await pool.connect();
      try {
        await client.query(`BEGIN ${isolation ? `ISOLATION LEVEL ${isolation}` : ""}`);
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
        if (setsIsolation && isolation) await client.query(`SET TRANSACTION ISOLATION LEVEL ${isolation}`);
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
