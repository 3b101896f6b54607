// The retry loop of the kit: how often it asks, how long it pauses, which errors it lets through, and which arguments
// it refuses.
import assert from "node:assert/strict";
import { test } from "node:test";
import { PreparedRules } from "redeemable";
import { Busy, confirm, preview, redeem, release, sweep } from "redeemable/host";
import { memoryStore } from "redeemable/memory";
import { postgresStore } from "redeemable/postgres";
import { sqliteStore } from "redeemable/sqlite";

const NOW = 1_800_000_000_000;
const now = () => NOW;
const USES = "code/event:gala:TEN/uses";
const PAID = { id: "p-1", total: 900, currency: "EUR" };
const NOTHING = { counters: {}, existing: null, archived: false };
const request = (id, more = {}) => ({
  codes: ["TEN"],
  promos: [{ code: "TEN", discount_percent: 10, max_uses: 3 }],
  order: {
    id,
    event_id: "gala",
    currency: "EUR",
    lines: [{ unit_price: 1000, quantity: 1 }],
    hold_until_ms: NOW + 1000,
  },
  ...more,
});

/** A store whose first commits fail, as if another host were faster, and that counts its calls. */
function unlucky(losses) {
  const store = memoryStore();
  const asked = { read: 0, commit: 0, find: 0 };
  const counted =
    (name, work) =>
    (...values) => {
      asked[name] += 1;
      return work(...values);
    };
  return {
    inner: store,
    asked,
    read: counted("read", store.read),
    find: counted("find", store.find),
    commit: counted("commit", async (ops, write) => {
      if (asked.commit > losses) return store.commit(ops, write);
      // This operation cannot succeed, so the host's own write is undone with the plan.
      return store.commit([...ops, { op: "add", key: "full", by: 1, at_most: 0 }], write);
    }),
  };
}

/** Runs without waiting, with `luck` in place of random numbers, and returns how long each pause would have been. */
async function pauses(t, luck, run) {
  const asked = [];
  t.mock.method(Math, "random", () => luck);
  t.mock.method(globalThis, "setTimeout", (resume, ms) => {
    asked.push(ms);
    queueMicrotask(resume);
  });
  await run();
  t.mock.restoreAll();
  return asked;
}

test("after 8 attempts the host is busy, and nothing is stored", async (t) => {
  const store = unlucky(Infinity);
  let writes = 0;
  const write = (rows) => {
    rows.set("ticket", ++writes);
  };
  const paused = await pauses(t, 0.5, () =>
    assert.rejects(redeem(store, request("a"), { now, write }), (error) => {
      assert.ok(error instanceof Busy && error instanceof Error);
      assert.deepEqual([error.code, error.attempts, error.name], ["busy", 8, "Busy"]);
      return true;
    }),
  );
  assert.deepEqual(store.asked, { read: 8, commit: 8, find: 0 });
  assert.equal(writes, 8);
  assert.deepEqual(paused, [10, 20, 40, 80, 80, 80, 80], "half of 20, 40, 80, 160, 160, 160, 160 ms");
  assert.deepEqual([await store.inner.read([USES], "a"), store.inner.rows.size], [NOTHING, 0]);
});

test("confirm and release give up in the same way", async (t) => {
  const store = unlucky(0);
  await redeem(store, request("a"), { now });
  const stuck = { ...store, commit: async () => false };
  await pauses(t, 0, async () => {
    await assert.rejects(confirm(stuck, { id: "a", payment: PAID }, { now, attempts: 3 }), {
      code: "busy",
      attempts: 3,
    });
    await assert.rejects(release(stuck, { id: "a", reason: "refunded" }, { now, attempts: 1 }), {
      code: "busy",
      attempts: 1,
    });
  });
  assert.equal((await store.inner.read([], "a")).existing.state, "held");
});

