// The shop over HTTP: `PAYMENTS_SECRET=… node server.js`. The default of PORT is 8080, and that of DATA is shop.sqlite.
import { createHash, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";
import { SoldOut, openShop } from "./shop.js";

const { PORT = "8080", DATA = "shop.sqlite", CODES_PER_MINUTE = "60", PAYMENTS_SECRET } = process.env;
if (!PAYMENTS_SECRET) throw new Error("PAYMENTS_SECRET: expected the secret that only the payment provider knows");
const shop = openShop(DATA);

class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

// The page makes the ids of orders and releases with crypto.randomUUID(). Whoever knows an order's id can change the
// unpaid order, so nobody must be able to guess it.
const UUID = "([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})";
const ROUTES = [
  [
    "POST",
    "/preview",
    (basket, address) => {
      countCodes(address, basket);
      return shop.preview(basket);
    },
  ],
  [
    "PUT",
    `/orders/${UUID}`,
    (basket, address, id) => {
      countCodes(address, basket);
      return shop.buy(id, basket);
    },
  ],
  [
    "POST",
    `/orders/${UUID}/payments`,
    async (_, __, id) => (await shop.askForPayment(id)) ?? refuse(409, "expected an order that waits for its payment"),
  ],
  [
    "PUT",
    `/orders/${UUID}/releases/${UUID}`,
    async (_, __, id, release_id) => (await shop.cancel(id, release_id)) ?? refuse(404, "there is no such order"),
  ],
  // Only the payment provider knows the secret.
  [
    "POST",
    `/payments/${UUID}`,
    async (payment, _, id, secret) => {
      if (!timingSafeEqual(digest(secret), digest(PAYMENTS_SECRET)))
        refuse(403, "expected the payment provider's secret");
      return { money: (await shop.paymentArrived(id, payment)) ?? refuse(404, "nobody asked for this payment") };
    },
  ],
].map(([method, path, answer]) => ({ method, path: new RegExp(`^${path}$`), answer }));

function refuse(status, message) {
  throw new Refused(status, message);
}

const digest = (text) => createHash("sha256").update(text).digest();

// Limits how many codes one address may try. Behind a proxy, take the address that the proxy reports.
const tried = new Map();
setInterval(() => tried.clear(), 60_000).unref();
function countCodes(address, { codes }) {
  // If `codes` is no list, the engine refuses the request later.
  const count = (tried.get(address) ?? 0) + 1 + (Array.isArray(codes) ? codes.length : 0);
  tried.set(address, count);
  if (count > Number(CODES_PER_MINUTE)) refuse(429, "too many codes: try again in a minute");
}

async function bodyOf(request) {
  let text = "";
  for await (const chunk of request.setEncoding("utf8")) {
    text += chunk;
    if (text.length > 65_536) refuse(413, "expected at most 64 KiB");
  }
  try {
    const body = JSON.parse(text || "{}");
    return typeof body === "object" && body !== null ? body : refuse(400, "expected an object");
  } catch (error) {
    throw error instanceof Refused ? error : new Refused(400, "expected JSON");
  }
}

async function answerTo(request) {
  const found = ROUTES.find(({ method, path }) => method === request.method && path.test(request.url));
  if (!found) refuse(404, "there is no such page");
  const [, ...ids] = found.path.exec(request.url);
  const answer = await found.answer(
    await bodyOf(request),
    request.socket.remoteAddress,
    ...ids,
    request.headers.secret ?? "",
  );
  return { status: answer.status === "rejected" ? 409 : 200, answer };
}

function faultOf(error) {
  if (error instanceof Refused) return { status: error.status, answer: { error: error.message } };
  if (error instanceof SoldOut) return { status: 409, answer: { error: error.message } };
  if (error.code === "busy") return { status: 503, answer: { error: "many buyers at once: try again" } };
  // A mistake in the request, such as a quantity of 0.
  if (error.code === "invalid_request") return { status: 422, answer: { error: `${error.path}: ${error.message}` } };
  console.error(error);
  return { status: 500, answer: { error: "a fault of the shop" } };
}

const server = createServer(async (request, response) => {
  const { status, answer } = await answerTo(request).catch(faultOf);
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(answer));
});
server.listen(Number(PORT), "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}/`));

const sweep = () => shop.sweep().catch((error) => console.error("the sweep failed, and is tried again:", error));
const sweeping = setInterval(sweep, 30_000);

for (const signal of ["SIGINT", "SIGTERM"]) {
  process.once(signal, () => {
    clearInterval(sweeping);
    server.close(() => shop.close());
  });
}
