import postgres from "postgres";
import { postgresJsStore } from "redeemable/over/postgres-js";
import { rowsOf } from "../places.js";

export const hosts = {
  "postgres.js": (url) => {
    const sql = postgres(url, { max: 8, onnotice() {} });
    return {
      store: (options) => postgresJsStore(sql, options),
      put: (tx, text) => tx`INSERT INTO tickets VALUES (${text}, 0, 'held')`,
      async write(tx, redemptions) {
        for (const redemption of redemptions) {
          await tx`DELETE FROM tickets WHERE order_id = ${redemption.id}`;
          const rows = rowsOf(redemption);
          if (rows.length > 0) await tx`INSERT INTO tickets ${tx(rows)}`;
        }
      },
      transaction: (work) => sql.begin(work),
      raw: (tx, text) => tx.unsafe(text),
      close: () => sql.end(),
    };
  },
};
