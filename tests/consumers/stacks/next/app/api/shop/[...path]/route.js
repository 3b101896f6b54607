import { handler } from "../../../../lib/shop.js";

export const GET = handler;
export const POST = handler;
