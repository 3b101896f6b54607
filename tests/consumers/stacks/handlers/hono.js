import { Hono } from "hono";
import { getConnInfo } from "hono/bun"; // on Node: @hono/node-server/conninfo
import { handler } from "./shop.js";

const app = new Hono();
app.all("/api/shop/*", (c) => handler(c.req.raw, { address: getConnInfo(c).remote.address }));

export default app;
