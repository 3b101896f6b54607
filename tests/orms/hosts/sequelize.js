import { DataTypes, Sequelize } from "sequelize";
import { sequelizeStore } from "redeemable/over/sequelize";
import { rowsOf } from "../places.js";

function host(url) {
  const db = new Sequelize(url, { logging: false, pool: { max: 8 } });
  const columns = {
    order_id: { type: DataTypes.STRING, primaryKey: true },
    position: { type: DataTypes.INTEGER, primaryKey: true },
    state: DataTypes.TEXT,
  };
  const Ticket = db.define("tickets", columns, { timestamps: false, freezeTableName: true });
  return {
    store: (options) => sequelizeStore(db, options),
    put: (transaction, text) => Ticket.create({ order_id: text, position: 0, state: "held" }, { transaction }),
    async write(transaction, redemptions) {
      for (const redemption of redemptions) {
        await Ticket.destroy({ where: { order_id: redemption.id }, transaction });
        await Ticket.bulkCreate(rowsOf(redemption), { transaction });
      }
    },
    transaction: (work) => db.transaction(work),
    raw: (transaction, text) => db.query(text, { transaction }),
    close: () => db.close(),
  };
}

export const hosts = {
  "Sequelize, pg": host,
  "Sequelize, mysql2": host,
};
