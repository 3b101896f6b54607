import { DurableObject } from "cloudflare:workers";
import { durableStore } from "redeemable/durable";
import { redeem, sweep } from "redeemable/host";

const EVENTS = {
  gala: {
    price: 4500, // in cents
    promos: [{ code: "EARLY20", discount_percent: 20, max_uses: 20, max_uses_per_identity: 2 }],
  },
};
const HOLD_MS = 17 * 60_000;

export class Shop extends DurableObject {
  constructor(context, env) {
    super(context, env);
    this.store = durableStore(context.storage);
    this.store.migrate();
    context.storage.sql.exec("CREATE TABLE IF NOT EXISTS tickets (order_id TEXT, position INTEGER, price INTEGER)");
  }

  async buy(event_id, id, { codes, quantity, email, max_total }) {
    const { price, promos } = EVENTS[event_id];
    const hold_until_ms = Date.now() + HOLD_MS;
    const lines = [{ unit_price: price, quantity }];
    const order = {
      id,
      event_id,
      currency: "EUR",
      lines,
      identities: { email },
      hold_until_ms,
      max_total: max_total ?? 0, // null would agree to any price
    };
    if ((await this.ctx.storage.getAlarm()) === null) await this.ctx.storage.setAlarm(hold_until_ms);
    const { status, quote, violations } = await redeem(this.store, { codes, promos, order }, { write });
    if (violations[0]?.reason === "price_changed") return { status: "price_changed", total: violations[0].used };
    return { status, total: quote.total };
  }

  async alarm() {
    await sweep(this.store, { write });
    const { holds } = await this.store.find({ lapsed_by_ms: Number.MAX_SAFE_INTEGER, keys: null, limit: 1 });
    if (holds.length > 0) await this.ctx.storage.setAlarm(holds[0].expires_at_ms);
  }
}

function write({ sql }, redemptions) {
  for (const { id, tickets } of redemptions) {
    sql.exec("DELETE FROM tickets WHERE order_id = ?", id);
    for (const [position, { price, released }] of tickets.entries())
      if (!released) sql.exec("INSERT INTO tickets VALUES (?, ?, ?)", id, position, price);
  }
}

const ORDER = /^\/events\/(\w+)\/orders\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

export default {
  async fetch(request, { SHOPS }) {
    const [, event_id, id] = ORDER.exec(new URL(request.url).pathname) ?? [];
    if (request.method !== "PUT" || !Object.hasOwn(EVENTS, event_id ?? ""))
      return Response.json({ error: "expected PUT /events/gala/orders/<uuid>" }, { status: 404 });
    const shop = SHOPS.get(SHOPS.idFromName(event_id));
    return shop.buy(event_id, id, await request.json()).then(
      (answer) => Response.json(answer),
      ({ message }) => Response.json({ error: message }, { status: 409 }),
    );
  },
};
