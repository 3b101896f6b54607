import "reflect-metadata";
import { DataSource, EntitySchema } from "typeorm";
import { typeormStore } from "redeemable/over/typeorm";
import { rowsOf } from "../places.js";

const Ticket = new EntitySchema({
  name: "tickets",
  columns: {
    order_id: { type: "varchar", length: 256, primary: true },
    position: { type: "int", primary: true },
    state: { type: "text" },
  },
});

async function host(options) {
  const db = await new DataSource({ ...options, poolSize: 8, entities: [Ticket] }).initialize();
  return {
    store: (options) => typeormStore(db, options),
    put: (tx, text) => tx.insert(Ticket, { order_id: text, position: 0, state: "held" }),
    async write(tx, redemptions) {
      for (const redemption of redemptions) {
        await tx.delete(Ticket, { order_id: redemption.id });
        await tx.save(Ticket, rowsOf(redemption));
      }
    },
    database: db.manager,
    transaction: (work) => db.transaction(work),
    raw: (tx, text) => tx.query(text),
    close: () => db.destroy(),
  };
}

export const hosts = {
  "TypeORM, pg": (url) => host({ type: "postgres", url }),
  "TypeORM, mysql2": (url) => host({ type: "mariadb", url }),
};
