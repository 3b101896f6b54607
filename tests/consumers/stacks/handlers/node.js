import { createServer } from "node:http";
import { toNode } from "redeemable/handler/node";
import { handler } from "./shop.js";

createServer(toNode(handler)).listen(Number(process.env.PORT ?? "3000"), "127.0.0.1");
