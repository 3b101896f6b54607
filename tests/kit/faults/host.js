// A host in a process of its own: it serves the orders of a round, and repeats each call, with the same order id, after
// any fault.
import { confirm, redeem, release, sweep } from "redeemable/host";
import { openNodes } from "./nodes.js";
import { codeOf, openMysql, openPostgres, openSqlite } from "./stores.js";
import { chance } from "./plan.js";

/** Reports the code of a fault that the store or the driver has met. */
const see = (what) => process.send({ seen: what });

/** The function that forbids or allows the database file to grow; null between rounds and on PostgreSQL. */
let limit = null;

process.on("message", async (message) => {
  if (message.orders) {
    const { place, commits } = message;
    const open = place.file ? openSqlite : place.nodes ? openNodes : place.mysql ? openMysql : openPostgres;
    const shop = open(place, see);
    limit = shop.limitPages;
    if (commits !== null) dieAfter(shop.store, commits);
    await serve(shop, message);
    limit = null;
    await shop.close();
    process.send({ done: true });
  } else if ("full" in message) limit?.(message.full);
});

/** Kills this process after so many commits, before it can answer: the commit is stored, and nobody hears of it. */
function dieAfter(store, commits) {
  const { commit } = store;
  let left = commits;
  store.commit = async (...given) => {
    const answer = await commit(...given);
    if (answer && --left === 0) process.kill(process.pid, "SIGKILL");
    return answer;
  };
}

async function serve(shop, { orders, promos, offset, hold, seed, atOnce, patience }) {
  const random = chance(seed);
  const now = () => Date.now() + offset;
  const options = { now, write: shop.write };
  const pause = (ms) =>
    new Promise((resume) => {
      setTimeout(resume, ms);
    });

  /**
   * Repeats a call until it has an answer: after a fault the host does not know whether the call was stored. Returns
   * the answer, and whether the call was repeated.
   */
  async function untilAnswered(call) {
    const end = Date.now() + patience;
    for (let again = false; ; again = true) {
      // A synchronous store never waits; this gives the other buyers and the parent's messages their turn.
      await new Promise((resume) => {
        setImmediate(resume);
      });
      try {
        return [await (shop.ask?.(call) ?? call()), again];
      } catch (error) {
        // An error that is no fault of a database is a defect, and so is a fault that does not end.
        const fault =
          codeOf(error) ?? error.cause?.code ?? (/terminat|connection|timeout/i.test(error.message) ? "broken" : null);
        if (fault === null || /^invalid|^ERR_|^(23|22|42)/.test(fault) || Date.now() > end) throw error;
        process.send({ fault });
        await pause(2 + random() * 20);
      }
    }
  }

  async function serveOne(order) {
    const { id, code, email, fate, told } = order;
    const tell = (state, fields) => process.send({ id, state, ...fields });
    // This host may have taken over the order of a killed one, which had done more than it told the buyer.
    const resumed = (again) => again || order.resumed;
    let { quantity } = order;
    let total = told?.total;
    while (!told) {
      const lines = [{ unit_price: 1000, quantity }];
      const hold_until_ms = now() + (fate === "late" ? 20 : hold);
      const [decision, again] = await untilAnswered(() =>
        redeem(
          shop.store,
          {
            codes: [code],
            promos,
            order: { id, event_id: "gala", currency: "EUR", lines, identities: { email }, hold_until_ms },
          },
          options,
        ),
      );
      if (decision.status === "accepted") {
        if (decision.replayed && resumed(again)) see("replay");
        ({ total } = decision.quote);
        tell("held", { quantity, total });
        break;
      }
      quantity = Math.min(...decision.violations.map(({ remaining }) => remaining));
      if (!(quantity > 0)) return tell("refused");
    }
    if (fate === "late") {
      await pause(25);
      await untilAnswered(() => sweep(shop.store, options));
    }
    if (fate === "leave") return undefined;
    if (fate === "fail") {
      const [answer, again] = await untilAnswered(() => release(shop.store, { id, reason: "payment_failed" }, options));
      if (answer.status === "already_released" && resumed(again)) see("replay");
      return tell("failed");
    }
    if (told?.state !== "paid") {
      const [paid, again] = await untilAnswered(() =>
        confirm(shop.store, { id, payment: { id: `paid-${id}`, total, currency: "EUR" } }, options),
      );
      if (paid.status === "already_confirmed" && resumed(again)) see("replay");
      else if (paid.status === "late_payment_conflict" || (paid.status === "already_returned" && resumed(again)))
        return tell("refunded");
      else if (paid.status !== "confirmed") throw new Error(`the payment of ${id} was answered with ${paid.status}`);
      tell("paid");
    }
    if (fate === "return") {
      const [answer, again] = await untilAnswered(() =>
        release(shop.store, { id, reason: "buyer_released", tickets: [0] }, options),
      );
      if (answer.status === "already_released" && resumed(again)) see("replay");
      tell("returned");
    }
    return undefined;
  }

  let next = 0;
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (next < orders.length) await serveOne(orders[next++]);
    }),
  );
  await untilAnswered(() => sweep(shop.store, options));
}
process.send({ ready: true }, () => {});
process.on("disconnect", () => process.exit());
