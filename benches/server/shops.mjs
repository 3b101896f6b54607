// One purchase in three ways: through the kit, through the kit with prepared rules, and hand-written with the same
// statements on the same tables.
import Database from "better-sqlite3";
import mysql from "mysql2/promise";
import pg from "pg";
import { redeem } from "redeemable/host";
import { mysqlStore } from "redeemable/mysql";
import { postgresStore } from "redeemable/postgres";
import { sqliteStore } from "redeemable/sqlite";

const LIMIT = 1_000_000_000;
const PRICE = 4500;
const QUANTITY = 2;
const HOLD = 900_000;

/** A code that takes 20 % off; each purchase is of two tickets. In all three ways the promotions are in memory. */
export const promo = (code) => ({ code, discount_percent: 20, max_uses: LIMIT });

function request(code, id) {
  return {
    codes: [code],
    promos: [promo(code)],
    order: {
      id,
      event_id: "gala",
      currency: "EUR",
      lines: [{ ticket_type: "regular", unit_price: PRICE, quantity: QUANTITY }],
      identities: { email: `${id}@example.org` },
      hold_until_ms: Date.now() + HOLD,
    },
  };
}

/** The hand-written way, for this kind of promotion alone: check, price, and a record that can be released later. */
function decideByHand({ promos: [{ code, discount_percent, max_uses }], order }, counters, existing) {
  if (existing !== null) return null;
  const { quantity, unit_price, ticket_type } = order.lines[0];
  const uses = `code/event:${order.event_id}:${code}/uses`;
  if ((counters[uses] ?? 0) + quantity > max_uses) return null;
  const price = Math.round((unit_price * (100 - discount_percent)) / 100);
  const off = unit_price - price;
  const tickets = Array.from({ length: quantity }, (_, line) => ({
    line,
    ticket_type,
    unit_price,
    price,
    codes: [code],
  }));
  const charge = (key, limit, amount, each) => ({
    key,
    code,
    ...limit,
    amount,
    tickets: tickets.map((_, index) => index),
    each,
  });
  const spend = `code/event:${order.event_id}:${code}/spend/${order.currency}`;
  const redemption = {
    schema: 2,
    id: order.id,
    revision: 1,
    state: "held",
    event_id: order.event_id,
    currency: order.currency,
    codes: [code],
    identities: [`email:${order.identities.email}`],
    tickets,
    applied: [
      {
        code,
        tickets: quantity,
        uses: quantity,
        discount: off * quantity,
        partial: false,
        remaining: max_uses - (counters[uses] ?? 0) - quantity,
      },
    ],
    charges: [
      charge(uses, { limit: max_uses }, quantity, 1),
      charge(
        spend,
        {},
        off * quantity,
        tickets.map(() => off),
      ),
    ],
    created_at_ms: Date.now(),
    expires_at_ms: order.hold_until_ms,
  };
  return [
    { op: "insert", redemption },
    { op: "add", key: spend, by: off * quantity, at_most: null },
    { op: "add", key: uses, by: quantity, at_most: max_uses },
  ];
}
const keysByHand = ({ order, codes: [code] }) => [
  `code/event:${order.event_id}:${code}/spend/${order.currency}`,
  `code/event:${order.event_id}:${code}/uses`,
];

