import { createClient } from "@libsql/client";
import Database from "better-sqlite3";
import { eq, sql } from "drizzle-orm";
import { drizzle as onBetterSqlite } from "drizzle-orm/better-sqlite3";
import { drizzle as onLibsql } from "drizzle-orm/libsql";
import * as my from "drizzle-orm/mysql-core";
import { drizzle as onMysql2 } from "drizzle-orm/mysql2";
import { drizzle as onNodePostgres } from "drizzle-orm/node-postgres";
import * as pgc from "drizzle-orm/pg-core";
import { drizzle as onPostgresJs } from "drizzle-orm/postgres-js";
import * as lite from "drizzle-orm/sqlite-core";
import mysql from "mysql2/promise";
import pg from "pg";
import postgres from "postgres";
import { drizzleStore } from "redeemable/over/drizzle";
import { rowsOf } from "../places.js";

const columns = ({ text, integer, int = integer }) => ({ order_id: text(), position: int(), state: text() });
const onPostgres = pgc.pgTable("tickets", columns(pgc));
const onMysql = my.mysqlTable("tickets", columns(my));
const onSqlite = lite.sqliteTable("tickets", columns(lite));

/** `run` names the method that sends a statement as it is. */
const host = (db, tickets, run, close) => ({
  store: (options) => drizzleStore(db, options),
  put: (tx, text) => tx.insert(tickets).values({ order_id: text, position: 0, state: "held" }),
  async write(tx, redemptions) {
    for (const redemption of redemptions) {
      await tx.delete(tickets).where(eq(tickets.order_id, redemption.id));
      const rows = rowsOf(redemption);
      if (rows.length > 0) await tx.insert(tickets).values(rows);
    }
  },
  transaction: (work) => db.transaction(work),
  raw: (tx, text) => tx[run](sql.raw(text)),
  close,
});

export const hosts = {
  "Drizzle, node-postgres": (url) => {
    const pool = new pg.Pool({ connectionString: url, max: 8 });
    return host(onNodePostgres({ client: pool }), onPostgres, "execute", () => pool.end());
  },
  "Drizzle, postgres.js": (url) => {
    const client = postgres(url, { max: 8, onnotice() {} });
    return host(onPostgresJs({ client }), onPostgres, "execute", () => client.end());
  },
  "Drizzle, mysql2": (url) => {
    const client = mysql.createPool({ uri: url, connectionLimit: 8 });
    return host(onMysql2({ client }), onMysql, "execute", () => client.end());
  },
  "Drizzle, libsql": (url) => {
    const client = createClient({ url: `file:${url}` });
    return host(onLibsql({ client }), onSqlite, "run", () => client.close());
  },
  "Drizzle, better-sqlite3": (url) => {
    const client = new Database(url, { timeout: 10_000 });
    const db = onBetterSqlite({ client });
    return {
      ...host(db, onSqlite, "run", () => client.close()),
      put: (tx, text) => tx.insert(onSqlite).values({ order_id: text, position: 0, state: "held" }).run(),
      write(tx, redemptions) {
        for (const redemption of redemptions) {
          tx.delete(onSqlite).where(eq(onSqlite.order_id, redemption.id)).run();
          const rows = rowsOf(redemption);
          if (rows.length > 0) tx.insert(onSqlite).values(rows).run();
        }
      },
      /** Drizzle's own `transaction` of this driver waits for nothing, so a host that joins begins one by hand. */
      async transaction(work) {
        db.run(sql`BEGIN IMMEDIATE`);
        try {
          const answer = await work(db);
          db.run(sql`COMMIT`);
          return answer;
        } catch (error) {
          if (client.inTransaction) db.run(sql`ROLLBACK`);
          throw error;
        }
      },
    };
  },
};
