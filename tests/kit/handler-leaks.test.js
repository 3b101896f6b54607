// What a guesser learns: of a code that is not theirs nothing, and not often.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { clientOf, inMemory } from "../../pkg/js/handler-throttle.js";
import { NOW, eventWith, faultOf, openShop, wish } from "./handler-shop.js";
import { openMemory } from "./support.js";

const TEN = { code: "TEN", discount_percent: 10, max_uses: 3 };
const open = (promos) => openShop(openMemory().store, { gala: eventWith(promos) });

test("a code that is not accepted reads like one that nobody wrote: view, preview and order", async () => {
  const free = { discount: { kind: "free" } };
  const promos = [
    { ...free, code: "OFF", active: false },
    { ...free, code: "GUESTS", only_for: { email: ["ann@example.org"] } },
    { ...free, code: "SOON", starts_at_ms: NOW + 1 },
    { ...free, code: "OVER", ends_at_ms: NOW - 1, max_uses: 0 },
    { ...free, code: "ELSEWHERE", events: ["ball"] },
    { ...free, code: "BROKEN", max_usse: 1 },
  ];
  for (const found of [
    promos,
    (forms) => promos.filter(({ code }) => forms.some(({ canonical }) => canonical === code)),
  ]) {
    const shop = open(found);
    const identities = { email: "bob@example.org" };
    const all = async (code) => {
      const order = wish([code], 1, 1000, { identities, id: "00000000-0000-4000-8000-000000000000" });
      const { id, max_total, ...basket } = order;
      const answers = [
        await shop.view(code),
        await shop.post("events/gala/view", { codes: [code], identities }),
        await shop.post("events/gala/preview", basket),
        await shop.buy(order),
      ];
      assert.deepEqual(
        answers.map(({ code }) => code),
        [200, 200, 200, 200],
      );
      return JSON.stringify(answers).replaceAll(code, "CODE");
    };
    const unknown = await all("NOBODY");
    assert.match(unknown, /"promos":\[\].*not_accepted/);
    for (const { code } of promos) assert.equal(await all(code), unknown, code);
  }
});

test("a text of which no code can be made is an unknown code on every route, or no code at all", async () => {
  const shop = open([TEN]);
  for (const code of ["", " ", "\u200b", "-", "\u0000", "A\u0007B", "A".repeat(65), "\u00df".repeat(40), "__proto__"]) {
    const { id, max_total, ...basket } = wish([code], 1, 1000);
    const answers = [
      await shop.view(code),
      await shop.post("events/gala/view", { codes: [code] }),
      await shop.post("events/gala/preview", basket),
      await shop.buy({ id, max_total, ...basket }),
    ];
    assert.deepEqual(
      answers.map((answer) => answer.code),
      [200, 200, 200, 200],
      JSON.stringify(code),
    );
    assert.deepEqual(answers[0].view.promos, []);
  }
  assert.deepEqual(shop.errors, []);
});

test("an answer holds no counter, limit, pool, guest list, id or other code", async () => {
  const spring = {
    code: "TEN",
    id: "spring",
    discount_percent: 10,
    max_uses: 4711,
    budget: 815_815,
    pools: [{ id: "partners", max_uses: 333 }],
    only_for: { email: ["@example.org"] },
    combines: true,
  };
  const shop = open([spring, { code: "SECRET", discount_percent: 90, combines: true }]);
  const identities = { email: "ann@example.org" };
  const order = wish(["TEN"], 2, 1800, { identities });
  const { id, max_total, ...basket } = order;
  const answers = [
    await shop.view("TEN"),
    await shop.post("events/gala/view", { codes: ["TEN"], identities }),
    await shop.post("events/gala/preview", basket),
    await shop.buy(order),
    await shop.buy(order),
    await shop.get(`orders/${id}`),
    await shop.buy({ ...order, id: randomUUID(), max_total: 1 }),
    await shop.buy({ ...order, id: randomUUID(), codes: ["TEN", "NOPE"] }),
    await shop.pay(id, 1800),
    await shop.release(id, randomUUID()),
  ];
  assert.deepEqual(
    answers.map(({ code }) => code),
    Array(10).fill(200),
  );
  const hidden =
    /spring|partners|4711|4709|815|333|331|@example\.org"\]|SECRET|counter|charges|revision|remaining|violations|"ops"/;
  // The random ids of orders may have any figures.
  const uuid = /"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"/g;
  for (const [i, answer] of answers.entries()) {
    const told = JSON.stringify(answer).replaceAll(uuid, "");
    const text = told.replaceAll('"email:ann@example.org"', "").replaceAll('"ann@example.org"', "");
    assert.doesNotMatch(text, hidden, `answer ${i}`);
  }
});

