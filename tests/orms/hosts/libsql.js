import { createClient } from "@libsql/client";
import { libsqlStore } from "redeemable/over/libsql";
import { rowsOf } from "../places.js";

export const hosts = {
  "@libsql/client": (url) => {
    const client = createClient({ url: `file:${url}` });
    return {
      store: (options) => libsqlStore(client, options),
      put: (tx, text) => tx.execute({ sql: "INSERT INTO tickets VALUES (?, 0, 'held')", args: [text] }),
      async write(tx, redemptions) {
        for (const redemption of redemptions) {
          await tx.execute({ sql: "DELETE FROM tickets WHERE order_id = ?", args: [redemption.id] });
          for (const row of rowsOf(redemption))
            await tx.execute({ sql: "INSERT INTO tickets VALUES (?, ?, ?)", args: Object.values(row) });
        }
      },
      async transaction(work) {
        const tx = await client.transaction("write");
        try {
          const answer = await work(tx);
          await tx.commit();
          return answer;
        } finally {
          tx.close();
        }
      },
      raw: (tx, text) => tx.execute(text),
      close: () => client.close(),
    };
  },
};
