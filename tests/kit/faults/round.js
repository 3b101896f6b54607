// One round: hosts sell while a fault happens, calls that were cut off are repeated, and an auditor that shares no code
// with the engine checks what is stored.
import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { audit as kitAudit } from "redeemable/host";
import { audit } from "../audit.js";
import { sell, startHost } from "../hosts.js";
import { LIMITS, PROMOS, planOf } from "./plan.js";

/** Opens a database for several rounds; hosts that a round did not kill also sell in the next round. */
export async function openRounds(database) {
  const opened = await database.open();
  const { programs = ["host.js"] } = database;
  const start = (program) => startHost(null, `faults/${program}`);
  const programOf = (n) => programs[n % programs.length];
  const hosts = await Promise.all(Array.from({ length: database.hosts }, (_, n) => start(programOf(n))));
  // A spare host starts while a round goes on, because starting a process takes long.
  const spares = new Map([...new Set(programs)].map((program) => [program, start(program)]));
  const spare = (n) => {
    const host = spares.get(programOf(n));
    spares.set(programOf(n), start(programOf(n)));
    return host;
  };
  return {
    play: (seed) => play(database, opened, hosts, spare, planOf(seed, database)),
    async close() {
      for (const host of [...hosts, ...(await Promise.all(spares.values()))]) host.kill("SIGKILL");
      await opened.close();
    },
  };
}

/** Plays a round, and returns whether the fault happened and what was seen of it; throws what the auditor finds. */
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
  /** Gives a host its orders; if the host is killed, a spare host gets the orders that are not served yet. */
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
        atOnce: 6,
        commits,
        patience: (database.patience ?? 60_000) / 3,
      },
      hear,
    );
    if (end === "done" && !hosts[n].killed) return;
    assert.ok(doomed.delete(n), "a host was killed, and not by this round");
    killed += 1;
    hosts[n] = await spare(n);
    // The host had served all its orders before it was killed.
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
    /** Waits for the moment of the fault: until so many buyers have an answer, and a short time after. */
    async strike() {
      while (heard < plan.strikeAt && !over) await pause(1);
      await pause(plan.delay);
    },
    /** Waits until the check is true, the round is over or the time is up; returns the last result of the check. */
    async until(check, ms = Infinity) {
      const end = Date.now() + ms;
      while (!check() && !over && Date.now() < end) await pause(1);
      return check();
    },
    broadcast(message) {
      for (const host of hosts) if (host.connected) host.send(message);
    },
    /** Kills a host; true if it had orders left to serve. */
    kill(n) {
      if (over || !orders.some((order, index) => index % hosts.length === n && !isServed(order))) return false;
      doomed.add(n);
      return hosts[n].kill("SIGKILL");
    },
  };
  /** Checks the tables during the round, too: at every moment, plans are stored whole and no limit is exceeded. */
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
  const stuck = pause(database.patience ?? 60_000, null, { ref: false }).then(() => {
    throw new Error("the round does not end");
  });
  // `over` makes the clients that hold locks stop, even if the round fails.
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

/** Checks the tables of one moment, and returns the records. */
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

/** Checks that the record has what the buyer was told, and no more tickets than the buyer asked for. */
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
  if (fate === "leave") assert.equal(record.confirmed_at_ms ?? null, null);
}

function isServed({ fate, told }) {
  const last = { leave: "held", fail: "failed", pay: "paid", late: "paid", return: "returned" }[fate];
  return [last, "refused", "refunded"].includes(told?.state);
}
