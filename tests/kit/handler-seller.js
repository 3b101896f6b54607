// A shop in a process of its own: the handler behind Node's http server, over the store that the parent names.
import { once } from "node:events";
import { createServer } from "node:http";
import { createHandler } from "redeemable/handler";
import { toNode } from "redeemable/handler/node";
import { openPlace } from "./place.js";

const { store, write } = openPlace(JSON.parse(process.argv[2]));
const unused = () => {
  throw new Error("nobody calls this here");
};
const handler = createHandler({
  store,
  write,
  eventOf: () => ({
    currency: "EUR",
    prices: { seat: 1000 },
    promos: [{ code: "LAST", discount_percent: 20, max_uses: 10 }],
    policy: {},
    facts: {},
    hold_ms: 600_000,
  }),
  codesPerMinute: 100_000,
  mayAct: () => true,
  ask: unused,
  reported: unused,
  refund: unused,
});
const server = createServer(toNode(handler)).listen(0, "127.0.0.1");
await once(server, "listening");
process.send({ ready: true, port: server.address().port });
