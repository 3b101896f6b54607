// Compiled, never run: the kit's types fit the drivers' own types, and each misuse below is an error.
import { describe, test } from "node:test";
import Database from "better-sqlite3";
import callbacks from "mysql2";
import mysql from "mysql2/promise";
import pg from "pg";
import type { Decision, Redemption } from "redeemable";
import {
  archive,
  audit,
  Busy,
  confirm,
  erase,
  preview,
  prune,
  redeem,
  release,
  repair,
  RepeatTransaction,
  restoreRecords,
  sweep,
  type RedeemRequest,
  type Store,
  type Write,
} from "redeemable/host";
import { memoryStore } from "redeemable/memory";
import { mysqlStore } from "redeemable/mysql";
import { mysqlOver, postgresOver, sqliteOver, type Bridge } from "redeemable/over";
import { migration, postgresStore, type Transaction } from "redeemable/postgres";
import { sqliteStore } from "redeemable/sqlite";
import { type Runner, storeChecks, storeSuite } from "redeemable/store-suite";

declare const request: RedeemRequest;
const order = { ...request.order, id: "o-1" };

const sqlite = sqliteStore(new Database("shop.sqlite"), { onDrift: (key: string) => console.warn(key) });
const postgres = postgresStore(new pg.Pool({ pipeline: true }));
const single: Store<Transaction> = postgresStore(new pg.Client());
const maria = mysqlStore(mysql.createPool("mysql://shop@localhost/shop"), { onDrift: console.warn });
mysqlStore(callbacks.createPool("mysql://shop@localhost/shop"));
mysqlStore(callbacks.createConnection("mysql://shop@localhost/shop"));
async function oneConnection() {
  mysqlStore(await mysql.createConnection("mysql://shop@localhost/shop"));
}
void oneConnection;
const memory = memoryStore();
const text: string = migration;

async function shop(): Promise<Decision> {
  sqlite.migrate();
  await postgres.migrate();
  await redeem(
    sqlite,
    { ...request, order },
    { write: (db, redemptions) => db.prepare("INSERT INTO tickets VALUES (?)").run(redemptions[0]!.id) },
  );
  await redeem(
    postgres,
    { ...request, order },
    {
      now: () => 1_800_000_000_000,
      attempts: 3,
      async write(transaction, redemptions) {
        const { rows } = await transaction.query("SELECT $1", [redemptions.length]);
        console.log(rows);
      },
    },
  );
  await maria.migrate();
  await redeem(
    maria,
    { ...request, order },
    {
      async write(transaction, redemptions) {
        await transaction.execute("INSERT INTO tickets VALUES (?)", [redemptions[0]!.id]);
        const [rows] = await transaction.query({ sql: "SELECT 1", values: [] });
        console.log(rows[0]);
      },
    },
  );
  await redeem(memory, { ...request, order }, { write: (rows) => rows.set("a", 1) });
  const { codes } = request;
  await redeem(memory, {
    codes,
    order,
    promos: (typed) => typed.map(({ canonical: code }) => ({ code, discount_percent: 5 })),
  });
  await redeem(memory, { codes, order, unsound: "leave_out", promos: async ([first]) => [first!.loose] });
  // @ts-expect-error a document of another kind is only for whoever leaves out what is unsound
  await redeem(memory, { codes, order, promos: async () => [7] });
  const paid = await confirm(postgres, { id: "o-1", payment: { id: "p-1", total: null }, over_limit: true });
  if (paid?.status === "late_payment_conflict") console.log(paid.violations[0]!.remaining);
  const back = await release(single, { id: "o-1", reason: "refunded", tickets: [0] });
  const refundable: number | undefined = back?.refundable;
  const swept: number = await sweep(sqlite);
  const spoilt: number[] = (await audit(single)).map(({ used, must }) => used - must);
  const repaired: string[] = (await repair(postgres, { attempts: 3, now: () => 1_800_000_000_000 })).map(
    ({ key }) => key,
  );
  const pruned: number = await prune(memory, 1_700_000_000_000, { now: () => 1_800_000_000_000 });
  console.log(refundable, swept, text, spoilt, repaired, pruned);
  try {
    return await preview(memory, request);
  } catch (error) {
    if (error instanceof Busy) console.log(error.attempts.toFixed());
    throw error;
  }
}

/** The calls in transactions that the host has begun. */
async function joins(client: pg.PoolClient, connection: mysql.PoolConnection): Promise<void> {
  await client.query("BEGIN");
  await redeem(postgres, { ...request, order }, { transaction: client, write: (tx) => tx.query("SELECT 1") });
  await preview(postgres, request, { transaction: client });
  await connection.beginTransaction();
  await confirm(maria, { id: "o-1", payment: { id: "p-1", total: null } }, { transaction: connection });
  await release(maria, { id: "o-1", reason: "refunded" }, { transaction: connection });
  try {
    await sweep(postgres, { transaction: client });
  } catch (error) {
    if (error instanceof RepeatTransaction) console.log(error.code, error.cause);
  }
}

