// Exchanges through the kit: what is due is asked for and paid, a second payment goes back, and a lost answer is asked
// for again. Two hosts never make one exchange twice.
import assert from "node:assert/strict";
import { test } from "node:test";
import { archive, audit, confirm, exchange, redeem, release } from "redeemable/host";
import { openMemory, openSqlite } from "./support.js";

const NOW = 1_800_000_000_000;
const promos = [{ code: "HALF", discount_percent: 50, max_uses: 2, ends_at_ms: NOW + 60_000 }];
const seats = (unit_price, quantity = 1) => [{ ticket_type: "seat", unit_price, quantity }];
const order = (id, lines) => ({ id, event_id: "gala", currency: "EUR", lines, hold_until_ms: NOW + 600_000 });
const at = (now = NOW) => ({ now: () => now });

/** Buys `quantity` tickets at 1000, half of it with the code, and pays for them. */
async function bought(store, id, quantity = 2) {
  const { quote } = await redeem(store, { codes: ["half"], promos, order: order(id, seats(1000, quantity)) }, at());
  const paid = await confirm(store, { id, payment: { id: `${id} paid`, total: quote.total, currency: "EUR" } }, at());
  assert.equal(paid.status, "confirmed");
}

const used = async (store) => (await store.read(["code/event:gala:HALF/uses"], null)).counters;
const record = async (store, id) => (await store.read([], id)).existing;

