// The shop of shop.js in memory, for runtimes without better-sqlite3.
import { Refused, createHandler } from "redeemable/handler";
import { memoryStore } from "redeemable/memory";

const payments = new Map();
const refunds = new Map();
const gala = {
  currency: "EUR",
  prices: { regular: 4500, student: 2000 },
  promos: [{ code: "EARLY20", discount_percent: 20, max_uses: 20 }],
  policy: { max_hold_ms: 3_600_000 },
};

export const handler = createHandler({
  store: memoryStore(),
  write: null,
  base: "/api/shop",
  eventOf: (id) => (id === "gala" ? gala : null),
  addressOf: (request, info) => info?.address ?? request.headers.get("x-forwarded-for") ?? undefined,
  mayAct: () => true,
  ask({ order_id, total, currency }) {
    const id = crypto.randomUUID();
    payments.set(id, order_id);
    return { id, total, currency };
  },
  async reported(request) {
    if (request.headers.get("secret") !== "secret") return null;
    const { id, total, currency } = await request.json();
    if (!payments.has(id)) throw new Refused(404, "not_found", "id", "nobody asked for this payment");
    return { id: payments.get(id), payment: { id, total, currency }, refunded: refunds.has(id) };
  },
  refund: (owed) => refunds.set(owed.id, owed),
});
