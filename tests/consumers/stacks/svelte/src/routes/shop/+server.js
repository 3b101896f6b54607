import { json } from "@sveltejs/kit";
import { shop } from "../../shop.js";

export const POST = async () => json(await shop());