test("after a lost race the order is decided anew, on what is stored by then", async (t) => {
  const store = unlucky(2);
  await store.inner.commit([{ op: "add", key: USES, by: 2, at_most: 3 }]);
  const clock = [NOW, NOW + 1, NOW + 2];
  const paused = await pauses(t, 0.999, async () => {
    const decision = await redeem(store, request("a"), {
      now: () => clock.shift(),
      write: (rows) => {
        rows.set("ticket", 1);
      },
    });
    assert.deepEqual([decision.status, decision.ops[0].redemption.created_at_ms], ["accepted", NOW + 2]);
  });
  assert.deepEqual([store.asked.commit, paused.length, store.inner.rows.size], [3, 2, 1]);
  assert.ok(paused[0] < 20 && paused[1] < 40);

  const last = unlucky(1);
  const sold = {
    ...last,
    commit: async (ops, write) => {
      // Meanwhile another buyer takes all uses.
      await last.inner.commit([{ op: "add", key: USES, by: 3, at_most: 3 }]);
      return last.commit(ops, write);
    },
  };
  const refused = await redeem(sold, request("a"), { now });
  assert.deepEqual(
    [refused.status, refused.violations[0].reason, last.asked],
    ["rejected", "uses_exhausted", { read: 2, commit: 1, find: 1 }],
  );
});

test("lapsed holds are looked for only when a counter refuses, and only those that charge this counter", async () => {
  const store = unlucky(0);
  const queries = [];
  const find = (query) => {
    queries.push(query);
    return store.inner.find(query);
  };
  const watched = { ...store, find };
  const promos = [
    { code: "TEN", discount_percent: 10, max_uses: 1, pools: [{ id: "p", max_uses: 9 }], combines: true },
    { code: "OFF", discount_percent: 10, active: false, combines: true },
  ];
  await redeem(watched, request("a", { promos }), { now });
  await redeem(watched, request("b", { promos, codes: ["OFF"] }), { now });
  await redeem(watched, request("b", { promos, codes: ["NOPE"] }), { now });
  assert.deepEqual(queries, []);
  await redeem(watched, request("b", { promos, codes: ["TEN", "OFF"] }), { now });
  assert.deepEqual(queries, [{ lapsed_by_ms: NOW, keys: [USES], limit: 10 }]);
  await preview(watched, request("b", { promos }), { now });
  assert.deepEqual(queries, Array(2).fill({ lapsed_by_ms: NOW, keys: [USES], limit: 10 }), "and a preview looks, too");
});

test("counters are read for a payment only when its tickets have lapsed", async () => {
  const store = unlucky(0);
  const keys = [];
  const watched = {
    ...store,
    read: (...asked) => {
      keys.push(asked[0]);
      return store.inner.read(...asked);
    },
  };
  await redeem(store, request("a"), { now });
  await release(watched, { id: "a", reason: "hold_expired" }, { now });
  await confirm(watched, { id: "a", payment: PAID }, { now });
  await confirm(watched, { id: "a", payment: PAID }, { now });
  assert.deepEqual(keys, [[], [], [USES, "code/event:gala:TEN/spend/EUR"], []]);
});

test("a sweep skips holds that others have changed meanwhile, and comes to an end", async () => {
  const store = unlucky(0);
  for (const id of ["a", "b", "c"]) await redeem(store, request(id), { now });
  const later = { now: () => NOW + 1000 };
  const lost = { ...store, commit: (ops, write) => (ops[0].id === "b" ? false : store.inner.commit(ops, write)) };
  assert.equal(await sweep(lost, later), 2);
  assert.equal((await store.inner.read([], "b")).existing.state, "held");
  assert.deepEqual((await store.inner.read([USES], null)).counters, { [USES]: 1 });
  assert.equal(
    await sweep(store, {
      ...later,
      write: (rows, [{ id }]) => {
        rows.set(id, "released");
      },
    }),
    1,
  );
  assert.deepEqual([...store.inner.rows], [["b", "released"]]);
});

test("a hold that cannot be released does not stop a sweep, is reported at its end, and helps no buyer", async () => {
  const store = unlucky(0);
  for (const id of ["a", "b", "c"]) await redeem(store, request(id), { now });
  const newer = (hold) => (hold.id === "a" ? { ...hold, schema: 3 } : hold);
  const mixed = {
    ...store,
    async find(query) {
      const { holds, counters } = await store.inner.find(query);
      return { holds: holds.map(newer), counters };
    },
  };
  const later = { now: () => NOW + 1000 };
  // Lapsed holds have all three uses. The engine cannot read one of the three records, so a buyer can have two uses and
  // no third.
  const seats = (quantity) => ({ order: { ...request("d").order, lines: [{ unit_price: 1000, quantity }] } });
  assert.equal((await preview(mixed, request("d", seats(2)), later)).status, "accepted");
  const { status, violations } = await redeem(mixed, request("d", seats(3)), later);
  assert.deepEqual(
    [status, violations.map(({ reason, remaining }) => [reason, remaining])],
    ["rejected", [["uses_exhausted", 2]]],
  );
  await assert.rejects(sweep(mixed, later), { path: "redemption.schema" });
  assert.deepEqual((await store.inner.read([USES], null)).counters, { [USES]: 1 });
  assert.equal(await sweep(store, later), 1);
});

