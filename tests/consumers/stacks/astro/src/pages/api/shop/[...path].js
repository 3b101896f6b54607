import { handler } from "../../../lib/shop.js";

export const ALL = ({ request, clientAddress }) => handler(request, { address: clientAddress });
