// The same in the edge runtime.
import { shop } from "../../../shop.js";

export const runtime = "edge";
export const POST = async () => Response.json(await shop());
