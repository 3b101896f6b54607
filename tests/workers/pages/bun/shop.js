import { serve } from "bun";
import { Database } from "bun:sqlite";
import { redeem, sweep } from "redeemable/host";
import { bunSqliteStore } from "redeemable/over/bun-sqlite";

const db = new Database("shop.sqlite");
db.exec("PRAGMA journal_mode = WAL; PRAGMA busy_timeout = 10000");
const store = bunSqliteStore(db);
store.migrate();
db.exec("CREATE TABLE IF NOT EXISTS tickets (order_id TEXT, position INTEGER, price INTEGER)");

const PRICE = 4500; // in cents
const promos = [{ code: "EARLY20", discount_percent: 20, max_uses: 20, max_uses_per_identity: 2 }];

function write(db, redemptions) {
  for (const { id, tickets } of redemptions) {
    db.query("DELETE FROM tickets WHERE order_id = ?").run(id);
    for (const [position, { price, released }] of tickets.entries())
      if (!released) db.query("INSERT INTO tickets VALUES (?, ?, ?)").run(id, position, price);
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

const server = serve({
  port: Number(process.env.PORT ?? 8080),
  routes: {
    "/orders/:id": {
      async PUT(request) {
        if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(request.params.id))
          return Response.json({ error: "expected PUT /orders/<uuid>" }, { status: 404 });
        return buy(request.params.id, await request.json()).then(
          (answer) => Response.json(answer),
          ({ message }) => Response.json({ error: message }, { status: 409 }),
        );
      },
    },
  },
});
setInterval(() => sweep(store, { write }).catch(console.error), 30_000);
console.log(server.url.href);
