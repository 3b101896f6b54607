// A worker with a store on the SQLite of a Durable Object, and one on D1. It runs the store suite on both, and sells.
import { DurableObject } from "cloudflare:workers";
import { d1Store } from "redeemable/batch";
import { durableStore } from "redeemable/durable";
import { audit, confirm, redeem, release } from "redeemable/host";
import { storeChecks } from "redeemable/store-suite";

const TABLES = ["redemptions", "counters", "held", "persons", "archive"].map((name) => `redeemable_${name}`);
TABLES.push("tickets");
const TICKETS = "CREATE TABLE tickets (order_id TEXT PRIMARY KEY)";
const promos = [{ code: "HALF", discount_percent: 50, max_uses: 40 }];

const orderOf = (id) => ({
  id,
  event_id: "gala",
  currency: "EUR",
  lines: [{ unit_price: 1000, quantity: 1 }],
  hold_until_ms: Date.now() + 600_000,
});

async function failing(open) {
  const failed = [];
  for (const { name, run } of storeChecks)
    try {
      await run(open);
    } catch (error) {
      failed.push(`${name}: ${error.stack}`);
    }
  return { ran: storeChecks.length, failed };
}

/** What the worker does with a store: `write` is the host's, and `sabotage` writes what must not be stored. */
const actions = ({ store, write, rows, sabotage }) => ({
  buy: async (id) => {
    const { status } = await redeem(store, { codes: ["half"], promos, order: orderOf(id) }, { write, attempts: 50 });
    return { answer: status };
  },
  pay: async (id) => {
    const payment = { id: `paid ${id}`, total: 500, currency: "EUR" };
    return { answer: (await confirm(store, { id, payment }, { write, attempts: 50 }))?.money };
  },
  release: async (id) => {
    const answer = await release(store, { id, reason: "buyer_released", release_id: "r" }, { write, attempts: 50 });
    return { answer: answer?.status };
  },
  sabotage: (id) => sabotage(id),
  state: async () => {
    const { counters } = await store.read(["code/event:gala:HALF/uses"], null);
    return { used: counters["code/event:gala:HALF/uses"] ?? 0, tickets: await rows(), audit: await audit(store) };
  },
});

export class Shop extends DurableObject {
  constructor(context, env) {
    super(context, env);
    const { sql } = context.storage;
    this.store = durableStore(context.storage);
    this.store.migrate();
    sql.exec(TICKETS.replace("TABLE", "TABLE IF NOT EXISTS"));
    const write = (storage, redemptions) => {
      for (const { id, state } of redemptions) {
        storage.sql.exec("DELETE FROM tickets WHERE order_id = ?", id);
        if (state !== "released") storage.sql.exec("INSERT INTO tickets VALUES (?)", id);
      }
    };
    const rows = () => sql.exec("SELECT order_id FROM tickets ORDER BY 1").raw().toArray().flat();
    this.actions = actions({ store: this.store, write, rows, sabotage: (kind) => this.sabotage(kind, write) });
  }

  async ask(action, id) {
    return this.actions[action](id);
  }

  /** Ends in the middle of a purchase, or tries to end its transaction. */
  async sabotage(kind, write) {
    const { storage } = this.ctx;
    const order = orderOf(kind);
    const buy = (ending, options) =>
      redeem(
        this.store,
        { codes: ["half"], promos, order },
        {
          ...options,
          write(...given) {
            write(...given);
            ending();
          },
        },
      );
    switch (kind) {
      case "abort in write":
        return buy(() => this.ctx.abort("the power is gone"));
      case "abort after the commit": {
        await buy(() => {});
        this.ctx.abort("the power is gone");
        return {};
      }
      case "COMMIT":
      case "SAVEPOINT a":
        return { answer: await buy(() => storage.sql.exec(kind)).catch(({ message }) => message) };
      case "OR ROLLBACK":
        return {
          answer: await buy(() => {
            try {
              storage.sql.exec("INSERT OR ROLLBACK INTO tickets VALUES (?)", kind);
            } catch {}
          }).catch(({ message }) => message),
        };
      case "host's transaction, rolled back":
        await storage
          .transaction(async () => {
            const joined = this.store.joining(storage);
            const { counters } = await joined.read(["code/event:gala:HALF/uses"], null);
            const used = counters["code/event:gala:HALF/uses"] ?? 0;
            await joined.commit([{ op: "add", key: "code/event:gala:HALF/uses", by: 1, at_most: null }]);
            await joined.commit([{ op: "add", key: "b", by: 1, at_most: 0 }]);
            const after = (await joined.read(["code/event:gala:HALF/uses", "b"], null)).counters;
            if (after["code/event:gala:HALF/uses"] !== used + 1 || "b" in after) throw new Error("not joined");
            throw new Error("the host's own");
          })
          .catch(({ message }) => {
            if (message !== "the host's own") throw new Error(message);
          });
        return { answer: "rolled back" };
    }
  }

  suite() {
    const { storage } = this.ctx;
    return failing(({ onDrift }) => {
      for (const table of TABLES) storage.sql.exec(`DROP TABLE IF EXISTS ${table}`);
      storage.sql.exec(TICKETS);
      const store = durableStore(storage, { onDrift });
      store.migrate();
      return {
        store,
        transaction: (work) => storage.transaction(() => work(storage)),
        put: (transaction, text) => {
          transaction.sql.exec("INSERT INTO tickets VALUES (?)", text);
        },
        rows: () => storage.sql.exec("SELECT order_id FROM tickets ORDER BY 1").raw().toArray().flat(),
      };
    });
  }
}

/** The shop on D1: there `write` adds statements. */
async function d1Shop({ DB }) {
  const store = d1Store(DB);
  const write = (batch, redemptions) => {
    for (const { id, state } of redemptions) {
      batch.add(DB.prepare("DELETE FROM tickets WHERE order_id = ?").bind(id));
      if (state !== "released") batch.add(DB.prepare("INSERT INTO tickets VALUES (?)").bind(id));
    }
  };
  const rows = async () =>
    (await DB.prepare("SELECT order_id FROM tickets ORDER BY 1").all()).results.map(({ order_id }) => order_id);
  return actions({ store, write, rows });
}

async function d1Suite({ DB }) {
  return failing(async ({ onDrift }) => {
    await DB.batch([...TABLES.map((table) => DB.prepare(`DROP TABLE IF EXISTS ${table}`)), DB.prepare(TICKETS)]);
    const store = d1Store(DB, { onDrift });
    await store.migrate();
    return {
      store,
      put: (batch, text) => batch.add(DB.prepare("INSERT INTO tickets VALUES (?)").bind(text)),
      rows: async () =>
        (await DB.prepare("SELECT order_id FROM tickets ORDER BY 1").all()).results.map(({ order_id }) => order_id),
    };
  });
}

export default {
  async fetch(request, env) {
    const [, where, action, id] = new URL(request.url).pathname.split("/").map(decodeURIComponent);
    try {
      const shop = where === "d1" ? null : env.SHOP.get(env.SHOP.idFromName(where));
      if (action === "suite") return Response.json(await (shop?.suite() ?? d1Suite({ DB: env.SUITE })));
      if (action === "migrate") {
        await d1Store(env.DB).migrate();
        await env.DB.prepare(TICKETS).run();
        return Response.json({});
      }
      return Response.json((await (shop?.ask(action, id) ?? (await d1Shop(env))[action](id))) ?? {});
    } catch (error) {
      return Response.json({ error: error.message, code: error.code }, { status: 500 });
    }
  },
};
