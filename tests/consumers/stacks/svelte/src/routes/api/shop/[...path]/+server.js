import { handler } from "$lib/shop.js";

const answer = ({ request, getClientAddress }) => handler(request, { address: getClientAddress() });

export const GET = answer;
export const POST = answer;
