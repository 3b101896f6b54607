// Every error has the same shape, whether it comes from a route, the file server, Fastify, or Node itself.
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { test } from "node:test";
import { HEADERS, answerOn, answerTo } from "../errors.js";
import { eventWith, openHost, workspace } from "./support.js";

const shape = ["code", "path", "message"];
const open = async (t) => {
  const event = eventWith([{ code: "TEN", discount_percent: 10 }]);
  return openHost(workspace(t, event), event);
};

/** Sends a text unchanged, and reads the whole answer. */
async function raw(port, text) {
  const socket = connect(port, "127.0.0.1");
  let said = "";
  socket
    .setEncoding("utf8")
    .on("data", (part) => {
      said += part;
    })
    .on("error", () => {});
  socket.write(text);
  await once(socket, "close");
  return said;
}

function parse(said) {
  const [head, body] = said.split("\r\n\r\n");
  const [line, ...lines] = head.split("\r\n");
  const headers = Object.fromEntries(
    lines.map((each) => [each.slice(0, each.indexOf(":")).toLowerCase(), each.slice(each.indexOf(":") + 2)]),
  );
  return { status: Number(line.split(" ")[1]), headers, body: JSON.parse(body) };
}

test("an address, a method or a body that leads nowhere is an error in the documented shape", async (t) => {
  const { app } = await open(t);
  const long = "x".repeat(101);
  const post = (url, payload, type = "application/json") => ({
    method: "POST",
    url,
    payload,
    headers: { "content-type": type },
  });
  const requests = [
    [400, "/%"],
    [400, "/%ff"],
    [400, "/api/orders/%ff"],
    [400, "/api/codes/%zz/ledger"],
    [400, "/assets/%ff"],
    [404, "/nothing"],
    [404, "/api/orders/%2e%2e"],
    [404, "/api/orders/"],
    [404, "/api/orders/%5c.."],
    [414, { method: "POST", url: `/api/orders/${long}/release` }],
    [414, { method: "PUT", url: `/api/codes/${long}` }],
    ...["DELETE", "OPTIONS", "PATCH", "TRACE"].map((method) => [404, { method, url: "/api/events/gala/orders" }]),
    [404, { method: "GET", url: "/api/events/gala/orders" }],
    [400, post("/api/events/gala/orders", "{")],
    [400, post("/api/events/gala/orders", "")],
    [400, post("/api/events/gala/orders", "\u0000")],
    [400, post("/api/events/gala/orders", '{"__proto__": {}}')],
    [400, post("/api/events/gala/orders", '{"constructor": {"prototype": {}}}')],
    [400, post("/api/events/gala/orders", "null")],
    [400, post("/api/events/gala/orders", "[]")],
    [415, post("/api/events/gala/orders", "codes=TEN", "application/x-www-form-urlencoded")],
    [415, post("/api/events/gala/orders", "x", "?")],
    [413, post("/api/events/gala/orders", `"${"x".repeat(2 ** 20)}"`)],
  ];
  for (const [status, request] of requests) {
    const answer = await app.inject(request);
    const name = `${JSON.stringify(request).slice(0, 90)}: ${answer.body}`;
    assert.equal(answer.statusCode, status, name);
    assert.deepEqual(Object.keys(answer.json()), ["error"], name);
    const { error } = answer.json();
    assert.deepEqual(Object.keys(error), shape, name);
    assert.equal(error.code, status === 404 ? "not_found" : "invalid_request", name);
    assert.ok(error.message.length > 8, name);
    assert.match(answer.headers["content-type"], /^application\/json; charset=utf-8$/, name);
    const { "cache-control": cached, ...others } = HEADERS;
    for (const [header, value] of Object.entries(others)) assert.equal(answer.headers[header], value, name);
    assert.ok([cached, "no-store"].includes(answer.headers["cache-control"]), name);
  }
});

test("what Node cannot read as a request is answered likewise", async (t) => {
  const { app } = await open(t);
  await app.listen({ host: "127.0.0.1", port: 0 });
  const { port } = app.server.address();
  const requests = [
    [400, "codes, please\r\n\r\n"],
    [400, "POST /api/orders HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n"],
    [431, `GET /${"x".repeat(20_000)} HTTP/1.1\r\nHost: a\r\n\r\n`],
    [431, `GET / HTTP/1.1\r\nHost: a\r\nX-Long: ${"x".repeat(20_000)}\r\n\r\n`],
  ];
  for (const [status, text] of requests) {
    const answer = parse(await raw(port, text));
    assert.equal(answer.status, status);
    assert.deepEqual(
      [Object.keys(answer.body), Object.keys(answer.body.error), answer.body.error.code],
      [["error"], shape, "invalid_request"],
    );
    for (const [header, value] of Object.entries(HEADERS)) assert.equal(answer.headers[header], value);
  }
});

test("an error of the file server, or of nobody's, tells what was expected and nothing of the machine", () => {
  // The file server throws errors with a status, and without a code or with a code of the system.
  const thrown = (status, more) =>
    Object.assign(new Error("Forbidden"), { status, statusCode: status, expose: true, ...more });
  const said = (status, code, message) => ({ status, body: { error: { code, path: "", message } } });
  assert.deepEqual(answerTo(thrown(403)), said(403, "invalid_request", "expected a path inside the page's folder"));
  assert.deepEqual(answerTo(thrown(416)), said(416, "invalid_request", "expected a range that the file has"));
  assert.deepEqual(
    answerTo(thrown(500, { code: "EACCES", message: "EACCES: open '/home/shop'", path: "/home/shop" })),
    said(500, "internal", "something went wrong"),
  );
  for (const strange of [thrown(302), thrown(undefined), new Error("x")])
    assert.deepEqual(answerTo(strange), said(500, "internal", "something went wrong"));
  const socket = {
    writable: true,
    write(text) {
      this.said = text;
    },
    destroy() {
      this.destroyed = true;
    },
  };
  answerOn(socket, { code: "ERR_HTTP_REQUEST_TIMEOUT" });
  assert.deepEqual(
    [parse(socket.said).status, parse(socket.said).body.error.message, socket.destroyed],
    [408, "expected the whole request sooner", true],
  );
});
