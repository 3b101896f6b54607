import * as libsql from "@mikro-orm/libsql";
import * as mysql from "@mikro-orm/mysql";
import * as postgresql from "@mikro-orm/postgresql";
import { mikroStore } from "redeemable/over/mikro-orm";
import { rowsOf } from "../places.js";

async function host({ MikroORM, EntitySchema }, options) {
  const Ticket = new EntitySchema({
    name: "Ticket",
    tableName: "tickets",
    properties: {
      order_id: { type: "string", primary: true, fieldName: "order_id" },
      position: { type: "integer", primary: true },
      state: { type: "text" },
    },
  });
  const orm = await MikroORM.init({ ...options, entities: [Ticket] });
  return {
    store: (options) => mikroStore(orm, options),
    put: (tx, text) => tx.insert(Ticket, { order_id: text, position: 0, state: "held" }),
    async write(tx, redemptions) {
      for (const redemption of redemptions) {
        await tx.nativeDelete(Ticket, { order_id: redemption.id });
        for (const row of rowsOf(redemption)) tx.persist(tx.create(Ticket, row));
      }
    },
    database: orm.em.fork(),
    transaction: (work) => orm.em.fork().transactional(work),
    raw: (tx, text) => tx.execute(text),
    close: () => orm.close(true),
  };
}

export const hosts = {
  "MikroORM, pg": (url) => host(postgresql, { clientUrl: url }),
  "MikroORM, mysql2": (url) => host(mysql, { clientUrl: url }),
  "MikroORM, libsql": (url) => host(libsql, { dbName: url }),
};
