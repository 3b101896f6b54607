import Database from "better-sqlite3";
import { CamelCasePlugin, CompiledQuery, Kysely, MysqlDialect, PostgresDialect, SqliteDialect } from "kysely";
import mysql from "mysql2";
import pg from "pg";
import { kyselyStore } from "redeemable/over/kysely";
import { rowsOf } from "../places.js";

/** The plugin is the host's: it renames every column that the host reads or writes. */
function host(dialect) {
  const db = new Kysely({ dialect, plugins: [new CamelCasePlugin()] });
  return {
    store: (options) => kyselyStore(db, options),
    put: (tx, text) => tx.insertInto("tickets").values({ orderId: text, position: 0, state: "held" }).execute(),
    async write(tx, redemptions) {
      for (const redemption of redemptions) {
        await tx.deleteFrom("tickets").where("orderId", "=", redemption.id).execute();
        const rows = rowsOf(redemption).map(({ order_id: orderId, ...row }) => ({ orderId, ...row }));
        if (rows.length > 0) await tx.insertInto("tickets").values(rows).execute();
      }
    },
    database: db,
    transaction: (work) => db.transaction().execute(work),
    raw: (tx, text) => tx.executeQuery(CompiledQuery.raw(text)),
    close: () => db.destroy(),
  };
}

export const hosts = {
  "Kysely, pg": (url) => host(new PostgresDialect({ pool: new pg.Pool({ connectionString: url, max: 8 }) })),
  "Kysely, mysql2": (url) => host(new MysqlDialect({ pool: mysql.createPool({ uri: url, connectionLimit: 8 }) })),
  "Kysely, better-sqlite3": (url) => host(new SqliteDialect({ database: new Database(url, { timeout: 10_000 }) })),
};