export function sqliteShop(file, synchronous, rules) {
  const db = new Database(file);
  db.pragma("journal_mode = WAL");
  db.pragma(`synchronous = ${synchronous}`);
  const store = sqliteStore(db);
  store.migrate();
  db.exec("CREATE TABLE tickets (order_id TEXT, position INTEGER, price INTEGER, PRIMARY KEY (order_id, position))");
  const ticket = db.prepare("INSERT INTO tickets VALUES (?, ?, ?)");
  const write = (_, redemptions) => {
    for (const { id, tickets } of redemptions)
      for (const [position, { price }] of tickets.entries()) ticket.run(id, position, price);
  };

  const used = db.prepare("SELECT used FROM redeemable_counters WHERE key = ?").pluck();
  const one = db.prepare("SELECT document FROM redeemable_redemptions WHERE id = ?").pluck();
  const insert = db.prepare(`
    INSERT INTO redeemable_redemptions (id, revision, state, event_id, expires_at_ms, document)
    VALUES (@id, @revision, @state, @event_id, @expires_at_ms, @document) ON CONFLICT DO NOTHING`);
  const hold = db.prepare("INSERT INTO redeemable_held (key, expires_at_ms, id) VALUES (?, ?, ?)");
  const name = db.prepare("INSERT INTO redeemable_persons (person, id) VALUES (?, ?)");
  const charge = db.prepare(`
    INSERT INTO redeemable_counters (key, used) SELECT @key, @by WHERE @at_most IS NULL OR @by <= @at_most
    ON CONFLICT DO UPDATE SET used = used + @by WHERE @at_most IS NULL OR used + @by <= @at_most`);
  const readByHand = db.transaction((keys, id) => [
    Object.fromEntries(keys.map((key) => [key, used.get(key)])),
    one.get(id) ?? null,
  ]);
  const commitByHand = db.transaction(([{ redemption }, ...adds]) => {
    write(db, [redemption]);
    if (
      insert.run({
        ...redemption,
        document: JSON.stringify(redemption),
        codes: null,
        identities: null,
        tickets: null,
        applied: null,
        charges: null,
      }).changes !== 1
    )
      throw new Error("exists");
    const { id, expires_at_ms, charges, identities } = redemption;
    hold.run("", expires_at_ms, id);
    for (const { key, limit } of charges)
      if (limit !== undefined || !key.includes("/spend/")) hold.run(key, expires_at_ms, id);
    for (const person of identities) name.run(person, id);
    for (const { key, by, at_most } of adds)
      if (charge.run({ key, by, at_most }).changes !== 1) throw new Error("sold out");
  });
  return {
    kit: async (code, id) => (await redeem(store, request(code, id), { write })).status === "accepted",
    rules: async (code, id) =>
      (await redeem(store, { ...request(code, id), promos: null, rules }, { write })).status === "accepted",
    async byHand(code, id) {
      const asked = request(code, id);
      const ops = decideByHand(asked, ...readByHand(keysByHand(asked), id));
      if (ops) commitByHand.immediate(ops);
      return ops !== null;
    },
    tickets: async () => db.prepare("SELECT count(*) FROM tickets").pluck().get(),
    close: async () => db.close(),
  };
}

const TABLES = ["redemptions", "counters", "held", "persons", "archive", "parts"].map((name) => `redeemable_${name}`);

export async function postgresShop(connectionString, { pipeline, max, options }, rules) {
  const pool = new pg.Pool({ connectionString, pipeline, max, options });
  const store = postgresStore(pool);
  await pool.query(`DROP TABLE IF EXISTS tickets, ${TABLES.join()}`);
  await store.migrate();
  await pool.query(
    "CREATE TABLE tickets (order_id text, position int, price bigint, PRIMARY KEY (order_id, position))",
  );
  const TICKETS =
    "INSERT INTO tickets SELECT $1, n - 1, price FROM unnest($2::bigint[]) WITH ORDINALITY AS ticket (price, n)";
  const ticketsOf = ({ id, tickets }) => [id, tickets.map(({ price }) => price)];
  const write = (transaction, redemptions) => {
    for (const redemption of redemptions) transaction.query(TICKETS, ticketsOf(redemption));
  };

  const READ = `
    SELECT key, used::text AS value FROM redeemable_counters WHERE key = ANY($1::text[])
    UNION ALL SELECT NULL, document::text FROM redeemable_redemptions WHERE id = $2::text`;
  const COMMIT = "SELECT key FROM unnest(redeemable_commit($1::json)) AS key";
  async function readByHand(keys, id) {
    const { rows } = await pool.query(READ, [keys, id]);
    return [
      Object.fromEntries(rows.map(({ key, value }) => [key, Number(value)])),
      rows.find(({ key }) => key === null) ?? null,
    ];
  }
  async function commitByHand(ops) {
    const client = await pool.connect();
    const statements = [
      ["BEGIN"],
      [TICKETS, ticketsOf(ops[0].redemption)],
      [COMMIT, [JSON.stringify(ops)]],
      ["COMMIT"],
    ];
    if (pipeline) await Promise.all(statements.map((statement) => client.query(...statement)));
    else for (const statement of statements) await client.query(...statement);
    client.release();
  }
  return {
    kit: async (code, id) => (await redeem(store, request(code, id), { write })).status === "accepted",
    rules: async (code, id) =>
      (await redeem(store, { ...request(code, id), promos: null, rules }, { write })).status === "accepted",
    async byHand(code, id) {
      const asked = request(code, id);
      const ops = decideByHand(asked, ...(await readByHand(keysByHand(asked), id)));
      if (ops) await commitByHand(ops);
      return ops !== null;
    },
    tickets: async () => Number((await pool.query("SELECT count(*) FROM tickets")).rows[0].count),
    close: () => pool.end(),
  };
}

