// Serves the page, the package's files, and what the page may know about one code: `node server.js`. The default of
// PORT is 8080.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { usageKeys } from "redeemable";
import { memoryStore } from "redeemable/memory";
import { publicView } from "redeemable/organiser";

const PROMOS = [
  { code: "EARLY20", discount_percent: 20, max_uses: 3 },
  { code: "GROUP", discount_percent: 10, max_uses: 100, min_tickets: 5, ticket_types: ["regular"] },
  { code: "NEXTYEAR", discount: { kind: "free" }, max_uses: 10, starts_at_ms: 4_000_000_000_000 },
];
const TYPES = [
  { ticket_type: "regular", unit_price: 4500 },
  { ticket_type: "student", unit_price: 2000 },
];
const EVENT = { event_id: "gala", currency: "EUR" };
const UP_TO = 10; // The page prices orders of up to 10 tickets. A view for larger orders shows more of the limits.
const store = memoryStore(); // in your shop, the store that sells

async function viewOf(code) {
  const lines = TYPES.map((type) => ({ ...type, quantity: 1 }));
  // If the buyer has logged in, add `identities` with the login's e-mail. Never add an e-mail that was only typed: the
  // price would tell whether its owner has used the code.
  const order = { ...EVENT, lines };
  const request = { codes: code === "" ? [] : [code], promos: PROMOS, order, now_ms: Date.now() };
  const { counters } = await store.read(usageKeys(request), null);
  const view = publicView({ ...request, usage: { counters }, reveal_up_to: UP_TO });
  return { view, event: EVENT, types: TYPES, up_to: UP_TO, now_ms: request.now_ms };
}

// Limits how many codes one address may try, to 60 views a minute. Behind a proxy, take the address that it reports.
const asked = new Map();
setInterval(() => asked.clear(), 60_000).unref();
function mayAsk(address) {
  asked.set(address, (asked.get(address) ?? 0) + 1);
  return asked.get(address) <= 60;
}

const ENGINE = new URL(".", import.meta.resolve("redeemable/package.json"));
const PAGE = new URL("page/", import.meta.url);
const MIME = { html: "text/html; charset=utf-8", js: "text/javascript", wasm: "application/wasm" };
const POLICY = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'unsafe-inline'";

async function answerTo({ url, socket }) {
  const { pathname, searchParams } = new URL(url, "http://shop");
  if (pathname === "/view") {
    if (!mayAsk(socket.remoteAddress))
      return { status: 429, type: "application/json", body: '{"error": "try again in a minute"}' };
    const code = (searchParams.get("code") ?? "").slice(0, 200);
    return { status: 200, type: "application/json", body: JSON.stringify(await viewOf(code)) };
  }
  const [, engine] = /^\/redeemable\/((?:dist\/)?[\w-]+\.(?:js|wasm))$/.exec(pathname) ?? [];
  const own = { "/": "index.html", "/preview.js": "preview.js" }[pathname];
  if (!engine && !own) return { status: 404, type: "text/plain", body: "there is no such page" };
  const file = engine ? new URL(engine, ENGINE) : new URL(own, PAGE);
  return { status: 200, type: MIME[file.pathname.split(".").at(-1)], body: readFileSync(file) };
}

const server = createServer(async (request, response) => {
  const { status, type, body } = await answerTo(request).catch((error) => {
    console.error(error);
    return { status: 500, type: "text/plain", body: "a fault of the shop" };
  });
  response
    .writeHead(status, { "content-type": type, "content-security-policy": POLICY, "x-content-type-options": "nosniff" })
    .end(body);
});
server.listen(Number(process.env.PORT ?? "8080"), "127.0.0.1", () =>
  console.log(`http://127.0.0.1:${server.address().port}/`),
);
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => server.close());