const TESTS = {
  async "what is due is asked for, paid, and not paid twice"(store) {
    await bought(store, "a");
    // Two at 500 go back for one at 3000, half of it with the code: 500 are due.
    const wanted = {
      id: "a",
      request: { codes: ["half"], promos, order: { ...order("b", seats(3000)), hold_until_ms: undefined } },
    };
    const asked = await exchange(store, wanted, at());
    assert.deepEqual([asked.status, asked.due, asked.ops, asked.money], ["payment_due", 500, [], null]);
    assert.equal(await record(store, "b"), null);
    const wrong = { id: "pay-0", total: 400, currency: "EUR" };
    const stale = await exchange(store, { ...wanted, payment: wrong }, at());
    assert.deepEqual([stale.status, stale.money], ["stale_payment", "returned"]);
    assert.equal((await record(store, "a")).payments.at(-1).id, "pay-0");
    const payment = { id: "pay-1", total: 500, currency: "EUR" };
    let written;
    const write = (_, records) => {
      written = records.map(({ id, state }) => [id, state]);
    };
    const made = await exchange(store, { ...wanted, payment }, { ...at(), write });
    assert.deepEqual([made.status, made.due, made.money, made.replayed], ["accepted", 500, "kept", false]);
    assert.deepEqual(written, [
      ["a", "released"],
      ["b", "confirmed"],
    ]);
    assert.deepEqual(await used(store), { "code/event:gala:HALF/uses": 1 });
    // The answer was lost; then the buyer's bank pays a second time.
    const again = await exchange(store, { ...wanted, payment }, at());
    assert.deepEqual([again.status, again.due, again.money, again.replayed], ["accepted", 500, "kept", true]);
    const twice = await exchange(store, { ...wanted, payment: { ...payment, id: "pay-2" } }, at());
    assert.deepEqual([twice.status, twice.money], ["paid_twice", "returned"]);
    const webhook = await confirm(store, { id: "b", payment }, at());
    assert.deepEqual([webhook.status, webhook.money], ["already_confirmed", "kept"]);
    // It could not be captured: the order is cancelled, and `refundable` less `due` is owed.
    const cancelled = await release(store, { id: "b", reason: "organizer_cancelled" }, at());
    assert.equal(cancelled.refundable - (await record(store, "b")).exchanged.due, 1000);
  },

  async "an old code is good for what goes back, and for no more"(store) {
    await bought(store, "a");
    const late = at(NOW + 120_000);
    const change = (id, lines, tickets) =>
      exchange(store, { id: "a", tickets, request: { codes: ["half"], promos, order: order(id, lines) } }, late);
    const many = await change("b", seats(1000, 2), [0]);
    assert.deepEqual(
      [many.status, many.violations.map(({ reason }) => reason)],
      ["rejected", ["ended", "uses_exhausted"]],
    );
    const one = await change("b", [{ ticket_type: "balcony", unit_price: 1000, quantity: 1 }], [0]);
    assert.deepEqual([one.status, one.quote.total, one.due], ["accepted", 500, 0]);
    assert.deepEqual(await used(store), { "code/event:gala:HALF/uses": 2 });
  },

  async "uses that a lapsed hold has are reclaimed for an exchange"(store) {
    await bought(store, "a", 1);
    await redeem(
      store,
      { codes: ["half"], promos, order: { ...order("h", seats(1000)), hold_until_ms: NOW + 1 } },
      at(),
    );
    const request = { codes: ["half"], promos, order: order("b", seats(600, 2)) };
    const early = await exchange(store, { id: "a", request, payment: { id: "p", total: 100, currency: "EUR" } }, at());
    assert.deepEqual([early.status, early.money], ["exchange_refused", "returned"]);
    const later = await exchange(
      store,
      { id: "a", request, payment: { id: "q", total: 100, currency: "EUR" } },
      at(NOW + 1),
    );
    assert.deepEqual([later.status, later.money], ["accepted", "kept"]);
    assert.equal((await record(store, "h")).state, "released");
  },

  async "many hosts make one exchange once"(store, peer) {
    await bought(store, "a");
    const request = { codes: [], promos, order: order("b", seats(800)) };
    const ask = (_, index) => exchange([store, peer][index % 2], { id: "a", request, refund: true }, at());
    const answers = await Promise.all(Array.from({ length: 8 }, ask));
    assert.deepEqual(
      new Set(answers.map(({ status, refundable }) => `${status} ${refundable}`)),
      new Set(["accepted 200"]),
    );
    assert.equal(answers.filter(({ replayed }) => !replayed).length, 1);
  },

  async "many exchanges of one ticket are made once"(store, peer) {
    await bought(store, "a", 1);
    const request = (id) => ({ codes: [], promos, order: order(id, seats(500)) });
    const ask = (_, index) => exchange([store, peer][index % 2], { id: "a", request: request(`b-${index}`) }, at());
    const answers = await Promise.all(Array.from({ length: 6 }, ask));
    const statuses = answers.map(({ status }) => status).sort();
    assert.deepEqual(statuses, ["accepted", ...Array.from({ length: 5 }, () => "already_released")]);
  },

  async "a record in the archive comes back to be exchanged"(store) {
    await bought(store, "a");
    assert.equal(await archive(store, { event_id: "gala" }), 1);
    const request = { codes: [], promos, order: order("b", seats(1000)) };
    const made = await exchange(store, { id: "a", request }, at());
    assert.deepEqual([made.status, made.forgone], ["accepted", 0]);
    assert.equal((await store.read([], "a")).archived, false);
    assert.deepEqual(await used(store), { "code/event:gala:HALF/uses": 0 });
  },

  async "a preview and mistakes store nothing"(store) {
    await bought(store, "a");
    const request = { codes: [], promos, order: { ...order("b", seats(400)), id: undefined } };
    const shown = await exchange(store, { id: "a", request, refund: true }, at());
    assert.deepEqual([shown.status, shown.refundable, shown.ops], ["accepted", 600, []]);
    assert.equal(await exchange(store, { id: "nobody", request }, at()), null);
    const fails = (wanted, path) => assert.rejects(exchange(store, wanted, at()), { code: "invalid_request", path });
    await fails({ id: "a", request, refnd: true }, "refnd");
    await fails({ id: "a", request: { ...request, usage: {} } }, "request.usage");
    await fails({ id: "a", request, payment: { id: "p" } }, "payment.total");
    await fails({ id: "a", request: { ...request, order: order("a", seats(1)) } }, "request.order.id");
    assert.equal((await record(store, "a")).revision, 2);
  },

  async "the host may refuse that an exchange takes a hold over, and then nothing is stored"(store) {
    await bought(store, "a", 1);
    await redeem(store, { codes: [], promos, order: order("bob", seats(500)) }, at());
    const wanted = { id: "a", request: { codes: [], promos, order: order("bob", seats(400)) } };
    const approve = () => {
      throw new Error("not yours");
    };
    await assert.rejects(exchange(store, wanted, { ...at(), approve }), { message: "not yours" });
    await assert.rejects(exchange(store, wanted, { ...at(), approve: () => false }), { path: "options.approve" });
    assert.deepEqual([(await record(store, "a")).revision, (await record(store, "bob")).state], [2, "held"]);
    const seen = [];
    await exchange(store, wanted, { ...at(), approve: (answer) => seen.push([answer.quote.total, answer.forgone]) });
    assert.deepEqual([seen, (await record(store, "bob")).exchanged.from], [[[400, 100]], "a"]);
  },

  async "a hold that is amended on another day stays in its day"(store) {
    const zone = [{ from_ms: 1_700_000_000_000, offset_minutes: 60 }];
    const request = (lines, id = "d") => ({
      codes: ["day"],
      promos: [{ code: "DAY", discount_percent: 10, per_period: [{ every: "day", max_uses: 2 }] }],
      policy: { zone },
      order: { ...order(id, lines), hold_until_ms: NOW + 30 * 3_600_000 },
    });
    await redeem(store, request(seats(1000, 2)), at());
    // On the next day somebody else takes both uses; the hold keeps those of its own day.
    const friday = at(NOW + 24 * 3_600_000);
    await redeem(store, request(seats(1000, 2), "e"), friday);
    const amended = await redeem(store, request([{ ticket_type: "child", unit_price: 900, quantity: 2 }]), friday);
    assert.equal(amended.status, "accepted");
    assert.equal(amended.applied[0].remaining, 0);
  },
};

for (const [kind, open] of Object.entries({ memory: openMemory, SQLite: openSqlite })) {
  for (const [name, run] of Object.entries(TESTS)) {
    test(`${kind}: ${name}`, async () => {
      const host = open();
      try {
        await run(host.store, host.peer ?? host.store);
        assert.deepEqual(await audit(host.store), []);
      } finally {
        host.close();
      }
    });
  }
}