test("guesses are counted by code, address and event, and the wait is told", async () => {
  const events = { gala: eventWith([TEN]), ball: eventWith([TEN]) };
  const shop = openShop(openMemory().store, events, { codesPerMinute: 3 });
  const address = "203.0.113.9";
  const waits = [429, "too_many_codes", "codes"];
  const basket = { codes: ["A", "", " ", "B"], lines: [{ ticket_type: "seat", quantity: 1 }] };
  assert.equal((await shop.view("TEN", address)).code, 200);
  assert.equal((await shop.post("events/gala/preview", basket, {}, address)).code, 200);
  shop.now += 20_000;
  const answer = await shop.send("GET", "events/gala/view?code=TEN", undefined, {}, address);
  assert.deepEqual([answer.status, answer.headers.get("retry-after")], [429, "40"]);
  assert.deepEqual(faultOf(await shop.post("events/gala/preview", basket, {}, address)), waits);
  assert.deepEqual(faultOf(await shop.post("events/gala/orders", wish(["TEN"], 1, 900), {}, address)), waits);
  assert.deepEqual(faultOf(await shop.post("events/gala/view", { codes: ["TEN"] }, {}, address)), waits);
  // Without a code there is nothing to guess. Another address and another event have counts of their own.
  assert.equal((await shop.post("events/gala/orders", wish([], 1, 1000), {}, address)).status, "accepted");
  assert.equal((await shop.view("TEN", "203.0.113.10")).code, 200);
  assert.equal((await shop.ask("GET", "events/ball/view?code=TEN", undefined, {}, address)).code, 200);
  shop.now += 40_000;
  assert.equal((await shop.view("TEN", address)).code, 200);

  const blind = openShop(openMemory().store, events);
  assert.deepEqual(faultOf(await blind.view("TEN", "")), [500, "internal", ""]);
  assert.match(blind.errors[0].message, /expected the client's address: .* addressOf/);
  const asked = [];
  const throttle = async (client, codes) => {
    asked.push([client, codes]);
    return 1.2;
  };
  const shared = openShop(openMemory().store, events, { throttle, addressOf: (request) => request.headers.get("ip") });
  const told = await shared.send("GET", "events/gala/view?code=A", undefined, { ip: "::1" });
  assert.deepEqual([told.status, told.headers.get("retry-after")], [429, "2"]);
  assert.deepEqual(asked, [['["gala","0:0:0:0"]', 1]]);
});

test("one client is one IPv4 address, or the first half of an IPv6 address; and the memory is bounded", () => {
  for (const [address, client] of [
    ["192.0.2.1", "192.0.2.1"],
    ["::ffff:192.0.2.1", "192.0.2.1"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2"],
    ["2001:DB8:1:2::6", "2001:db8:1:2"],
    ["2001:0db8:0001:0002:0000::", "2001:db8:1:2"],
    ["2001:db8::1", "2001:db8:0:0"],
    ["192.0.2.1:50123", "192.0.2.1"],
    ["[2001:db8:1:2::6]:50123", "2001:db8:1:2"],
    ["[2001:db8:1:2::6]", "2001:db8:1:2"],
    ["fe80::1%eth0", "fe80:0:0:0"],
    ["::", "0:0:0:0"],
  ])
    assert.equal(clientOf(address), client);

  let now = NOW;
  const wait = inMemory(1, () => now);
  assert.deepEqual([wait("a", 1), wait("a", 1)], [0, 60]);
  // 9 999 more clients fit; the next one makes room, and the oldest is forgotten.
  for (let n = 1; n < 10_000; n += 1) wait(`b${n}`, 1);
  assert.equal(wait("a", 1), 60);
  wait("c", 1);
  assert.deepEqual([wait("c", 1), wait("b2", 1), wait("a", 1)], [60, 60, 0]);
  now += 60_000;
  assert.equal(wait("c", 1), 0);
});

test("a view costs the shop the same whether or not the code exists", async () => {
  const hidden = [
    { code: "OFF", discount_percent: 50, active: false },
    { code: "GUESTS", discount_percent: 50, only_for: { email: ["ann@example.org"] } },
    { code: "OVER", discount_percent: 50, ends_at_ms: NOW - 1 },
    { code: "ELSEWHERE", discount_percent: 50, events: ["ball"] },
  ];
  for (const identities of [{}, { email: "bob@example.org" }]) {
    const reads = [];
    let asked = 0;
    const counted = ({ code, ...promo }) => ({
      ...promo,
      // The engine reads a promotion's code each time that it is asked.
      get code() {
        asked += 1;
        return code;
      },
    });
    const store = {
      read: async (keys) => {
        reads.push(keys.length);
        return { counters: {}, existing: null };
      },
    };
    const event = eventWith([TEN, ...hidden].map(counted), { policy: { max_tickets_per_identity: 4 } });
    const shop = openShop(store, { gala: event });
    const costOf = async (code) => {
      [asked, reads.length] = [0, 0];
      const { view } = await shop.post("events/gala/view", { codes: [code], identities });
      return { asked, reads: [...reads], shown: view.promos.length };
    };
    // The first code that is not accepted makes the shop look for faults in the list, once.
    await costOf("NOBODY");
    const unknown = await costOf("NOBODY");
    assert.ok(unknown.asked > 0 && unknown.reads.length === 1 && unknown.reads[0] > 0);
    for (const { code } of hidden) assert.deepEqual(await costOf(code), unknown, code);
    assert.deepEqual(await costOf("TEN"), { ...unknown, shown: 1 });
  }
});

test("a view has what is left of a promotion that applies by itself, also to more tickets", async () => {
  const duo = { code: "DUO", automatic: true, discount_percent: 10, min_tickets: 2, max_uses: 4 };
  // With 16 others before it, DUO's counters are read with a second question.
  const others = Array.from({ length: 16 }, (_, n) => ({ ...duo, code: `OTHER${n}`, active: false }));
  const shop = open([...others, duo]);
  const left = async () => (await shop.view("")).view.promos.map(({ code, max_uses }) => [code, max_uses]);
  assert.deepEqual(await left(), [["DUO", 4]]);
  // Two of 10.00, less 10 %.
  await shop.buy(wish([], 2, 1800));
  assert.deepEqual(await left(), [["DUO", 2]]);
  await shop.buy(wish([], 2, 1800));
  assert.deepEqual(await left(), []);
});
