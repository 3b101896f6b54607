import { handler } from "./shop.js";

export default {
  fetch: (request) => handler(request, { address: request.headers.get("cf-connecting-ip") ?? undefined }),
};