test("a sweep can skip more holds than it looks at in one go", async () => {
  const store = unlucky(0);
  const many = { promos: [{ code: "TEN", discount_percent: 10 }] };
  for (let i = 0; i < 130; i += 1) await redeem(store, request(`o-${String(i).padStart(3, "0")}`, many), { now });
  // Another host is changing the 110 oldest holds: the other 20 are given back all the same.
  const busy = { ...store, commit: (ops, write) => (ops[0].id < "o-110" ? false : store.inner.commit(ops, write)) };
  assert.equal(await sweep(busy, { now: () => NOW + 1000 }), 20);
});

/** An order with the code TEN, which has `max_uses` uses; the order is held until `hold_until_ms`. */
const order = (id, quantity, max_uses, { email, hold_until_ms = NOW + 5000 } = {}) => ({
  codes: ["TEN"],
  promos: [{ code: "TEN", discount_percent: 10, max_uses, max_uses_per_identity: email && 1 }],
  order: {
    id,
    event_id: "gala",
    currency: "EUR",
    lines: [{ unit_price: 1000, quantity }],
    identities: { email },
    hold_until_ms,
  },
});
const reclaimed = ({ status, ops }) => {
  assert.equal(status, "accepted");
  return ops.filter(({ op }) => op === "update").length;
};

test("of many lapsed holds a buyer reclaims a few, and more only when these do not suffice", async () => {
  const { inner: store } = unlucky(0);
  for (let i = 0; i < 300; i += 1) await redeem(store, order(`o-${i}`, 1, 300, { hold_until_ms: NOW + 1000 }), { now });
  const later = { now: () => NOW + 1000 };
  // The kit looks at ten holds first, of one use each. It reclaims 1, 2, 4, 8 or all ten; then it looks at more holds.
  for (const [id, quantity, holds] of [
    ["one", 1, 1],
    ["more", 9, 10],
    ["most", 120, 128],
  ])
    assert.equal(reclaimed(await redeem(store, order(id, quantity, 300), later)), holds);
  // These three orders hold 130 of 300 uses. Once every lapsed hold is given back, 170 uses are free, but not 171.
  const { violations } = await redeem(store, order("too many", 171, 300), later);
  assert.deepEqual(
    violations.map(({ used, remaining }) => [used, remaining]),
    [[130, 170]],
  );
  assert.equal((await redeem(store, order("rest", 170, 300), later)).status, "accepted");
  assert.deepEqual((await store.read([USES], null)).counters, { [USES]: 300 });
});

test("the only lapsed hold that helps is found among many that do not", async () => {
  const { inner: store } = unlucky(0);
  // Ann may use the code once, and her own lapsed hold has that use. The other holds charge the code, but not Ann.
  for (let i = 0; i < 399; i += 1)
    await redeem(store, order(`o-${i}`, 1, 400, { email: `${i}@example.org`, hold_until_ms: NOW + 1000 }), { now });
  await redeem(store, order("ann's", 1, 400, { email: "ann@example.org", hold_until_ms: NOW + 1000 }), { now });
  assert.equal(
    (await redeem(store, order("again", 1, 400, { email: "ann@example.org" }), { now: () => NOW + 1000 })).status,
    "accepted",
  );
  assert.equal((await store.read([], "ann's")).existing.state, "released");
});

test("a refusal must still be right when the lapsed holds are looked for", async () => {
  for (const ask of [redeem, preview]) {
    const { inner: store } = unlucky(0);
    await redeem(store, order("a", 3, 3, { hold_until_ms: NOW + 1000 }), { now });
    // A sweep gives all uses back after the buyer's read, and before the kit looks for lapsed holds.
    const late = {
      ...store,
      read: async (...asked) => {
        const read = await store.read(...asked);
        await sweep(store, { now: () => NOW + 1000 });
        return read;
      },
    };
    const decision = await ask(late, order("b", 1, 3), { now: () => NOW + 1000 });
    assert.deepEqual([decision.status, decision.applied[0].remaining], ["accepted", 2], ask.name);
  }
});

