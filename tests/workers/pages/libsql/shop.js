import { createClient } from "@libsql/client";
import { libsqlBatchStore } from "redeemable/batch";

export const client = createClient({ url: process.env.TURSO_DATABASE_URL, authToken: process.env.TURSO_AUTH_TOKEN });
export const store = libsqlBatchStore(client);

export function write(batch, redemptions) {
  for (const { id, tickets } of redemptions) {
    batch.add({ sql: "DELETE FROM tickets WHERE order_id = ?", args: [id] });
    for (const [position, { price, released }] of tickets.entries())
      if (!released) batch.add({ sql: "INSERT INTO tickets VALUES (?, ?, ?)", args: [id, position, price] });
  }
}
