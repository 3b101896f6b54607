// Many buyers of one code at the same time, at one of two hosts: a naive host that checks first and counts later, or a
// host that commits the engine's plan.
import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { redeem } from "redeemable/host";
import { fault } from "./errors.js";

/** Pretends to make an invoice, which takes from 50 ms to a second. Both hosts wait for it before they count. */
const invoice = () => pause(50 + Math.random() * 950);

/** The milliseconds between two reports of a run. */
const EVERY = 50;
/** Rows of a run that are older than this were left by a server that was killed. */
const STALE = 600_000;

export function openStampede({ store, query }) {
  let running = null;

  /** The naive host does what many shops do: it reads the count, decides, and counts only after it made the invoice. */
  async function naive(event_id, uses) {
    await query("INSERT INTO shop_naive_counters (event_id, used) VALUES (?, 0)", event_id);
    const used = async () => (await query("SELECT used FROM shop_naive_counters WHERE event_id = ?", event_id))[0].used;
    async function buy() {
      if ((await used()) >= uses) return false;
      await invoice();
      await query("UPDATE shop_naive_counters SET used = used + 1 WHERE event_id = ?", event_id);
      return true;
    }
    return { buy, used };
  }

  /** The host with the kit. It waits for the same invoice at the same point: after the decision, before it counts. */
  async function redeemable(event_id, uses) {
    const promos = [{ code: "CREW", discount: { kind: "free" }, max_uses: uses }];
    const commit = async (...plan) => {
      await invoice();
      return store.commit(...plan);
    };
    const waiting = { ...store, commit };
    async function buy() {
      const order = { id: randomUUID(), event_id, currency: "EUR", lines: [{ unit_price: 4500, quantity: 1 }] };
      return (await redeem(waiting, { codes: ["CREW"], promos, order })).status === "accepted";
    }
    const key = `code/event:${event_id}:CREW/uses`;
    return { buy, used: async () => (await store.read([key], null)).counters[key] ?? 0 };
  }

  /** Deletes the rows of this run, and of earlier runs whose server was killed. */
  async function clean(event_id) {
    const stale = `stampede-${Date.now() - STALE}`;
    for (const table of ["redeemable_redemptions", "shop_naive_counters"]) {
      await query(
        `DELETE FROM ${table} WHERE substr(event_id, 1, 9) = 'stampede-' AND (event_id = ? OR event_id < ?)`,
        event_id,
        stale,
      );
    }
    await query(
      `DELETE FROM redeemable_counters
       WHERE substr(key, 1, 20) = 'code/event:stampede-' AND (substr(key, 1, length(?)) = ? OR key < ?)`,
      `code/event:${event_id}:`,
      `code/event:${event_id}:`,
      `code/event:${stale}`,
    );
  }

  /** Starts a run and returns its reports, line by line, while it lasts. Only one run at a time is allowed. */
  function start({ host, buyers, uses }) {
    if (running !== null)
      throw fault(409, "stampede_running", "", "another stampede is running: try again in a moment");
    const event_id = `stampede-${Date.now()}-${randomUUID()}`;
    const started = performance.now();
    const tally = { sold: 0, refused: 0 };
    const run = async () => {
      try {
        const { buy, used } = await { naive, redeemable }[host](event_id, uses);
        const ended = await Promise.allSettled(
          Array.from({ length: buyers }, async () => {
            tally[(await buy()) ? "sold" : "refused"] += 1;
          }),
        );
        for (const { reason } of ended) if (reason) throw reason;
        // The result is what is stored, not what the buyers were told.
        return await used();
      } finally {
        await clean(event_id);
      }
    };
    const done = run().finally(() => {
      running = null;
    });
    running = done.catch(() => {});
    const line = (sold, isDone) =>
      `${JSON.stringify({
        at_ms: Math.round(performance.now() - started),
        sold,
        refused: tally.refused,
        limit: uses,
        done: isDone,
        oversold: Math.max(0, sold - uses),
      })}\n`;
    return (async function* report() {
      for (let going = true; going; ) {
        yield line(tally.sold, false);
        going = await Promise.race([done.then(() => false), pause(EVERY, true)]);
      }
      yield line(await done, true);
    })();
  }

  return { start, ended: () => running };
}