test("a row that is held while its document is not is skipped and reported at the end", async () => {
  const { inner: store } = unlucky(0);
  for (const id of ["a", "b"]) await redeem(store, request(id), { now });
  await confirm(store, { id: "a", payment: PAID }, { now });
  const paid = (await store.read([], "a")).existing;
  // Somebody edited the table by hand, or restored only one column: `find` would return this row for ever.
  let looks = 0;
  const odd = {
    ...store,
    async find(query) {
      const { holds, counters } = await store.find(query);
      if (++looks > 5) throw new Error("the sweep goes round in circles");
      return { holds: [paid, ...holds], counters };
    },
  };
  await assert.rejects(sweep(odd, { now: () => NOW + 1000 }), {
    path: "redemption.state",
    message: /expected held, as its row says, found confirmed, in the redemption a$/,
  });
  assert.deepEqual((await store.read([USES], null)).counters, { [USES]: 1 }, "b is released");
});

test("a clock that does not count milliseconds is a mistake", async () => {
  const store = memoryStore();
  for (const wrong of [1_800_000_000, Number.NaN, "1800000000000", undefined, 1_800_000_000_000.5]) {
    await assert.rejects(sweep(store, { now: () => wrong }), { code: "invalid_request", path: "options.now" });
  }
});

test("an error thrown by onDrift does not make a stored plan look as if it were not stored", async (t) => {
  const told = t.mock.method(console, "error", () => {});
  const store = memoryStore({
    onDrift: () => {
      throw new Error("the log is full");
    },
  });
  assert.equal(await store.commit([{ op: "add", key: "a", by: -1, at_most: null }]), true);
  assert.equal(told.mock.callCount(), 1);
});

test("an error of a store or of the host's write reaches the caller unchanged and is not tried again", async () => {
  const fault = new Error("the disk is full");
  const store = unlucky(0);
  for (const name of ["read", "commit", "find"]) {
    let times = 0;
    const broken = {
      ...store,
      [name]: async () => {
        times += 1;
        throw fault;
      },
    };
    const full = request("a", { promos: [{ code: "TEN", discount_percent: 10, max_uses: 0 }] });
    await assert.rejects(
      redeem(broken, name === "find" ? full : request("a"), { now }),
      (error) => error === fault,
      name,
    );
    assert.equal(times, 1, name);
  }
  await assert.rejects(
    redeem(store, request("a"), {
      now,
      write: () => {
        throw fault;
      },
    }),
    (error) => error === fault,
  );
  await assert.rejects(redeem(store, request("a"), { now, write: async () => {} }), /must not be asynchronous/);
  assert.equal((await store.inner.read([], "a")).existing, null);
});

test("approve sees every decision that would be sold, and its refusal stores nothing", async () => {
  const store = unlucky(1);
  const seen = [];
  const approve = async ({ status, replayed, quote }) => {
    seen.push([status, replayed, quote.total]);
  };
  const dear = new Error("the buyer agreed to another total");
  await assert.rejects(
    redeem(store, request("o-1"), {
      now,
      approve: () => {
        throw dear;
      },
    }),
    (error) => error === dear,
  );
  assert.deepEqual([store.asked.commit, (await store.inner.read([], "o-1")).existing], [0, null]);
  for (const approve of [({ quote }) => quote.total === 800, async () => false]) {
    const expected = {
      code: "invalid_request",
      path: "options.approve",
      message: "expected it to throw in order to refuse, found false",
    };
    await assert.rejects(redeem(store, request("o-1"), { now, approve }), expected);
  }
  assert.deepEqual([store.asked.commit, (await store.inner.read([], "o-1")).existing], [0, null]);
  await redeem(store, request("o-1"), { now, approve });
  await redeem(store, request("o-1"), { now, approve });
  assert.deepEqual(
    seen,
    [
      ["accepted", false, 900],
      ["accepted", false, 900],
      ["accepted", true, 900],
    ],
    "the lost race, the sale, its repetition",
  );
  await redeem(store, { ...request("o-2"), codes: ["NOPE"] }, { now, approve });
  assert.equal(seen.length, 3, "a refusal needs no approval");
  await assert.rejects(redeem(store, request("o-3"), { now, approve: true }), {
    code: "invalid_request",
    path: "options.approve",
  });
  await assert.rejects(confirm(store, { id: "o-1", payment: PAID }, { now, approve }), {
    code: "invalid_request",
    path: "options.approve",
  });
});

