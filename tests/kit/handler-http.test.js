// The handler behind Node's http server, in processes of their own: many buyers at once, and requests that Node reads.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, request as ask } from "node:http";
import { connect as connectHttp2, createServer as createHttp2 } from "node:http2";
import { connect } from "node:net";
import { describe, test } from "node:test";
import { toNode } from "redeemable/handler/node";
import { audit } from "./audit.js";
import { eventWith, openShop, wish } from "./handler-shop.js";
import { DATABASES, startHost, usesOf } from "./hosts.js";
import { openMemory } from "./support.js";

const post = async (port, path, body, headers) => {
  const answer = await fetch(`http://127.0.0.1:${port}/${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
  return { code: answer.status, ...(await answer.json()) };
};

/** Buys until the answer is not "busy", which means that nothing was stored. */
async function buy(port, order) {
  for (;;) {
    const answer = await post(port, "events/gala/orders", order);
    if (answer.code !== 503) return answer;
  }
}

for (const [name, { hosts: count, open }] of Object.entries(DATABASES))
  describe(name, () => {
    test("50 buyers at once, each sent twice, share 10 uses exactly", async (t) => {
      const database = await open();
      t.after(() => database.close());
      const hosts = await Promise.all(
        Array.from({ length: count }, (_, n) => startHost(database.place(n), "handler-seller.js")),
      );
      t.after(() => {
        for (const host of hosts) host.kill();
      });
      const orders = Array.from({ length: 50 }, () => wish(["last"], 1, 800));
      // The same order goes to two hosts at once, as if the first answer was lost.
      const sent = orders.flatMap((order, n) => [0, 1].map((more) => buy(hosts[(n + more) % count].port, order)));
      const answers = await Promise.all(sent);
      assert.deepEqual(
        new Set(answers.map(({ code, status }) => `${code} ${status}`)),
        new Set(["200 accepted", "200 rejected"]),
      );
      const sold = new Set(answers.flatMap(({ order }) => order?.id ?? []));
      assert.equal(sold.size, 10);
      const first = answers.filter(({ status, replayed }) => status === "accepted" && !replayed);
      assert.equal(first.length, 10, "each order was new once");
      for (const { refusals, status } of answers)
        assert.deepEqual(refusals, status === "accepted" ? [] : [{ code: "LAST", public_reason: "used_up" }]);
      const tables = await database.tables();
      const records = audit(tables);
      assert.deepEqual([...records.keys()].sort(), [...sold].sort());
      assert.deepEqual([usesOf(tables, "LAST"), tables.tickets.length], [10, 10]);
    });
  });

async function serve(t, handler) {
  const server = createServer(toNode(handler)).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return server.address().port;
}

/** Sends a request as it is, and returns the status of the answer. */
async function statusOf(port, method, path, chunks = []) {
  const sent = ask({ port, host: "127.0.0.1", method, path, headers: { "content-type": "application/json" } });
  sent.on("error", () => {});
  const answered = once(sent, "response");
  for (const chunk of chunks) sent.write(chunk);
  if (chunks.length < 100) sent.end();
  const [answer] = await answered;
  answer.resume();
  sent.destroy();
  return answer.statusCode;
}

test("requests that Node reads are answered, and none of them ends the server", async (t) => {
  const shop = openShop(openMemory().store, { gala: eventWith([{ code: "TEN", discount_percent: 10 }]) });
  const port = await serve(t, shop.handler);
  const order = wish(["TEN"], 1, 900);
  const { status, order: held } = await post(port, "shop/events/gala/orders", order);
  assert.deepEqual([status, held.total], ["accepted", 900]);
  const view = await fetch(`http://127.0.0.1:${port}/shop/events/gala/view?code=ten`);
  assert.deepEqual((await view.json()).view.codes, ["TEN"]);
  for (const method of ["TRACE", "OPTIONS", "DELETE"])
    assert.equal(await statusOf(port, method, `/shop/orders/${order.id}`), 405, method);
  assert.equal(await statusOf(port, "HEAD", "/nothing"), 404);
  assert.equal(await statusOf(port, "POST", "//shop.example/shop/payments"), 404);
  assert.equal(await statusOf(port, "OPTIONS", "*"), 404);
  // The answer comes although the client goes on sending.
  assert.equal(await statusOf(port, "POST", "/shop/events/gala/orders", Array(200).fill(Buffer.alloc(1000))), 413);
  const { error } = await post(port, `shop/orders/${order.id}/release`, {}, { "idempotency-key": randomUUID() });
  assert.equal(error, undefined);
  assert.deepEqual(shop.errors, []);
});

test("a request behind a body that nobody reads is answered", async (t) => {
  const shop = openShop(openMemory().store, { gala: eventWith([]) });
  const port = await serve(t, shop.handler);
  const body = "x".repeat(300_000);
  for (const [path, type, status] of [
    ["nothing", "application/json", "404"],
    ["orders/x", "application/json", "405"],
    ["events/gala/preview", "text/plain", "415"],
    ["payments", "application/json", "403"],
  ]) {
    const socket = connect(port, "127.0.0.1");
    t.after(() => socket.destroy());
    socket.write(`POST /shop/${path} HTTP/1.1\r\nhost: a\r\ncontent-type: ${type}\r\n`);
    socket.write(`content-length: ${body.length}\r\n\r\n${body}`);
    // A proxy sends the request of somebody else on the same connection.
    socket.write("GET /shop/events/gala/view?code= HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
    let answers = "";
    for await (const chunk of socket) answers += chunk;
    assert.deepEqual(answers.match(/(?<=HTTP\/1\.1 )\d+/g), [status, "200"], path);
  }
});

test("HTTP/2 is answered, too", async (t) => {
  const shop = openShop(openMemory().store, { gala: eventWith([]) });
  const server = createHttp2(toNode(shop.handler)).listen(0, "127.0.0.1");
  await once(server, "listening");
  const client = connectHttp2(`http://127.0.0.1:${server.address().port}`);
  t.after(() => {
    client.destroy();
    server.close();
  });
  const [headers] = await once(client.request({ ":path": "/shop/events/gala/view?code=a" }), "response");
  assert.equal(headers[":status"], 200);
});

test("each cookie of an answer is sent", async (t) => {
  const headers = [
    ["set-cookie", "a=1"],
    ["set-cookie", "b=2"],
  ];
  const server = createServer(toNode(async () => new Response("{}", { headers })));
  await once(server.listen(0, "127.0.0.1"), "listening");
  t.after(() => server.close());
  const answer = await fetch(`http://127.0.0.1:${server.address().port}/`);
  assert.deepEqual(answer.headers.getSetCookie(), ["a=1", "b=2"]);
});

test("a body that was read before is the shop's mistake", async (t) => {
  const shop = openShop(openMemory().store, {});
  let told;
  const server = createServer(async (request, response) => {
    for await (const _ of request);
    await toNode(shop.handler)(request, response, (error) => {
      told = error;
      response.end("{}");
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  await post(server.address().port, "shop/payments", {});
  assert.match(told.message, /before express\.json\(\)/);
});
