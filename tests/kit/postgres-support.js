// Helpers of the tests of the store on PostgreSQL.
import { postgresStore } from "redeemable/postgres";
import { postgresSchema } from "./support.js";

export const NOW = 1_800_000_000_000;
export const now = () => NOW;
export const request = (id) => ({
  codes: ["TEN"],
  promos: [{ code: "TEN", discount_percent: 10, max_uses: 3 }],
  order: {
    id,
    event_id: "gala",
    currency: "EUR",
    lines: [{ unit_price: 1000, quantity: 1 }],
    hold_until_ms: NOW + 1000,
  },
});
export const insert = (id) => ({
  op: "insert",
  redemption: { id, revision: 1, state: "held", event_id: "gala", expires_at_ms: 1_800_000_600_000, charges: [] },
});
export const add = (key, by, at_most = null) => ({ op: "add", key, by, at_most });
export const TICKET = "INSERT INTO tickets VALUES ($1, 0, 'held')";

/** The messages of a broken connection: chance decides which of them the driver gives. */
export const BROKEN = /terminat|connection error|timeout|EPIPE|ECONNRESET/i;

/** A store on a pool of one connection, so that a test can see whether the connection was kept. */
export async function openPool(t, pipeline, settings = {}) {
  const place = await postgresSchema(settings);
  t.after(() => place.close());
  const pool = place.pool({ pipeline, max: 1 });
  const backend = async () => (await pool.query("SELECT pg_backend_pid() AS pid")).rows[0].pid;
  const left = async () => {
    const {
      rows: [counts],
    } = await place.admin.query(
      `SELECT (SELECT count(*)::int FROM tickets) AS tickets,
        (SELECT count(*)::int FROM redeemable_counters) AS counters`,
    );
    return [counts.tickets, counts.counters];
  };
  return { ...place, connect: place.pool, pool, backend, left, store: postgresStore(pool) };
}
