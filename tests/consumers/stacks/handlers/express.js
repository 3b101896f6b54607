import express from "express";
import { toNode } from "redeemable/handler/node";
import { handler } from "./shop.js";

const app = express();
app.use("/api/shop", toNode(handler)); // before express.json(): the handler reads bodies itself
app.listen(Number(process.env.PORT ?? "3000"), "127.0.0.1");
