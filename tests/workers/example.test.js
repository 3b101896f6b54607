// Runs the shop of examples/worker in workerd: it sells, is paid, takes tickets back, and releases what nobody pays.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import Database from "better-sqlite3";
import { audit } from "redeemable/host";
import { sqliteStore } from "redeemable/sqlite";
import { start } from "./workerd.js";

const SECRET = "the provider's secret";
const folder = mkdtempSync(join(tmpdir(), "redeemable-example-"));
const settings = {
  durableObjects: { SHOPS: { className: "Shop", useSQLite: true } },
  durableObjectsPersist: folder,
  ratelimits: { TRIES: { simple: { limit: 60, period: 60 } } },
  bindings: { PAYMENTS_SECRET: SECRET },
};
const open = (bindings) =>
  start("../../examples/worker/src/worker.js", { ...settings, bindings: { ...settings.bindings, ...bindings } });
let running;
before(async () => {
  running = await open();
});
after(async () => {
  await running.stop();
  rmSync(folder, { recursive: true });
});

/** Each buyer has an address of its own. */
const ask = (method, path, body, headers = { "cf-connecting-ip": randomUUID() }) =>
  running.ask(`/events/${path}`, { method, headers, body: JSON.stringify(body) });
const basket = (quantity, codes, email) => ({ lines: { regular: quantity }, codes, email });
const pay = (event, id, total, secret = SECRET) =>
  ask("POST", `${event}/payments/${id}`, { total, currency: "EUR" }, { secret });
const order = (body, event = "gala", id = randomUUID()) => ask("PUT", `${event}/orders/${id}`, body);

