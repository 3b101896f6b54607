import Knex from "knex";
import { knexStore } from "redeemable/over/knex";
import { rowsOf } from "../places.js";

function host(config) {
  const db = Knex(config);
  return {
    store: (options) => knexStore(db, options),
    put: (tx, text) => tx("tickets").insert({ order_id: text, position: 0, state: "held" }),
    async write(tx, redemptions) {
      for (const redemption of redemptions) {
        await tx("tickets").where({ order_id: redemption.id }).delete();
        const rows = rowsOf(redemption);
        if (rows.length > 0) await tx("tickets").insert(rows);
      }
    },
    database: db,
    transaction: (work) => db.transaction(work),
    raw: (tx, text) => tx.raw(text),
    close: () => db.destroy(),
  };
}

export const hosts = {
  "Knex, pg": (url) => host({ client: "pg", connection: url, pool: { max: 8 } }),
  "Knex, mysql2": (url) => host({ client: "mysql2", connection: url, pool: { max: 8 } }),
  "Knex, better-sqlite3": (url) =>
    host({ client: "better-sqlite3", connection: { filename: url }, useNullAsDefault: true }),
};