test("a mistake is an error that names the field, before anything is asked of the store", async () => {
  const store = {
    read: () => assert.fail("read"),
    commit: () => assert.fail("commit"),
    find: () => assert.fail("find"),
  };
  const fails = (promise, path, code = "invalid_request") =>
    assert.rejects(promise, (error) => {
      assert.deepEqual([error.code, error.path], [code, path], error.message);
      assert.match(error.message, /expected|missing/);
      return true;
    });
  await fails(redeem(store, request(null), { now }), "order.id");
  await fails(redeem(store, request(undefined), { now }), "order.id");
  await fails(redeem(store, request(""), { now }), "order.id");
  await fails(redeem(store, { ...request("a"), usage: null }, { now }), "usage");
  await fails(redeem(store, { ...request("a"), now_ms: NOW }, { now }), "now_ms");
  await fails(preview(store, { ...request("a"), usage: {} }, { now }), "usage");
  await fails(preview(store, { ...request("a"), order: null }, { now }), "order");
  await fails(
    redeem(store, request("a", { promos: [{ code: "TEN", discount_percent: 10, max_usse: 5 }] }), { now }),
    "promos[0].max_usse",
    "invalid_promo",
  );
  await fails(redeem(store, request("a"), { attempt: 3 }), "options.attempt");
  await fails(redeem(store, request("a"), { attempts: 0 }), "options.attempts");
  await fails(redeem(store, request("a"), { attempts: 1.5 }), "options.attempts");
  await fails(redeem(store, request("a"), { now: NOW }), "options.now");
  await fails(redeem(store, request("a"), { write: {} }), "options.write");
  await fails(redeem(store, request("a"), null), "options");
  await fails(preview(store, request("a"), { writes: null }), "options.writes");
  await fails(sweep(store, { limit: 5 }), "options.limit");
  await fails(confirm(store, { id: "a" }), "payment");
  await fails(confirm(store, { id: "a", payment: { id: "p-1", currency: "EUR" } }), "payment.total");
  await fails(confirm(store, { id: "a", payment: { ...PAID, amount: 900 } }), "payment.amount");
  await fails(confirm(store, { id: "a", payment: PAID, overlimit: true }), "overlimit");
  await fails(confirm(store, { payment: PAID }), "id");
  await fails(confirm(store, { id: "\ud800", payment: PAID }), "id");
  await fails(release(store, { id: 7, reason: "refunded" }), "id");
  await fails(release(store, { id: "a", reason: "refunded", ticket: [0] }), "ticket");
  await fails(release(store, "a"), "");
  for (const make of [memoryStore, (options) => sqliteStore({}, options), (options) => postgresStore({}, options)]) {
    assert.throws(() => make({ ondrift: null }), { code: "invalid_request", path: "options.ondrift" });
  }
});

test("the kit ignores options on a polluted prototype", async () => {
  const polluted = async (field, value, run) => {
    Object.prototype[field] = value;
    try {
      return await run();
    } finally {
      delete Object.prototype[field];
    }
  };
  const store = memoryStore();
  const of = (id) => request(id, { promos: [{ code: "TEN", discount_percent: 10, max_uses: 1 }] });
  await redeem(store, of("late"), { now });
  const later = { now: () => NOW + 1000 };
  await sweep(store, later);
  assert.equal(
    (await redeem(store, { ...of("next"), order: { ...of("next").order, hold_until_ms: NOW + 5000 } }, later)).status,
    "accepted",
  );

  assert.equal(
    (await polluted("over_limit", true, () => confirm(store, { id: "late", payment: PAID }, later))).status,
    "late_payment_conflict",
  );
  await assert.rejects(
    polluted("total", null, () => confirm(store, { id: "next", payment: { id: "p-1" } }, later)),
    { path: "payment.total" },
  );
  const {
    order: { id, ...order },
    ...others
  } = of("unnamed");
  await assert.rejects(
    polluted("id", "theirs", () => redeem(store, { ...others, order }, { now })),
    { path: "order.id" },
  );
  for (const option of ["write", "now", "attempts", "approve"]) {
    assert.equal(
      (
        await polluted(option, "theirs", () =>
          confirm(store, { id: "next", payment: { ...PAID, id: option, total: 1 } }, later),
        )
      ).status,
      "stale_payment",
    );
  }
  assert.equal(
    (await polluted("tickets", [], () => release(store, { id: "next", reason: "buyer_released" }, later))).status,
    "released",
  );
});