/** A bridge says which type a library's transactions have, and `write` and `transaction` get that type. */
interface LibraryTransaction {
  run(text: string, values: unknown[]): Promise<object[]>;
  insert(row: object): Promise<void>;
}
const bridge: Bridge<LibraryTransaction> = {
  query: async (text, values, transaction) => transaction?.run(text, values) ?? [],
  transaction: async (work) => work({ run: async () => [], insert: async () => {} }),
};
const over = postgresOver(bridge, { onDrift: (key: string) => console.warn(key) });
async function sellOver(transaction: LibraryTransaction): Promise<void> {
  await sqliteOver(bridge).migrate();
  await redeem(over, { ...request, order }, { transaction, write: (tx, [first]) => tx.insert({ id: first!.id }) });
  const { existing } = await mysqlOver(bridge).joining(transaction).read([], "o-1");
  console.log(existing?.state);
}

/** A store that a host writes itself implements this. */
async function operate(store: Store<number>, redemptions: Redemption[]) {
  const count: number = await archive(store, { before_ms: 1, to: (gone) => redemptions.push(...gone) });
  // @ts-expect-error: a time is a number
  await archive(store, { before_ms: "1" });
  const write = (transaction: number, [first]: Redemption[]) => transaction.toFixed() + (first?.id ?? "");
  return count + (await restoreRecords(store, redemptions)) + (await erase(store, "email:ann@example.org", { write }));
}
void operate;

class OtherStore implements Store<number> {
  async read(keys: string[], id: string | null) {
    return { counters: { [keys[0]!]: 1 }, existing: id === null ? null : ({} as Redemption), archived: false };
  }
  async commit(_: unknown[], write?: Write<number>) {
    await write?.(7, []);
    return true;
  }
  async find() {
    return { holds: [], counters: {} };
  }
  async scan(visit: Parameters<Store["scan"]>[0]) {
    visit({ redemptions: [], counters: { a: 1 } });
  }
  async differences({ after, limit }: { after: string; limit: number }) {
    return [{ key: after, used: limit, must: 0, corrected: 0 }];
  }
  async person(identity: string) {
    return [{ redemption: { identities: [identity] } as Redemption, archived: true }];
  }
  async old({ event_id }: Parameters<Store["old"]>[0]) {
    return event_id === null ? [] : [{ event_id } as Redemption];
  }
  async prune(isOver: (key: string) => boolean) {
    return isOver("code/id:a/day/2026-11-29/uses") ? null : 0;
  }
}
const opened = () => ({ store: new OtherStore(), put: (transaction: number) => transaction.toFixed(), rows: () => [] });
storeSuite("other", opened);
storeSuite("other", opened, { describe, test });
const none: Runner = { describe: () => {}, test: async (name, run) => console.log(name, await run()) };
storeSuite("other", opened, none);
for (const { name, run } of storeChecks) void test(name, () => run(opened));

storeSuite("over", () => ({
  store: over,
  put: (transaction) => transaction.insert({}),
  rows: () => [],
  transaction: (work) => work({} as LibraryTransaction),
}));

// @ts-expect-error: the transaction of another library
void redeem(over, { ...request, order }, { transaction: new pg.Client() });
// @ts-expect-error: a bridge has two functions
postgresOver({ query: async () => [] });
// @ts-expect-error: an audit joins no transaction
void audit(over, { transaction: {} });
// @ts-expect-error: without an id it would only be a preview
void redeem(sqlite, { ...request, order: { ...order, id: null } });
// @ts-expect-error: only null says that the total is not checked
void confirm(sqlite, { id: "o-1" });
// @ts-expect-error: no such option
void sweep(sqlite, { limit: 5 });
// @ts-expect-error: no such option
void repair(sqlite, { limit: 5 });
// @ts-expect-error: the time before which periods must have ended is always said
void prune(sqlite);
// @ts-expect-error: no such reason
void release(sqlite, { id: "o-1", reason: "cancelled" });
// @ts-expect-error: the transaction of PostgreSQL is no connection of SQLite's
void redeem(postgres, { ...request, order }, { write: (db: Database.Database) => db.exec("") });
// @ts-expect-error: MariaDB's transaction has no method of a pool
void redeem(maria, { ...request, order }, { write: (transaction) => transaction.getConnection() });
// @ts-expect-error: no such option
sqliteStore(new Database("shop.sqlite"), { ondrift() {} });
postgresStore(new pg.Pool(), { schema: "north", begin: (transaction) => transaction.query("SELECT 1") });
// @ts-expect-error: a schema is PostgreSQL's
sqliteStore(new Database("shop.sqlite"), { schema: "north" });
// @ts-expect-error: a function
postgresStore(new pg.Pool(), { begin: "SELECT 1" });

export { joins, sellOver, shop };
