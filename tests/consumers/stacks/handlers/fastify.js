import Fastify from "fastify";
import { requestOf } from "redeemable/handler/node";
import { handler } from "./shop.js";

const app = Fastify();
app.register((shop, _options, registered) => {
  // The handler reads bodies itself.
  shop.removeAllContentTypeParsers();
  shop.addContentTypeParser("*", (_request, _body, done) => done(null));
  shop.all("/api/shop/*", (request) => handler(requestOf(request.raw), { address: request.ip }));
  registered();
});
await app.listen({ port: Number(process.env.PORT ?? "3000"), host: "127.0.0.1" });