test("a mistake that the engine finds in a stored order's request is an error, too", async () => {
  const store = memoryStore();
  await redeem(store, request("a"), { now });
  await assert.rejects(release(store, { id: "a", reason: "cancelled" }, { now }), {
    code: "invalid_request",
    path: "release.reason",
  });
  await assert.rejects(release(store, { id: "a", reason: "refunded", tickets: [1] }, { now }), {
    code: "invalid_request",
    path: "release.tickets[0]",
  });
  await assert.rejects(confirm(store, { id: "a", payment: { ...PAID, total: "900" } }, { now }), {
    code: "invalid_request",
    path: "payment.total",
  });
});

test("prepared rules give the same decisions as promos and policy, lapsed holds included", async () => {
  const policy = { max_tickets_per_identity: 2 };
  const { promos } = request();
  const rules = new PreparedRules({ promos, policy });
  const buyer = (id, quantity, email) => {
    const { codes, order } = request(id);
    return {
      codes,
      order: { ...order, lines: [{ unit_price: 1000, quantity }], identities: { email }, hold_until_ms: NOW + 5000 },
    };
  };
  const [plain, prepared] = [memoryStore(), memoryStore()];
  const both = async (call, asked, at = NOW) => {
    const options = { now: () => at };
    const decision = await call(plain, { ...asked, promos, policy, rules: null }, options);
    assert.deepEqual(await call(prepared, { ...asked, rules, promos: null }, options), decision);
    return decision;
  };
  // There are three uses, and two tickets per person. Ann holds two and may have no third. Bob wants two, and only one
  // is left until Ann's hold lapses.
  assert.deepEqual((await both(preview, buyer("a", 2, "ann@example.org"))).quote.total, 1800);
  assert.equal((await both(redeem, buyer("a", 2, "ann@example.org"))).ops.length, 4);
  assert.equal((await both(redeem, buyer("a", 2, "ann@example.org"))).replayed, true);
  assert.equal((await both(redeem, buyer("c", 1, "ann@example.org"))).violations[0].reason, "tickets_exhausted");
  assert.equal((await both(redeem, buyer("b", 2, "bob@example.org"))).violations[0].reason, "uses_exhausted");
  const later = { ...buyer("b", 2, "bob@example.org") };
  later.order.hold_until_ms = NOW + 9000;
  assert.equal((await both(redeem, later, NOW + 5000)).status, "accepted");
  assert.equal((await prepared.read([], "a")).existing.state, "released");
  assert.deepEqual((await prepared.read([USES], null)).counters, { [USES]: 2 });
});

test("a request with rules and promos, or with neither, is an error that names the field", async () => {
  const store = memoryStore();
  const rules = new PreparedRules({ promos: request().promos });
  const { codes, order } = request("a");
  for (const call of [preview, redeem]) {
    const fails = (asked, path) =>
      assert.rejects(call(store, { codes, order, ...asked }, { now }), { code: "invalid_request", path });
    await fails({ rules, promos: [] }, "promos");
    await fails({ rules, policy: {} }, "policy");
    await fails({}, "promos");
    await fails({ rules: null }, "promos");
    await fails({ rules: { promos: [] } }, "rules");
    await fails({ rules, usage: {} }, "usage");
  }
  await assert.rejects(redeem(store, { ...request(null), promos: undefined, rules }, { now }), { path: "order.id" });
  rules.free();
  await assert.rejects(redeem(store, { codes, order, rules }, { now }), /^Error: these rules were freed$/);
});

test("promos may be a function that finds the documents of the typed codes", async () => {
  const store = memoryStore();
  const asked = [];
  const document = request().promos[0];
  const find = (codes) => {
    asked.push(codes);
    return [document];
  };
  const { order } = request("a");
  const codes = [" t\u200ben", "TEN", " ", "o’neil-7"];
  const whole = await preview(store, { codes, promos: [document], order }, { now });
  for (const promos of [find, async (typed) => find(typed)])
    assert.deepEqual(await preview(store, { codes, promos, order }, { now }), whole);
  // The function gets each code once, and no blank ones.
  assert.deepEqual(
    asked,
    Array(2).fill([
      { canonical: "TEN", loose: "TEN" },
      { canonical: "O’NEIL-7", loose: "ONEIL7" },
    ]),
  );
  assert.equal((await redeem(store, { codes: ["ten"], promos: find, order }, { now })).quote.total, 900);
  assert.equal(
    (
      await redeem(
        store,
        { codes: [" "], promos: () => assert.fail("no code was typed"), order: { ...order, id: "b" } },
        { now },
      )
    ).quote.total,
    1000,
  );
});

