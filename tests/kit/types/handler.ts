// Compiled, never run: the handler's types fit the stores' and the platform's, and what costs money must be there.
import { createServer } from "node:http";
import Database from "better-sqlite3";
import { createHandler, type Exchanged, Refused } from "redeemable/handler";
import { toNode } from "redeemable/handler/node";
import { sqliteStore } from "redeemable/sqlite";

const store = sqliteStore(new Database("shop.sqlite"));

const handler = createHandler({
  store,
  eventOf: async (id, { request }) =>
    id === "gala" && request.headers.has("login")
      ? { currency: "EUR", prices: { seat: 1000 }, promos: [{ code: "TEN", discount_percent: 10 }] }
      : null,
  write: (db, redemptions) => db.prepare("INSERT INTO tickets VALUES (?)").run(redemptions[0]?.id),
  mayAct: ({ identities }, { action }) => action !== "release" || identities.length > 0,
  ask: ({ order_id, revision, total, exchange }) => ({ id: `${order_id}.${revision}`, total, from: exchange?.from }),
  reported: async (request) =>
    (await request.text()) === ""
      ? null
      : { id: "o", payment: { id: "p", total: 1, currency: "EUR" }, refunded: false },
  refund: ({ id, total }) => total.toFixed() + id,
});
const answer: Promise<Response> = handler(new Request("http://shop/"), { address: "::1" });
void answer.then(({ status }) => status);
createServer(toNode(handler));

const rest = { store, eventOf: () => null, mayAct: () => true, ask: Object, reported: () => null, refund() {} };
createHandler({ ...rest, write: null });
// @ts-expect-error: a shop that forgets `write` issues no tickets
createHandler(rest);
// @ts-expect-error: a shop says of each payment whether it was refunded
createHandler({ ...rest, write: null, reported: () => ({ id: "o", payment: { id: "p", total: 1, currency: "EUR" } }) });
createHandler({ ...rest, write: null, exchanges: "refund" });
// @ts-expect-error: the shop says whether money that is left over goes back
createHandler({ ...rest, write: null, exchanges: true });
// @ts-expect-error: no such action
createHandler({ ...rest, write: null, mayAct: (_, { action }) => action === "cancel" });

/** A shop's page reads the answer to an exchange. */
export const told = ({ status, due, payment, order, from }: Exchanged) =>
  status === "payment_due" ? { due, payment } : (order?.exchanged?.credit ?? from.total);

export const soldOut = () => new Refused(409, "sold_out", "lines", "no seats are left");