/** What the objects have stored, read from their files while nobody writes. */
async function files(read) {
  await running.stop();
  try {
    const [objects] = readdirSync(folder);
    const found = readdirSync(join(folder, objects)).filter((name) => name.endsWith(".sqlite"));
    const results = [];
    for (const name of found) {
      const db = new Database(join(folder, objects, name));
      if (db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'tickets'").get()) results.push(await read(db));
      db.close();
    }
    return results;
  } finally {
    running = await open();
  }
}

test("buys, pays and gives back", async () => {
  const id = randomUUID();
  const body = basket(2, ["early20"], "ann@example.org");
  // 2 × 45.00 less 20 % is 72.00.
  assert.equal((await ask("POST", "gala/preview", body)).quote.total, 7200);
  const { refusal, new_total } = await order({ ...body, max_total: 7199 }, "gala", id);
  assert.deepEqual(
    refusal.map(({ code, public_reason }) => [code, public_reason]),
    [[null, "price_changed"]],
  );
  assert.equal(new_total, 7200);
  const sold = await order({ ...body, max_total: new_total }, "gala", id);
  assert.deepEqual([sold.status, sold.quote.total, sold.quote.payment], ["accepted", 7200, "required"]);
  assert.deepEqual(await order({ ...body, max_total: 7200 }, "gala", id), sold, "sent again");

  const asked = await Promise.all([1, 2].map(() => ask("POST", `gala/orders/${id}/payments`, {})));
  assert.deepEqual(
    asked.map(({ total, currency }) => [total, currency]),
    [
      [7200, "EUR"],
      [7200, "EUR"],
    ],
  );
  const [first, second] = asked.map(({ payment_id }) => payment_id);
  assert.equal((await pay("gala", first, 7200, "a guess")).status, 403);
  assert.equal((await pay("gala", randomUUID(), 7200)).status, 404);
  for (const [payment, money] of [
    [first, "kept"],
    [second, "returned"],
    [first, "kept"],
    [second, "returned"],
  ])
    assert.equal((await pay("gala", payment, 7200)).money, money);

  const back = `gala/orders/${id}/releases/${randomUUID()}`;
  assert.deepEqual(await ask("PUT", back, {}), { status: "released", refundable: 7200 });
  assert.deepEqual(await ask("PUT", back, {}), { status: "already_released", refundable: 7200 });
});

test("prices are the shop's, and a request that it does not know is refused", async () => {
  for (const [body, error] of [
    [{ lines: { vip: 1 }, max_total: 0 }, /there are no such tickets/],
    [{ lines: { constructor: 1 }, max_total: 0 }, /there are no such tickets/],
    [{ lines: { regular: -1 }, max_total: 0 }, /quantity/],
    [{ ...basket(1, []), max_total: "4500" }, /max_total/],
    [{ ...basket(1, Array(6).fill("early20")), max_total: 4500 }, /codes/],
    [{ ...basket(1, "early20"), max_total: 4500 }, /codes/],
  ]) {
    const answer = await order(body);
    assert.equal(answer.status, 422, JSON.stringify(answer));
    assert.match(answer.error, error);
  }
  for (const max_total of [undefined, null])
    assert.equal((await order({ ...basket(1, []), max_total })).new_total, 4500, "agreed to nothing");
  assert.equal((await ask("PUT", "gala/orders/1", {})).status, 404);
  assert.equal((await ask("POST", "opera/preview", basket(1, []))).status, 404);
  assert.equal((await order({ text: "x".repeat(70_000) })).status, 413);
  assert.equal((await order([basket(1, [])])).status, 422);
});

test("30 buyers at once over two events use the 10 uses that these share, exactly", async () => {
  const answers = await Promise.all(
    Array.from({ length: 30 }, (_, i) =>
      order({ ...basket(1, ["season"], `buyer${i}@example.org`), max_total: 1500 }, `spring-${1 + (i % 2)}`),
    ),
  );
  assert.equal(answers.filter(({ status }) => status === "accepted").length, 10);
  const refused = answers.find(({ status }) => status === "rejected");
  assert.deepEqual(
    refused.refusal.map(({ code, public_reason }) => [code, public_reason]),
    [["SEASON", "used_up"]],
  );
});

test("whoever tries many codes is slowed down, and the payment provider is not", async () => {
  const guess = () =>
    ask("POST", "gala/preview", basket(1, [randomUUID().slice(0, 8)]), { "cf-connecting-ip": "192.0.2.1" });
  const answers = await Promise.all(Array.from({ length: 130 }, guess));
  // The requests may fall into two minutes, of 60 each.
  assert.ok(answers.filter(({ status }) => status === 429).length >= 10);
  const paid = await Promise.all(Array.from({ length: 70 }, () => pay("gala", randomUUID(), 1, "a guess")));
  assert.deepEqual(new Set(paid.map(({ status }) => status)), new Set([403]));
});

test("the seats of an event are not sold twice", async () => {
  const four = Array.from({ length: 40 }, () => order({ ...basket(4, []), max_total: 18_000 }));
  const answers = await Promise.all(four);
  // The gala has 100 seats, and 4 × 25 is 100; the only other order was given back.
  assert.equal(answers.filter(({ status }) => status === "accepted").length, 25);
  assert.deepEqual(
    new Set(answers.filter(({ status }) => status === 409).map(({ error }) => error)),
    new Set(["no seats are left for this order"]),
  );
});

test("an order that nobody pays is released by the alarm", async () => {
  await running.stop();
  running = await open({ HOLD_MS: 500 });
  const id = randomUUID();
  assert.equal((await order({ ...basket(1, []), max_total: 3000 }, "spring-1", id)).status, "accepted");
  const read = (db) => {
    const { document } = db.prepare("SELECT document FROM redeemable_redemptions WHERE id = ?").get(id) ?? {};
    return document ? [JSON.parse(document).tickets[0].released?.reason] : [];
  };
  for (let tries = 0; ; tries += 1) {
    await new Promise((resume) => {
      setTimeout(resume, 700);
    });
    const [reason] = (await files(read)).flat();
    if (reason === "hold_expired") break;
    assert.ok(tries < 60, "the alarm did not ring");
  }
  assert.equal((await ask("POST", `spring-1/orders/${id}/payments`, {})).status, 409);
});

test("records, counters and tickets agree in each object, and no refund is lost or doubled", async () => {
  const found = await files(async (db) => {
    const store = sqliteStore(db);
    assert.deepEqual(await audit(store), []);
    const held = db
      .prepare("SELECT document FROM redeemable_redemptions WHERE state <> 'released'")
      .all()
      .flatMap(({ document }) => JSON.parse(document).tickets.filter(({ released }) => !released));
    assert.equal(held.length, db.prepare("SELECT count(*) AS n FROM tickets").get().n);
    return db
      .prepare("SELECT amount FROM refunds ORDER BY rowid")
      .all()
      .map(({ amount }) => amount);
  });
  // Of the gala: the payment that came twice, and the order that was given back.
  assert.deepEqual(found.sort(), [[], [7200, 7200]]);
});
