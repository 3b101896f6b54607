// Opens stores on PostgreSQL for tenants: with a schema of their own, under row-level security, behind PgBouncer.
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import pg from "pg";
import { postgresOver } from "redeemable/over";
import { postgresStore } from "redeemable/postgres";
import { pgBridge } from "./bridges.js";
import { databaseUrl, postgresSchema } from "./support.js";

/** The address of PgBouncer, whose clients share two connections to each database. */
export function poolerUrl() {
  const url = process.env.POOLER_URL;
  if (!url)
    throw new Error(
      "POOLER_URL is not set, and these tests need PgBouncer: " +
        "run `scripts/postgres scripts/pgbouncer scripts/mariadb npm test --workspace tests/kit`",
    );
  return url;
}

/** Over a pool whose connections have no search path to the tables: the option `schema` names them. */
export const openNamed = (settings, over = (pool, options) => postgresStore(pool, options)) =>
  async function open(options) {
    const { schema, admin, close } = await postgresSchema();
    const open = [];
    const pool = (more) => {
      const made = new pg.Pool({ max: 4, ...settings(), ...more });
      open.push(made);
      return made;
    };
    const store = () => over(pool(), { ...options, schema });
    return {
      schema,
      admin,
      pool,
      store: store(),
      peer: store(),
      transaction: pgBridge(pool()).transaction,
      put: (transaction, text) => transaction.query(`INSERT INTO ${schema}.tickets VALUES ($1, 0, 'held')`, [text]),
      rows: async () =>
        (await admin.query("SELECT order_id FROM tickets ORDER BY 1")).rows.map(({ order_id }) => order_id),
      async close() {
        await Promise.all(open.map((each) => each.end()));
        await close();
      },
    };
  };

const policies = readFileSync(new URL("../python_kit/stacks/tenants_rows.sql", import.meta.url), "utf8");

/** Under row-level security, as a role that it binds; another tenant has the counters and records of the same names. */
export const openSecured = (settings, over = (pool, options) => postgresStore(pool, options)) =>
  async function open(options) {
    const { schema, admin, close } = await postgresSchema();
    const role = `shop_${randomUUID().replaceAll("-", "")}`;
    await admin.query(`${policies}
      DROP TABLE tickets;
      CREATE TABLE tickets (tenant text NOT NULL DEFAULT current_setting('shop.tenant'), order_id text);
      ALTER TABLE tickets ENABLE ROW LEVEL SECURITY;
      CREATE POLICY tenant ON tickets USING (tenant = current_setting('shop.tenant'));
      CREATE ROLE ${role} LOGIN;
      ALTER ROLE ${role} SET search_path = ${schema};
      GRANT USAGE ON SCHEMA ${schema} TO ${role};
      GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${schema} TO ${role};
      INSERT INTO redeemable_counters (tenant, key, used) SELECT 'other', chr(n), 7 FROM generate_series(97, 122) AS n;
      INSERT INTO redeemable_redemptions (tenant, id, revision, state, event_id, expires_at_ms, document)
        SELECT 'other', 'o-' || n, 1, 'held', 'gala', 1, '{"charges": []}' FROM generate_series(1, 9) AS n`);
    const open = [];
    const store = (tenant) => {
      const url = new URL(databaseUrl());
      url.username = role;
      const pool = new pg.Pool({ max: 4, connectionString: `${url}`, ...settings });
      open.push(pool);
      const begin = (transaction) => transaction.query("SELECT set_tenant($1)", [tenant]);
      return over(pool, { ...options, begin });
    };
    return {
      admin,
      store: store("north"),
      peer: store("north"),
      other: store("other"),
      // A host that opens the transaction itself sets the tenant itself.
      transaction: (work, isolation) =>
        pgBridge(open[0]).transaction(async (client) => {
          await client.query("SELECT set_tenant('north')");
          return work(client);
        }, isolation),
      put: (transaction, text) => transaction.query("INSERT INTO tickets (order_id) VALUES ($1)", [text]),
      rows: async () =>
        (await admin.query("SELECT order_id FROM tickets WHERE tenant = 'north' ORDER BY 1")).rows.map(
          ({ order_id }) => order_id,
        ),
      async close() {
        await Promise.all(open.map((each) => each.end()));
        const { rows } = await admin.query(
          `SELECT (SELECT sum(used)::int FROM redeemable_counters WHERE tenant = 'other') AS used,
            (SELECT count(*)::int FROM redeemable_redemptions WHERE tenant = 'other' AND revision = 1) AS records`,
        );
        await admin.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
        await close();
        if (rows[0].used !== 26 * 7 || rows[0].records !== 9) throw new Error("another tenant's rows have changed");
      },
    };
  };

export const over = (pool, options) => postgresOver(pgBridge(pool), options);
