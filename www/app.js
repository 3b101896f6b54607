// The routes: JSON in, JSON out. A refusal is an answer; an error is `{error: {code, path, message}}`.
import { randomUUID } from "node:crypto";
import { fileURLToPath } from "node:url";
import fastifyStatic from "@fastify/static";
import Fastify from "fastify";
import { Busy, openCheckout } from "./checkout.js";
import { openStore } from "./store.js";

const packageRoot = fileURLToPath(new URL(".", import.meta.resolve("redeemable")));
const publicRoot = fileURLToPath(new URL("./public", import.meta.url));

export function buildApp({ file, event, now = Date.now }) {
  const store = openStore(file);
  const checkout = openCheckout({ store, event, now });
  const schema = schemas(event);
  // A misspelt field is an error here as well: nothing is dropped, converted or filled in.
  const app = Fastify({ ajv: { customOptions: { removeAdditional: false, coerceTypes: false, useDefaults: false } }, forceCloseConnections: true });

  app.register(fastifyStatic, { root: publicRoot });
  // The same files that Node runs, so the browser previews with the same bytes.
  app.register(fastifyStatic, {
    root: packageRoot, prefix: "/redeemable/", decorateReply: false, allowedPath: (path) => /^\/(browser\.js|dist\/.*)$/.test(path),
  });
  app.addHook("onSend", async (request, reply) => {
    reply.header("content-security-policy", "default-src 'self'; img-src 'self' data:; script-src 'self' 'wasm-unsafe-eval'; form-action 'none'; frame-ancestors 'none'");
    reply.header("x-content-type-options", "nosniff");
    // A page that outlives an update of the engine must not keep the old one.
    reply.header("cache-control", "no-cache");
  });

  app.get("/api/event", async () => {
    const { id, name, currency, ticket_types } = event;
    return { id, name, currency, ticket_types };
  });

  app.post("/api/preview-data", { schema: { body: schema.preview } }, async ({ body }) => checkout.previewData(body));

  app.post("/api/orders", { schema: { body: schema.order } }, async ({ body }) => {
    // A client that sends its own id may repeat a request whose answer was lost.
    const id = body.id ?? randomUUID();
    const { status, replayed, quote, violations } = await checkout.buy({ ...body, id });
    // The buyer is told the public reason, once per code, and no figure: the number of reasons would tell a known code from an unknown one.
    const told = violations.map(({ code, public_reason }) => JSON.stringify({ code, public_reason }));
    const refusals = [...new Set(told)].map((refusal) => JSON.parse(refusal));
    return { status, replayed, quote, refusals, order: status === "accepted" ? view(store.redemption(id)) : null };
  });

  // Who knows an order's id may act on it: the ids are random, and this host has no login.
  app.get("/api/orders/:id", async ({ params }) => view(store.redemption(params.id) ?? missing()));

  app.post("/api/orders/:id/pay", { schema: { body: schema.pay } }, async ({ params, body }) => {
    const { status } = (await checkout.pay(params.id, body.total)) ?? missing();
    // Money for an order that was changed, released or given away meanwhile goes back. A confirmed one was this same payment, reported twice.
    const kept = status === "confirmed" || status === "already_confirmed";
    return { status, pay_back: kept ? 0 : body.total, order: view(store.redemption(params.id)) };
  });

  app.post("/api/orders/:id/release", { schema: { body: schema.release } }, async ({ params, body }) => {
    const { status, tickets, refundable } = (await checkout.release(params.id, body)) ?? missing();
    return { status, tickets, refundable, order: view(store.redemption(params.id)) };
  });

  /** The organiser's view. It shows every code, so a real host puts it behind a login. */
  app.get("/api/ledger", async () => ({ codes: checkout.codes(), orders: store.latest(50).map(view) }));

  app.setErrorHandler((error, request, reply) => {
    const { code = "internal", path = "", message, status } = describe(error);
    if (status === 500) console.error(error);
    reply.code(status).send({ error: { code, path, message } });
  });
  app.setNotFoundHandler((request, reply) => reply.code(404).send({ error: { code: "not_found", path: "", message: "nothing here" } }));

  // Holds that lapsed while no host ran are given back at the start, later ones soon after they lapse.
  const sweep = () => {
    try {
      checkout.sweep();
    } catch (error) {
      console.error("sweep put off:", error.message);
    }
  };
  sweep();
  const sweeping = setInterval(sweep, Math.min(event.hold_ms, 30_000)).unref();
  app.addHook("onClose", async () => {
    clearInterval(sweeping);
    store.close();
  });
  return app;
}

/** What the buyer may see of a record. */
function view({ id, state, currency, codes, identities, tickets, expires_at_ms, confirmed_at_ms }) {
  const kept = tickets.filter((ticket) => ticket.released === null);
  return { id, state, currency, codes, identities, tickets, total: kept.reduce((sum, ticket) => sum + ticket.price, 0), expires_at_ms, confirmed_at_ms };
}

function missing() {
  throw Object.assign(new Error("no such order"), { code: "not_found", path: "id" });
}

function describe(error) {
  if (error instanceof Busy) return { code: "busy", message: error.message, status: 503 };
  // The engine's errors bear a path; they are about what the buyer sent, since the event's own documents are sound.
  if (typeof error.path === "string") return { code: error.code, path: error.path, message: error.message, status: error.code === "not_found" ? 404 : 400 };
  if (error.validation) {
    const [{ instancePath, params, message }] = error.validation;
    const field = params.additionalProperty ?? params.missingProperty;
    const path = [...instancePath.split("/").slice(1), ...(field ? [field] : [])];
    return { code: "invalid_request", path: path.map((part, i) => (/^\d+$/.test(part) ? `[${part}]` : (i ? "." : "") + part)).join(""), message, status: 400 };
  }
  if (error.statusCode < 500) return { code: "invalid_request", message: error.message, status: error.statusCode };
  return { message: "something went wrong", status: 500 };
}

function schemas(event) {
  const object = (properties, required) => ({ type: "object", additionalProperties: false, properties, required });
  const codes = { type: "array", maxItems: 16, items: { type: "string", maxLength: 200 } };
  const lines = {
    type: "array", minItems: 1, maxItems: event.ticket_types.length,
    items: object({ ticket_type: { enum: event.ticket_types.map((type) => type.id) }, quantity: { type: "integer", minimum: 1, maximum: 20 } }, ["ticket_type", "quantity"]),
  };
  const identities = (required) => object({ email: { type: "string", maxLength: 320 } }, required);
  return {
    preview: object({ codes, lines, identities: identities([]) }, ["codes", "lines", "identities"]),
    order: object({ id: { type: "string", pattern: "^[0-9a-f-]{36}$" }, codes, lines, identities: identities(["email"]) }, ["codes", "lines", "identities"]),
    pay: object({ total: { type: "integer", minimum: 0 } }, ["total"]),
    release: object({ reason: { type: "string" }, tickets: { type: ["array", "null"], items: { type: "integer" } } }, ["reason"]),
  };
}
