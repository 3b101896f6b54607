// The OpenAPI document, the headers, and that every route answers as the document says.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Validator } from "@seriousme/openapi-schema-validator";
import { eventWith, id, openHost, workspace } from "./support.js";

async function open(t) {
  const event = eventWith([{ code: "TEN", discount_percent: 10 }]);
  return openHost(workspace(t, event), event);
}

test("the OpenAPI document is valid, and every operation in it answers as it says", async (t) => {
  const host = await open(t);
  const document = (await host.app.inject("/api/openapi.json")).json();
  const { valid, errors } = await new Validator().validate(structuredClone(document));
  assert.ok(valid, JSON.stringify(errors));
  assert.equal(document.openapi, "3.1.0");
  // The document contains the engine's own documents, and the types of their fields.
  const { "redeemable.Promo": promo, "redeemable.Pool": pool } = document.components.schemas;
  assert.deepEqual(promo.properties.pools.items, { $ref: "#/components/schemas/redeemable.Pool" });
  assert.equal(pool.properties.max_uses["x-unit"], "uses");

  // openHost compares each of these answers with the document.
  const order = {
    codes: ["TEN"],
    lines: [{ ticket_type: "seat", quantity: 1 }],
    identities: { email: "ann@example.org" },
  };
  await host.get("/api/event");
  await host.post("/api/events/gala/view", { codes: ["TEN"], identities: order.identities });
  await host.get("/api/events/gala/view?code=TEN");
  await host.post("/api/events/gala/preview", order);
  await host.buy(1, 1, ["TEN"], 900);
  await host.get(`/api/orders/${id(1)}`);
  await host.pay(1, 900);
  await host.post(`/api/orders/${id(1)}/exchange/preview`, order);
  await host.post(`/api/orders/${id(1)}/exchange`, { ...order, id: id(2), max_due: 0 });
  await host.release(1);
  await host.release(1, "refunded");
  await host.get("/api/codes");
  await host.post("/api/codes", { promo: { code: "NEW", discount_percent: 5 } });
  await host.put("/api/codes/2", { promo: { code: "NEW", discount_percent: 6 }, revision: 1 });
  await host.get("/api/codes/1/ledger");
  await host.get("/api/codes/1/report");
  await host.put("/api/choose", { choose: "best" });
  await host.put("/api/clock", { name: "Europe/Berlin", from_year: 2026, to_year: 2030 });
  await host.post("/api/codes/1/what-if", { promo: { code: "TEN", discount_percent: 5 } });
  const operations = Object.values(document.paths).flatMap((path) => Object.values(path));
  const answers = operations.map(({ operationId, responses }) => `${operationId} ${Object.keys(responses)[0]}`);
  // Two answers are not JSON: stampede-route.test.js and reports.test.js read them.
  const isJson = (answer) => !["stampede 200", "getReportCsv 200"].includes(answer);
  assert.deepEqual([...host.asked].sort(), answers.filter(isJson).sort());
  for (const { operationId, summary, responses } of operations)
    assert.ok(summary && responses["4XX"] && responses["5XX"], operationId);
});

test("every answer carries the headers, and what cannot be read is an error like any other", async (t) => {
  const { app } = await open(t);
  const send = (payload, type) =>
    app.inject({ method: "POST", url: "/api/events/gala/orders", payload, headers: { "content-type": type } });
  const answers = {
    event: [200, await app.inject("/api/event")],
    nothing: [404, await app.inject("/nothing")],
    "not JSON": [400, await send("{", "application/json")],
    "a prototype": [400, await send('{"__proto__": {}}', "application/json")],
    "a form": [415, await send("codes=TEN", "application/x-www-form-urlencoded")],
    "too much": [413, await send(`"${"x".repeat(2 ** 20)}"`, "application/json")],
  };
  for (const [name, [status, answer]] of Object.entries(answers)) {
    assert.equal(answer.statusCode, status, name);
    if (status !== 200) assert.deepEqual(Object.keys(answer.json().error), ["code", "path", "message"], name);
    assert.match(
      answer.headers["content-security-policy"],
      /^default-src 'self';.*script-src 'self' 'wasm-unsafe-eval'/,
      name,
    );
    assert.equal(answer.headers["x-content-type-options"], "nosniff", name);
    assert.match(answer.headers["cache-control"], /^no-(cache|store)$/, name);
    assert.equal(answer.headers["set-cookie"], undefined, name);
  }
});
