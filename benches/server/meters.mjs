// Opens an empty database, and measures what a call reads and writes of it by the database's own counters: no other
// program on the machine changes these figures.
import { readFileSync, rmSync } from "node:fs";
import Database from "better-sqlite3";
import pg from "pg";

/** Both count rows, pages (of 8 KiB) and the bytes of the write-ahead log in the server, for this database alone. */
export async function openPostgres(kit, url) {
  const name = `bench_${process.pid}_${Math.floor(performance.now())}`;
  const admin = new pg.Client({ connectionString: url });
  await admin.connect();
  await admin.query(`CREATE DATABASE ${name}`);
  const own = url.replace(/\/[^/]*$/, `/${name}`);
  const look = new pg.Client({ connectionString: own });
  await look.connect();
  // One connection, so that its counts can be asked for.
  const pool = new pg.Pool({ connectionString: own, max: 1 });
  const store = kit.postgresStore(pool);
  await store.migrate();
  return {
    store,
    async counts() {
      await pool.query("SELECT pg_stat_force_next_flush()");
      await pool.query("SELECT 1");
      const { rows } = await look.query(`SELECT
        (SELECT sum(seq_tup_read + COALESCE(idx_tup_fetch, 0)) FROM pg_stat_user_tables)::float8 AS rows,
        (SELECT sum(heap_blks_read + heap_blks_hit + COALESCE(idx_blks_read + idx_blks_hit, 0)
          + COALESCE(toast_blks_read + toast_blks_hit + tidx_blks_read + tidx_blks_hit, 0))
          FROM pg_statio_user_tables)::float8 AS pages,
        (pg_current_wal_insert_lsn() - '0/0')::float8 AS log`);
      return rows[0];
    },
    async settle() {
      await look.query("VACUUM ANALYZE");
    },
    async drift(key) {
      await look.query("UPDATE redeemable_counters SET used = used + 3 WHERE key = $1", [key]);
    },
    async bytes() {
      const { rows } = await look.query(
        `SELECT sum(pg_total_relation_size(oid))::float8 AS bytes FROM pg_class
        WHERE relkind = 'r' AND relname ~ '^redeemable'`,
      );
      return rows[0].bytes;
    },
    async close() {
      await pool.end();
      await look.end();
      await admin.query(`DROP DATABASE ${name}`);
      await admin.end();
    },
  };
}

/**
 * SQLite counts no rows. With next to no cache, each page (of 4 KiB) that a call needs is read from the file: the
 * operating system counts these bytes for the process, and those that are written.
 */
export async function openSqlite(kit, folder) {
  const file = `${folder}/${Math.floor(performance.now() * 1000)}.sqlite`;
  const db = new Database(file);
  db.pragma("journal_mode = WAL");
  db.pragma("synchronous = NORMAL");
  const store = kit.sqliteStore(db);
  await store.migrate();
  return {
    store,
    async counts() {
      const io = readFileSync("/proc/self/io", "utf8");
      const [, read, written] = io.match(/rchar: (\d+)\nwchar: (\d+)/).map(Number);
      return { pages: read / 4096, log: written };
    },
    async settle() {
      db.exec("ANALYZE");
      db.pragma("wal_checkpoint(TRUNCATE)");
      db.pragma("wal_autocheckpoint = 0");
      db.pragma("cache_size = 5");
    },
    async fill() {
      db.pragma("wal_autocheckpoint = 1000");
      db.pragma("cache_size = -200000");
    },
    async drift(key) {
      db.prepare("UPDATE redeemable_counters SET used = used + 3 WHERE key = ?").run(key);
    },
    async bytes() {
      return db.pragma("page_count", { simple: true }) * 4096;
    },
    async close() {
      db.close();
      for (const end of ["", "-wal", "-shm"]) rmSync(file + end, { force: true });
    },
  };
}
