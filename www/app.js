// The routes: JSON in, JSON out. A rejected order is an ordinary answer; an error is `{error: {code, path, message}}`.
import { existsSync } from "node:fs";
import { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import fastifyStatic from "@fastify/static";
import fastifySwagger from "@fastify/swagger";
import Ajv from "ajv";
import Fastify from "fastify";
import { shownOrder } from "redeemable/handler";
import { requestOf } from "redeemable/handler/node";
import { openCheckout } from "./checkout.js";
import { openCodes } from "./codes.js";
import { openDatabase } from "./database.js";
import { HEADERS, answerOn, answerTo, fault } from "./errors.js";
import { openOrganiser } from "./organiser.js";
import { openPolicy } from "./policy.js";
import { withDocuments } from "./openapi.js";
import { openReports } from "./reports.js";
import { routes } from "./schemas.js";
import { UUID, shared } from "./shapes.js";
import { openStampede } from "./stampede.js";

/** The folder into which Vite builds page/. */
export const pages = fileURLToPath(new URL("./dist", import.meta.url));

/**
 * The shop of one event, over the SQLite database in `file` or the PostgreSQL database at `url`.
 * A client's address may try `codes_per_minute` codes in a minute.
 */
export async function buildApp({ file, url, event, codes_per_minute = 60, now = Date.now }) {
  const database = await openDatabase({ file, url });
  const codes = openCodes(database, event);
  await codes.seed();
  const policy = openPolicy(database, event);
  const checkout = openCheckout({ database, codes, policy, event, codes_per_minute, now });
  const organiser = openOrganiser({ database, codes, policy, event, now });
  const reports = openReports({ database, codes, policy, event, now });
  const stampede = openStampede(database);
  const schema = routes(event);

  const refuse = (error, reply) => {
    const { status, body } = answerTo(error);
    if (status === 500) console.error(error);
    return reply.code(status).send(body);
  };
  // Fastify's own errors get the same shape as the shop's.
  const app = Fastify({
    forceCloseConnections: true,
    frameworkErrors: (error, _request, reply) => refuse(error, reply.headers(HEADERS)),
    clientErrorHandler: (error, socket) => answerOn(socket, error),
  });
  // A misspelt field is an error: nothing in a body is dropped, converted or filled in. Only an address's query, which
  // is text, is converted to numbers.
  const ajv = {
    body: new Ajv({ allowUnionTypes: true }),
    querystring: new Ajv({ coerceTypes: true, useDefaults: true }),
    params: new Ajv(),
  };
  for (const one of Object.values(ajv)) one.addKeyword("x-document");
  app.setValidatorCompiler(({ schema, httpPart }) => ajv[httpPart].compile(schema));
  // Answers are sent as the code makes them: the schema does not remove fields. A test compares them with the schema.
  app.setSerializerCompiler(() => JSON.stringify);
  for (const [name, shape] of Object.entries(shared)) app.addSchema({ $id: name, ...shape });

  await app.register(fastifySwagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "The demo shop",
        version: "1",
        description:
          "Amounts are in the smallest unit of the currency, times in milliseconds since 1970. There is no login: " +
          "whoever knows an order's id may act on it. A real host puts the organiser's routes (codes, organiser) " +
          "behind a login, and lets only its payment provider report that a payment arrived. An error, at any " +
          "address and with any method, has a status from 400 on and the shape `Error`.",
      },
    },
    refResolver: { buildLocalReference: ({ $id }) => $id },
    transformObject: ({ openapiObject }) => withDocuments(openapiObject),
  });
  if (existsSync(pages)) app.register(fastifyStatic, { root: pages });
  app.addHook("onSend", async (_request, reply) => {
    reply.headers(HEADERS);
  });

  app.get("/api/openapi.json", { schema: { hide: true } }, async () => app.swagger());

  app.get("/api/event", { schema: schema.event }, async () => {
    const { id, name, currency, ticket_types, hold_ms, facts = {} } = event;
    return { id, name, currency, ticket_types, hold_ms, facts: Object.keys(facts) };
  });

  // The buyers' routes. The handler reads and checks these requests itself, so Fastify leaves them as they are: their
  // schemas are for the OpenAPI document only.
  app.register((scope, _options, registered) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", (_request, _payload, done) => done(null));
    scope.setValidatorCompiler(() => () => true);
    // Behind a proxy, set Fastify's trustProxy, so that the handler counts the codes of the buyer's address.
    const answer = (request) => checkout.handler(requestOf(request.raw), { address: request.ip });
    scope.get("/api/events/:event/view", { schema: schema.seeView }, answer);
    scope.post("/api/events/:event/view", { schema: schema.view }, answer);
    scope.post("/api/events/:event/preview", { schema: schema.preview }, answer);
    scope.post("/api/events/:event/orders", { schema: schema.buy }, answer);
    scope.get("/api/orders/:id", { schema: schema.order }, answer);
    scope.post("/api/orders/:id/payments", { schema: schema.askPayment }, answer);
    scope.post("/api/orders/:id/release", { schema: schema.release }, answer);
    scope.post("/api/orders/:id/exchange/preview", { schema: schema.previewExchange }, answer);
    scope.post("/api/orders/:id/exchange", { schema: schema.exchange }, answer);
    scope.post("/api/payments", { schema: schema.paid }, answer);
    registered();
  });

  // The organiser's routes show every code and take back any order, so a real host puts them behind a login.
  const uuid = new RegExp(UUID);
  app.post("/api/organiser/orders/:id/release", { schema: schema.takeBack }, async ({ params: { id }, body }) => {
    const missing = () => fault(404, "not_found", "id", "no such order");
    if (!uuid.test(id)) throw missing();
    const answer = await checkout.release(id, body);
    if (answer === null) throw missing();
    const { status, tickets, refundable } = answer;
    return { status, tickets, refundable, order: shownOrder(await checkout.find(id)) };
  });

  app.get("/api/codes", { schema: schema.codes }, async () => ({
    codes: await organiser.list(),
    policy: await policy.read(),
    clock: await policy.clock(),
  }));
  app.put("/api/choose", { schema: schema.setChoose }, async ({ body }) => {
    await policy.setChoose(body.choose);
    return { policy: await policy.read() };
  });
  app.put("/api/clock", { schema: schema.setClock }, async ({ body }) => {
    await policy.setClock(body);
    return { policy: await policy.read(), clock: await policy.clock() };
  });
  app.post("/api/codes", { schema: schema.addCode }, async ({ body }, reply) => {
    reply.code(201);
    return organiser.show(await codes.add(body));
  });
  app.put("/api/codes/:id", { schema: schema.editCode }, async ({ params, body }) =>
    organiser.show(await codes.edit(params.id, body)),
  );
  app.get("/api/codes/:id/ledger", { schema: schema.ledger }, async ({ params, query }) =>
    organiser.ledger(params.id, query),
  );
  app.get("/api/codes/:id/report", { schema: schema.report }, async ({ params, query }) =>
    reports.show(params.id, query),
  );
  app.get("/api/codes/:id/report.csv", { schema: schema.reportCsv }, async ({ params, query }, reply) => {
    const csv = await reports.csv(params.id, query);
    const name = `report-of-code-${params.id}.csv`;
    return reply
      .type("text/csv; charset=utf-8")
      .header("content-disposition", `attachment; filename="${name}"`)
      .send(csv);
  });
  app.post("/api/codes/:id/what-if", { schema: schema.whatIf }, async ({ params, body }) =>
    organiser.whatIf(params.id, body),
  );

  app.post("/api/stampede", { schema: schema.stampede }, async ({ body }, reply) => {
    reply.type("application/x-ndjson");
    return reply.send(Readable.from(stampede.start(body)));
  });

  app.setErrorHandler((error, _request, reply) => refuse(error, reply));
  app.setNotFoundHandler((_request, reply) => refuse(fault(404, "not_found", "", "nothing here"), reply));

  // Holds that lapsed while no host ran are released now, and later ones within 30 seconds.
  const every = Math.min(event.hold_ms, 30_000);
  let sweeping;
  let timer;
  const sweep = async () => {
    await checkout.sweep().catch((error) => console.error("sweep put off:", error.message));
    timer = setTimeout(() => {
      sweeping = sweep();
    }, every).unref();
  };
  await sweep();
  app.addHook("onClose", async () => {
    await Promise.all([sweeping, stampede.ended()]);
    clearTimeout(timer);
    await database.close();
  });
  return app;
}
