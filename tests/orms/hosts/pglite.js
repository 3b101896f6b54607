import { pgliteStore } from "redeemable/over/pglite";
import { rowsOf } from "../places.js";

export const hosts = {
  PGlite: (db) => ({
    store: (options) => pgliteStore(db, options),
    put: (tx, text) => tx.query("INSERT INTO tickets VALUES ($1, 0, 'held')", [text]),
    async write(tx, redemptions) {
      for (const redemption of redemptions) {
        await tx.query("DELETE FROM tickets WHERE order_id = $1", [redemption.id]);
        for (const row of rowsOf(redemption))
          await tx.query("INSERT INTO tickets VALUES ($1, $2, $3)", Object.values(row));
      }
    },
    transaction: (work) => db.transaction(work),
    raw: (tx, text) => tx.query(text),
    close() {},
  }),
};
