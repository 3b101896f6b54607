// Compiled, never run: the stores' types fit those of the libraries, and each misuse below is an error.
import { DatabaseSync } from "node:sqlite";
import { createClient } from "@libsql/client";
import { neon } from "@neondatabase/serverless";
import { batchStore, d1Store, libsqlBatchStore, neonStore } from "redeemable/batch";
import { durableStore } from "redeemable/durable";
import { redeem, type RedeemRequest } from "redeemable/host";
import { bunSqliteStore } from "redeemable/over/bun-sqlite";
import { nodeSqliteStore } from "redeemable/over/node-sqlite";
import Bun from "bun:sqlite";

declare const given: RedeemRequest;
declare const storage: DurableObjectStorage;
declare const db: D1Database;
const request = { ...given, order: { ...given.order, id: "o-1" } };

const durable = durableStore(storage, { onDrift: (key: string) => console.warn(key) });
durable.migrate();
void redeem(durable, request, {
  write: ({ sql }, redemptions) => sql.exec("INSERT INTO tickets VALUES (?)", redemptions[0]!.id),
});

const d1 = d1Store(db);
void redeem(d1, request, {
  write: (batch, [first]) => batch.add(db.prepare("INSERT INTO tickets VALUES (?)").bind(first!.id)),
});
// @ts-expect-error: a text is no statement of D1
void redeem(d1, request, { write: (batch) => batch.add("INSERT INTO tickets VALUES (1)") });

const sql = neon("postgresql://shop@localhost/shop");
void neonStore(sql, { schema: "tenant_a", begin: (batch) => batch.add(sql`SELECT 1`) }).migrate();
// @ts-expect-error: SQLite has no schemas
d1Store(db, { schema: "tenant_a" });
void redeem(neonStore(sql), request, { write: (batch, [first]) => batch.add(sql`SELECT ${first!.id}`) });

const client = createClient({ url: ":memory:" });
void redeem(libsqlBatchStore(client), request, { write: (batch) => batch.add({ sql: "SELECT ?", args: [1] }) });

const node = new DatabaseSync(":memory:");
void redeem(nodeSqliteStore(node), request, { write: (db) => db.prepare("SELECT ?").run(1) });
const bun = new Bun(":memory:");
void redeem(bunSqliteStore(bun), request, { write: (db) => db.query("SELECT ?").run(1) });
// @ts-expect-error: Node's connection is not Bun's
bunSqliteStore(node);
// @ts-expect-error: no such option
durableStore(storage, { ondrift() {} });
// @ts-expect-error: no such database
batchStore({ database: "oracle", statement: () => "", batch: async () => [] });
