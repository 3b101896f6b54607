// A host in a process of its own that sells in transactions of its own: it stores its order, asks the kit, and changes
// its mind about every fourth order. It sends the parent what it has committed.
import { redeem } from "redeemable/host";
import { openOwn } from "./joining-places.js";

const { isolation, ...place } = JSON.parse(process.argv[2]);
const { store, transaction, put, write } = openOwn(place);

/** The host changes its mind, or the order is refused: its transaction is rolled back. */
class Undone extends Error {}

const counts = { repeated: 0, undone: 0 };

function buy(tx, id, { code, limit }) {
  const order = {
    id,
    event_id: "gala",
    currency: "EUR",
    lines: [{ unit_price: 1000, quantity: 1 }],
    hold_until_ms: Date.now() + 600_000,
  };
  const promos = [{ code, discount_percent: 20, max_uses: limit }];
  return redeem(store, { codes: [code], promos, order }, { write, transaction: tx });
}

/** Sells these orders in one transaction, and repeats it as often as it must. */
async function sell(ids, changesItsMind, task) {
  for (;;) {
    try {
      await transaction(async (tx) => {
        for (const id of ids) {
          await put(tx, id);
          if ((await buy(tx, id, task)).status === "rejected") throw new Undone();
        }
        if (changesItsMind) throw new Undone();
      }, isolation);
      return true;
    } catch (error) {
      if (error instanceof Undone) {
        counts.undone += 1;
        return false;
      }
      // A COMMIT at the level serializable may be refused, too.
      if (!["repeat_transaction", "busy", "40001"].includes(error.code)) throw error;
      counts.repeated += 1;
      await new Promise((resume) => {
        setTimeout(resume, Math.random() * 10);
      });
    }
  }
}

process.on("message", async (task) => {
  let next = 0;
  await Promise.all(
    Array.from({ length: task.atOnce }, async () => {
      while (next < task.buyers) {
        const index = next++;
        const id = `${task.name}-${index}`;
        const ids = index % 3 === 0 ? [id, `${id}+`] : [id];
        if (await sell(ids, index % 4 === 1, task)) process.send({ sold: ids });
      }
    }),
  );
  process.send({ counts });
  process.send({ done: true });
});
process.send({ ready: true });
