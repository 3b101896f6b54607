// One round: hosts sell while a fault strikes, whoever was cut off asks again, and an auditor that shares nothing with
// the engine looks at what is stored.
import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { audit as kitAudit } from "redeemable/host";
import { audit } from "../audit.js";
import { sell, startHost } from "../hosts.js";
import { LIMITS, PROMOS, planOf } from "./plan.js";

/** Rounds on one database; hosts that a round did not kill sell in the next one. */
export async function openRounds(database) {
  const opened = await database.open();
  const start = () => startHost(null, "faults/host.js");
  const hosts = await Promise.all(Array.from({ length: database.hosts }, start));
  // The next one starts while the round goes on.
  let next = start();
  const spare = () => {
    const host = next;
    next = start();
    return host;
  };
  return {
    play: (seed) => play(database, opened, hosts, spare, planOf(seed, database.hosts)),
    async close() {
      for (const host of [...hosts, await next]) host.kill("SIGKILL");
      await opened.close();
    },
  };
}

/** Plays a round and returns whether it met its fault, and what was seen of it; throws what the auditor finds. */
async function play(database, opened, hosts, spare, plan) {
  const { kind, seed, orders, offsets, hold } = plan;
  const began = Date.now();
  const shop = await opened.prepare(plan);
  const seen = {};
  const unexpected = new Set();
  let heard = 0;
  let killed = 0;
  let over = false;
  const doomed = new Set();
  const progress = new Map(orders.map((order) => [order.id, order]));

  const hear = (message) => {
    const { seen: what = message.fault } = message;
    if (what) seen[what] = (seen[what] ?? 0) + 1;
    if (message.fault && !(database.thrown[kind] ?? /^busy$/).test(message.fault)) unexpected.add(message.fault);
    if (!message.id) return;
    heard += 1;
    const order = progress.get(message.id);
    order.told = { ...order.told, ...message, states: [...(order.told?.states ?? []), message.state] };
  };
  /** Gives a host its orders, and what it leaves behind when it is killed to another one. */
  const serve = async (n, share, commits = null) => {
    if (commits !== null) doomed.add(n);
    const end = await sell(
      hosts[n],
      {
        place: shop.place(n),
        orders: share,
        promos: PROMOS,
        offset: offsets[n],
        hold,
        seed: seed + n,
        atOnce: 3,
        commits,
      },
      hear,
    );
    if (end === "done" && !hosts[n].killed) return;
    assert.ok(doomed.delete(n), "a host was killed, and not by this round");
    killed += 1;
    hosts[n] = await spare();
    // It was done, and killed before that was heard.
    if (end === "done") return;
    await serve(
      n,
      share.filter((order) => !isServed(order)).map((order) => ({ ...order, resumed: true })),
    );
  };
  const context = {
    seen,
    pause,
    over: () => over,
    /** Waits until so many buyers have been told, and then a moment. */
    async strike() {
      while (heard < plan.strikeAt && !over) await pause(1);
      await pause(plan.delay);
    },
    /** Waits until it is so, the round is over or the time is up; says whether it is so. */
    async until(check, ms = Infinity) {
      const end = Date.now() + ms;
      while (!check() && !over && Date.now() < end) await pause(1);
      return check();
    },
    broadcast(message) {
      for (const host of hosts) if (host.connected) host.send(message);
    },
    /** True when the host had something left to do. */
    kill(n) {
      if (over || !orders.some((order, index) => index % hosts.length === n && !isServed(order))) return false;
      doomed.add(n);
      return hosts[n].kill("SIGKILL");
    },
  };
  /** Whoever looks meanwhile sees the same: whole plans, and no limit exceeded. */
  const watch = async () => {
    while (!over && kind !== "server_killed") {
      const tables = await opened.tables(shop, false);
      if (tables) check(tables);
      await pause(60);
    }
  };

  const faulty = opened.faults[kind](context, plan, shop);
  const selling = Promise.all(
    hosts.map((_, n) =>
      serve(
        n,
        orders.filter((__, index) => index % hosts.length === n),
        n === plan.victim ? (shop.commits ?? null) : null,
      ),
    ),
  ).finally(() => {
    over = true;
  });
  const stuck = pause(60_000, null, { ref: false }).then(() => {
    throw new Error("the round does not end");
  });
  // However it ends, whoever holds locks lets go of them.
  const [injected] = await Promise.race([Promise.all([faulty, selling, watch()]), stuck]).finally(() => {
    over = true;
  });

  const records = check(await opened.tables(shop));
  assert.deepEqual(
    [...unexpected],
    [],
    "the kit throws no fault but this round's, and answers what the database asks to be repeated",
  );
  for (const order of orders) checkTold(order, records.get(order.id));
  assert.deepEqual(await opened.kit(shop, kitAudit), [], "the kit's audit agrees");
  const skewed =
    kind === "clock_skew" &&
    orders.some(({ id, fate }) => fate === "leave" && records.get(id)?.tickets[0].released?.reason === "hold_expired");
  return {
    met: Boolean(kind === "clock_skew" ? skewed : injected),
    seen,
    killed,
    records: records.size,
    ms: Date.now() - began,
  };
}

/** The auditor's look at one moment; returns the records. */
function check(tables) {
  const records = audit(tables);
  for (const { key, used } of tables.counters) {
    const most = key.endsWith("/uses")
      ? key.startsWith("pool/")
        ? LIMITS.pool
        : LIMITS.uses
      : key.includes("/by/")
        ? LIMITS.identity
        : Infinity;
    assert.ok(Number(used) <= most, `${key} is ${used} of ${most}`);
  }
  return records;
}

/** What a buyer was told is stored, and no more tickets than they asked for. */
function checkTold({ id, fate, told }, record) {
  assert.ok(told, `order ${id} was not answered`);
  const { states } = told;
  if (states.includes("refused"))
    assert.ok(!record || record.state === "released", `order ${id} was refused, and has tickets`);
  if (!states.includes("held")) return;
  assert.ok(record, `order ${id} was accepted and is gone`);
  assert.equal(record.tickets.length, told.quantity, `order ${id} has the tickets that were sold`);
  assert.equal(
    record.tickets.reduce((sum, { price }) => sum + price, 0),
    told.total,
  );
  const back = record.tickets.filter(({ released }) => released).map(({ released: { reason } }) => reason);
  if (states.includes("paid")) assert.ok(record.confirmed_at_ms, `order ${id} was paid`);
  if (states.includes("paid"))
    assert.deepEqual(
      back,
      states.includes("returned") ? ["buyer_released"] : [],
      `order ${id} keeps what was paid for`,
    );
  if (states.includes("failed") || states.includes("refunded"))
    assert.deepEqual([record.state, back.length], ["released", told.quantity], `order ${id} was given back`);
  if (fate === "leave") assert.equal(record.confirmed_at_ms, null);
}

function isServed({ fate, told }) {
  const last = { leave: "held", fail: "failed", pay: "paid", late: "paid", return: "returned" }[fate];
  return [last, "refused", "refunded"].includes(told?.state);
}
