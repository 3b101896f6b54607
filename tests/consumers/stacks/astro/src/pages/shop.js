import { shop } from "../shop.js";

export const POST = async () => Response.json(await shop());