test("documents are found anew at each attempt, so a code that was switched off meanwhile is not sold", async (t) => {
  const store = unlucky(1);
  const {
    promos: [document],
    ...rest
  } = request("a");
  let looks = 0;
  const promos = () => [{ ...document, active: ++looks === 1 }];
  await pauses(t, 0, async () => {
    const decision = await redeem(store, { ...rest, promos }, { now });
    assert.deepEqual([decision.status, decision.violations[0].reason], ["rejected", "inactive"]);
  });
  assert.deepEqual([looks, store.asked.commit], [2, 1]);
  assert.deepEqual(await store.inner.read([USES], "a"), NOTHING);
});

test("a malformed request does not call the host's function; a fault of that function reaches the host", async () => {
  const store = memoryStore();
  const { codes, order } = request("a");
  const never = () => assert.fail("not to be asked");
  const rules = new PreparedRules({ promos: [] });
  for (const call of [preview, redeem]) {
    const fails = (asked, path) =>
      assert.rejects(call(store, { codes, order, ...asked }, { now }), { code: "invalid_request", path });
    await fails({ promos: never, codes: ["TEN", 7] }, "codes[1]");
    await fails({ promos: never, codes: "TEN" }, "codes");
    await fails({ promos: never, codes: Array(17).fill("TEN") }, "codes");
    await fails({ promos: never, order: { ...order, lines: [] } }, "order.lines");
    await fails({ promos: never, policy: { max_ticket: 1 } }, "policy.max_ticket");
    await fails({ promos: never, rules }, "promos");
    await fails({ promos: () => null }, "promos");
    await fails({ promos: async () => ({}) }, "promos");
    await assert.rejects(
      call(
        store,
        {
          codes,
          order,
          promos: async () => {
            throw new Error("no connection");
          },
        },
        { now },
      ),
      /^Error: no connection$/,
    );
  }
  assert.deepEqual(await store.read([USES], "a"), NOTHING);
});

test("a document with faults makes its own code unknown and no other, if the host says so", async () => {
  const store = memoryStore();
  const {
    order,
    promos: [document],
  } = request("a");
  const promos = [document, { code: "BAD", discount_percent: "10" }, 7];
  const ask = (call, code, more) => call(store, { codes: [code], order, promos, ...more }, { now });
  for (const call of [preview, redeem]) {
    for (const unsound of [undefined, null, "refuse"]) {
      await assert.rejects(ask(call, "TEN", { unsound }), {
        code: "invalid_promo",
        path: "promos[1].discount_percent",
      });
    }
    await assert.rejects(ask(call, "TEN", { unsound: "leave_them_out" }), { code: "invalid_request", path: "unsound" });
    await assert.rejects(ask(call, "TEN", { unsound: "leave_out", policy: { max_ticket: 1 } }), {
      code: "invalid_request",
      path: "policy.max_ticket",
    });
    await assert.rejects(ask(call, "TEN", { unsound: "leave_out", promos: undefined }), {
      code: "invalid_request",
      path: "promos",
    });
    await assert.rejects(
      call(store, { codes: [], order, rules: new PreparedRules({ promos: [] }), unsound: "leave_out" }, { now }),
      { path: "unsound" },
    );
    const refused = await ask(call, "bad", { unsound: "leave_out" });
    assert.deepEqual(
      refused.violations.map(({ reason, public_reason, message }) => [reason, public_reason, message]),
      [["unknown_code", "not_accepted", "BAD is left out, because its document has faults"]],
    );
    assert.equal((await ask(call, "TEN", { unsound: "leave_out" })).quote.total, 900);
    assert.equal((await ask(call, "TEN", { unsound: "leave_out", promos: () => promos })).quote.total, 900);
  }
  assert.equal((await store.read([], "a")).existing.state, "held");
});
