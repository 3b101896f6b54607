import { handler } from "./shop.js";

export default {
  port: Number(process.env.PORT ?? "3000"),
  fetch: (request, server) => handler(request, { address: server.requestIP(request)?.address }),
};
