// A host process of the races in JavaScript; buyer.py is the same in Python.
//   buyer.mjs URL|FILE [schema:NAME | row:NAME]
import { createInterface } from "node:readline";
import Database from "better-sqlite3";
import mysql from "mysql2/promise";
import pg from "pg";
import * as host from "redeemable/host";
import { mysqlStore } from "redeemable/mysql";
import { postgresStore } from "redeemable/postgres";
import { sqliteStore } from "redeemable/sqlite";

const url = process.argv[2];
const onMysql = url.startsWith("mysql:");
const onSqlite = url.startsWith("/");
const [kind, name] = process.argv[3]?.split(":") ?? [];
const options = {
  schema: { schema: name },
  row: { begin: (transaction) => transaction.query("SELECT set_tenant($1)", [name]) },
}[kind];
const text = (sql) => (onMysql || onSqlite ? sql.replaceAll(/\$\d/g, "?") : sql);
const { store, query, close } = onSqlite ? openFile() : openServer();

function openFile() {
  const db = new Database(url, { timeout: 30_000 });
  return {
    store: sqliteStore(db),
    query: (_, sql, values) => db.prepare(text(sql)).run(values),
    close: async () => db.close(),
  };
}

function openServer() {
  const pool = onMysql
    ? mysql.createPool({ uri: url, connectionLimit: 4 })
    : new pg.Pool({ connectionString: url, max: 4 });
  return {
    store: onMysql ? mysqlStore(pool) : postgresStore(pool, options),
    query: (client, sql, values) => client.query(text(sql), values),
    close: () => pool.end(),
  };
}

/** The host's own write, as statements: one row for each ticket in the records that is not released. */
const rowsOf = (redemptions) =>
  redemptions.flatMap(({ id, state, tickets }) => [
    ["DELETE FROM tickets WHERE order_id = $1", [id]],
    ...tickets.flatMap(({ released }, position) =>
      released ? [] : [["INSERT INTO tickets (order_id, position, state) VALUES ($1, $2, $3)", [id, position, state]]],
    ),
  ]);

function writeNow(_, redemptions) {
  for (const [sql, values] of rowsOf(redemptions)) query(_, sql, values);
}

async function writeLater(client, redemptions) {
  for (const [sql, values] of rowsOf(redemptions)) await query(client, sql, values);
}

const write = onSqlite ? writeNow : writeLater;

/**
 * A buyer who has agreed to `max_total`. If the order costs more by now, the buyer agrees to that; if the code is used
 * up, the buyer leaves it out, looks at the price, and agrees to it.
 */
async function buy(request) {
  for (let asked = 1; ; asked += 1) {
    const answer = await host.redeem(store, request, { write });
    if (answer.status === "accepted") return { ...answer, agreed: request.order.max_total, asked };
    const dearer = answer.violations.find(({ reason }) => reason === "price_changed");
    if (dearer === undefined) request = { ...request, codes: [] };
    const { order } = request;
    const max_total = dearer?.used ?? (await host.preview(store, without(request))).quote.total;
    request = { ...request, order: { ...order, max_total } };
  }
}

const without = (request) => ({ ...request, order: { ...request.order, max_total: null } });

const verbs = {
  buy,
  redeem: (request) => host.redeem(store, request, { write }),
  confirm: (id, payment) => host.confirm(store, { id, payment }, { write }),
  release: (id, reason, tickets) => host.release(store, { id, reason, tickets }, { write }),
  exchange: (id, request, tickets, options) => host.exchange(store, { id, request, tickets, ...options }, { write }),
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
  for (const [index, { verb, args, options = {} }] of work) {
    try {
      const answer = await verbs[verb](...args, options);
      const { agreed, asked, refundable, money } = answer ?? {};
      const { status, replayed = false } = answer ?? {};
      answers[index] = { status, replayed, agreed, asked, refundable, money };
    } catch (error) {
      if (error.code !== "busy") throw error;
      answers[index] = { error: "busy" };
    }
  }
}
await Promise.all([buyer(), buyer(), buyer(), buyer()]);
console.log(JSON.stringify(answers));
await close();
process.stdin.destroy();
