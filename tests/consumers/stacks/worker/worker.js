// A worker of Cloudflare's that sells.
import { shop } from "./shop.js";
import { failing } from "./store.js";

export default {
  async fetch({ url }) {
    return Response.json(await (url.endsWith("/store") ? failing() : shop()));
  },
};