export async function mysqlShop(uri, { max }, rules) {
  const pool = mysql.createPool({ uri, connectionLimit: max });
  // As the kit's transactions do: at REPEATABLE READ, two buyers who each make a counter could deadlock.
  pool.on("connection", (client) => client.query("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED"));
  const store = mysqlStore(pool);
  await pool.query(`DROP TABLE IF EXISTS tickets, ${TABLES.join()}`);
  await store.migrate();
  await pool.query(
    "CREATE TABLE tickets (order_id varbinary(256), position int, price bigint, PRIMARY KEY (order_id, position))",
  );
  const ticketsOf = ({ id, tickets }) => tickets.map(({ price }, position) => [id, position, price]);
  const write = async (transaction, redemptions) => {
    for (const redemption of redemptions)
      await transaction.query("INSERT INTO tickets VALUES ?", [ticketsOf(redemption)]);
  };

  const HASH = "UNHEX(SHA2(?, 256))";
  const SHORT = "LEFT(UNHEX(SHA2(?, 256)), 8)";
  async function readByHand(keys, id) {
    const [rows] = await pool.query(
      `SELECT \`key\`, used AS value FROM redeemable_counters WHERE hash IN (${keys.map(() => HASH).join()})
      UNION ALL SELECT NULL, document FROM redeemable_redemptions WHERE id = ?`,
      [...keys, Buffer.from(id)],
    );
    return [
      Object.fromEntries(rows.map(({ key, value }) => [key, Number(value)])),
      rows.find(({ key }) => key === null) ?? null,
    ];
  }
  async function commitByHand([{ redemption }, ...adds]) {
    const { id, event_id, expires_at_ms } = redemption;
    const client = await pool.getConnection();
    await client.query("START TRANSACTION");
    await client.query("INSERT INTO redeemable_redemptions VALUES (?, 1, 'held', ?, ?, ?)", [
      id,
      event_id,
      expires_at_ms,
      JSON.stringify(redemption),
    ]);
    const held = [
      "",
      ...adds.filter(({ key, at_most }) => at_most !== null || !key.includes("/spend/")).map(({ key }) => key),
    ];
    await client.query(
      `INSERT INTO redeemable_held VALUES ${held.map(() => `(${SHORT}, ?, ?)`).join()}`,
      held.flatMap((key) => [key, expires_at_ms, id]),
    );
    await client.query(`INSERT INTO redeemable_persons VALUES (${SHORT}, ?)`, [redemption.identities[0], id]);
    await write(client, [redemption]);
    for (const { key, by, at_most } of adds) {
      const fits = "(? IS NULL OR used + ? <= ?)";
      const update = `UPDATE redeemable_counters SET used = used + ? WHERE hash = ${HASH} AND ${fits}`;
      const [{ affectedRows }] = await client.query(update, [by, key, at_most, by, at_most]);
      if (affectedRows === 0)
        await client.query(
          `INSERT INTO redeemable_counters (hash, \`key\`, used) VALUES (${HASH}, ?, ?)
          ON DUPLICATE KEY UPDATE used = used + ?`,
          [key, key, by, by],
        );
    }
    await client.query("COMMIT");
    client.release();
  }
  return {
    kit: async (code, id) => (await redeem(store, request(code, id), { write })).status === "accepted",
    rules: async (code, id) =>
      (await redeem(store, { ...request(code, id), promos: null, rules }, { write })).status === "accepted",
    async byHand(code, id) {
      const asked = request(code, id);
      const ops = decideByHand(asked, ...(await readByHand(keysByHand(asked), id)));
      if (ops) await commitByHand(ops);
      return ops !== null;
    },
    tickets: async () => Number((await pool.query("SELECT count(*) AS n FROM tickets"))[0][0].n),
    close: () => pool.end(),
  };
}
