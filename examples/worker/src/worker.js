// Takes the requests of buyers and of the payment provider, and passes each on to the shop that sells the event.
import { EVENTS } from "./events.js";

export { Shop } from "./shop.js";

export default {
  async fetch(request, { SHOPS, TRIES }) {
    const { pathname } = new URL(request.url);
    const [, event] = /^\/events\/([\w-]+)\//.exec(pathname) ?? [];
    // Otherwise, everybody could make objects with names of their own.
    if (!Object.hasOwn(EVENTS, event ?? "")) return Response.json({ error: "there is no such event" }, { status: 404 });
    // Whoever guesses codes is slowed down. The payment provider is not, because it has a secret.
    const key = request.headers.get("cf-connecting-ip") ?? "";
    if (!pathname.includes("/payments/") && !(await TRIES.limit({ key })).success)
      return Response.json({ error: "too many requests: try again in a minute" }, { status: 429 });
    return SHOPS.get(SHOPS.idFromName(EVENTS[event].shop)).fetch(request);
  },
};
