// A worker of Cloudflare's that sells.
import { shop } from "./shop.js";

export default {
  async fetch() {
    return Response.json(await shop());
  },
};
