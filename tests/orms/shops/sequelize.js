import { randomUUID } from "node:crypto";
import { redeem } from "redeemable/host";
import { sequelizeStore } from "redeemable/over/sequelize";
import { DataTypes, Sequelize } from "sequelize";

const sequelize = new Sequelize(process.env.DATABASE_URL, { logging: false });
const columns = {
  order_id: { type: DataTypes.TEXT, primaryKey: true },
  position: { type: DataTypes.INTEGER, primaryKey: true },
  price: DataTypes.BIGINT,
};
const Ticket = sequelize.define("tickets", columns, { timestamps: false });
await sequelize.sync();
const store = sequelizeStore(sequelize);
await store.migrate();

const rowsOf = ({ id, tickets }) =>
  tickets.flatMap(({ price, released }, position) => (released ? [] : [{ order_id: id, position, price }]));

async function write(transaction, redemptions) {
  for (const redemption of redemptions) {
    await Ticket.destroy({ where: { order_id: redemption.id }, transaction });
    await Ticket.bulkCreate(rowsOf(redemption), { transaction });
  }
}

const PRICE = 4500; // in cents
const promos = [{ code: "EARLY20", discount_percent: 20, max_uses: 20, max_uses_per_identity: 2 }];

export async function buy(id, { codes, quantity, email, max_total }) {
  const lines = [{ unit_price: PRICE, quantity }];
  const hold_until_ms = Date.now() + 17 * 60_000;
  const order = {
    id,
    event_id: "gala",
    currency: "EUR",
    lines,
    identities: { email },
    hold_until_ms,
    max_total: max_total ?? 0, // null would agree to any price
  };
  const { status, quote, violations } = await redeem(store, { codes, promos, order }, { write });
  if (violations[0]?.reason === "price_changed") return { status: "price_changed", total: violations[0].used };
  return { status, total: quote.total };
}

const cart = { codes: ["early20"], quantity: 2, email: "ann@example.org", max_total: 7200 };
console.log(await buy(randomUUID(), cart));
await sequelize.close();
