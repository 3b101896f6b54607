// A host process of the races in JavaScript; buyer.py is the same in Python.
//   buyer.mjs URL [schema:NAME | row:NAME]
import { createInterface } from "node:readline";
import mysql from "mysql2/promise";
import pg from "pg";
import * as host from "redeemable/host";
import { mysqlStore } from "redeemable/mysql";
import { postgresStore } from "redeemable/postgres";

const url = process.argv[2];
const onMysql = url.startsWith("mysql:");
const pool = onMysql
  ? mysql.createPool({ uri: url, connectionLimit: 4 })
  : new pg.Pool({ connectionString: url, max: 4 });
const [kind, name] = process.argv[3]?.split(":") ?? [];
const options = {
  schema: { schema: name },
  row: { begin: (transaction) => transaction.query("SELECT set_tenant($1)", [name]) },
}[kind];
const store = onMysql ? mysqlStore(pool) : postgresStore(pool, options);
const text = (sql) => (onMysql ? sql.replaceAll(/\$\d/g, "?") : sql);

/** The host's own write: one row for each ticket in the records that is not released. */
async function write(client, redemptions) {
  for (const { id, state, tickets } of redemptions) {
    await client.query(text("DELETE FROM tickets WHERE order_id = $1"), [id]);
    for (const [position, { released }] of tickets.entries()) {
      if (!released)
        await client.query(text("INSERT INTO tickets (order_id, position, state) VALUES ($1, $2, $3)"), [
          id,
          position,
          state,
        ]);
    }
  }
}

const verbs = {
  redeem: (request) => host.redeem(store, request, { write }),
  confirm: (id, payment) => host.confirm(store, { id, payment }, { write }),
  release: (id, reason, tickets) => host.release(store, { id, reason, tickets }, { write }),
};

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const calls = JSON.parse((await lines.next()).value);
await host.preview(store, {
  codes: [],
  promos: [],
  order: { event_id: "gala", currency: "EUR", lines: [{ unit_price: 1, quantity: 1 }] },
});
console.log("ready");
await lines.next();

const answers = [];
const work = calls.entries();
async function buyer() {
  for (const [index, { verb, args }] of work) {
    try {
      const answer = await verbs[verb](...args);
      answers[index] = { status: answer?.status, replayed: Boolean(answer?.replayed) };
    } catch (error) {
      if (error.code !== "busy") throw error;
      answers[index] = { error: "busy" };
    }
  }
}
await Promise.all([buyer(), buyer(), buyer(), buyer()]);
console.log(JSON.stringify(answers));
await pool.end();
process.stdin.destroy();
