import { createServer } from "node:http";
import { json } from "node:stream/consumers";
import { DatabaseSync } from "node:sqlite";
import { redeem, sweep } from "redeemable/host";
import { nodeSqliteStore } from "redeemable/over/node-sqlite";

const db = new DatabaseSync("shop.sqlite");
db.exec("PRAGMA journal_mode = WAL; PRAGMA busy_timeout = 10000");
const store = nodeSqliteStore(db);
store.migrate();
db.exec("CREATE TABLE IF NOT EXISTS tickets (order_id TEXT, position INTEGER, price INTEGER)");

const PRICE = 4500; // in cents
const promos = [{ code: "EARLY20", discount_percent: 20, max_uses: 20, max_uses_per_identity: 2 }];

function write(db, redemptions) {
  for (const { id, tickets } of redemptions) {
    db.prepare("DELETE FROM tickets WHERE order_id = ?").run(id);
    for (const [position, { price, released }] of tickets.entries())
      if (!released) db.prepare("INSERT INTO tickets VALUES (?, ?, ?)").run(id, position, price);
  }
}

async function buy(id, { codes, quantity, email, max_total }) {
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

const ORDER = /^\/orders\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;
const server = createServer(async (request, response) => {
  const answer = (status, body) =>
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  const [, id] = ORDER.exec(request.url) ?? [];
  if (request.method !== "PUT" || !id) return answer(404, { error: "expected PUT /orders/<uuid>" });
  await json(request)
    .then((cart) => buy(id, cart))
    .then(
      (sold) => answer(200, sold),
      ({ message }) => answer(409, { error: message }),
    );
});
server.listen(Number(process.env.PORT ?? 8080), "127.0.0.1", () =>
  console.log(`http://127.0.0.1:${server.address().port}/`),
);
setInterval(() => sweep(store, { write }).catch(console.error), 30_000);
