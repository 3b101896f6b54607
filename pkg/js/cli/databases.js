// Opens the store at a database's address. The drivers are the host's own, and optional.
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { postgresOptions } from "../schema.js";
import { explained } from "../stores.js";
import { Refused } from "./arguments.js";

const MIGRATE = "the tables are not there: migrate makes them";
/** A password with one of these characters: drivers take a part of it for a host or a port, and print it. */
const AMBIGUOUS = /^\/\/[^/?#@]*?:(?:[^@]*?[/?#[\]]|[^@]*?%(?![0-9A-Fa-f]{2})|[^/?#]*?@).*@/s;
const PASSWORD =
  "no connection: in the URL's password, write @ as %40, / as %2F, ? as %3F, # as %23, [ as %5B, ] as %5D, % as %25";

/**
 * Runs `work` on the store that `url` and `schema` of a command's options say, and closes the connection. With `create`
 * the file of an SQLite database may be new.
 */
export async function storeAt({ url = process.env.DATABASE_URL, schema }, work, { create = false } = {}) {
  if (!url) throw new Refused("expected --url or the environment variable DATABASE_URL");
  // SQLAlchemy writes the driver behind the database: postgresql+psycopg://…
  const [, kind, rest] = /^(postgres|postgresql|mysql|mariadb|sqlite)(?:\+\w+)?:(.*)$/s.exec(url) ?? [];
  if (!kind) throw new Refused("expected a URL that begins with postgres://, mysql:// or sqlite:");
  const open = { sqlite: openSqlite, mysql: openMysql, mariadb: openMysql }[kind] ?? openPostgres;
  if (schema !== undefined && open !== openPostgres) throw new Refused("--schema is for PostgreSQL alone");
  const named = schemaOf(schema);
  try {
    const { store, close } = await open(rest, { create, schema: named });
    try {
      return await explained(() => work(store));
    } finally {
      await close();
    }
  } catch (error) {
    if (error instanceof Refused) throw error;
    if (error.code === "not_migrated") throw new Refused(MIGRATE);
    throw open !== openSqlite && AMBIGUOUS.test(rest) ? new Refused(PASSWORD) : error;
  }
}

/** `{schema}` as the options of a store on PostgreSQL; a name that they refuse is refused here, too. */
export function schemaOf(schema) {
  if (schema === undefined) return {};
  try {
    postgresOptions({ schema });
  } catch ({ message }) {
    throw new Refused(`--schema: ${message.split(", found ")[0]}, found ${schema}`);
  }
  return { schema };
}

const options = { onDrift: (key) => console.error(`redeemable: ${key} held less than was given back`) };

async function openPostgres(rest, { schema }) {
  const { default: pg } = await driver("pg", "postgres://");
  const { postgresStore } = await import("../postgres.js");
  const pool = new pg.Pool({ connectionString: `postgres:${rest}`, max: 1 });
  return { store: postgresStore(pool, { ...options, ...schema }), close: () => pool.end() };
}

async function openMysql(rest) {
  const { default: mysql } = await driver("mysql2/promise", "mysql://");
  const { mysqlStore } = await import("../mysql.js");
  const pool = mysql.createPool(`mysql:${rest}`);
  return { store: mysqlStore(pool, options), close: () => pool.end() };
}

async function openSqlite(rest, { create }) {
  // SQLAlchemy writes sqlite:///shop.sqlite for a file in this folder.
  const path = rest.replace(/^\/\/\/?/, "");
  if (path === "") throw new Refused("expected the path of a file, as in sqlite:shop.sqlite");
  if (!create && !existsSync(path)) throw new Refused(`${path}: there is no such file`);
  const { store, db } = await betterSqlite(path).catch(async (error) => {
    // The SQLite of Node from 22.16 on, of Deno and of Bun, where better-sqlite3 is not installed or does not load.
    const { DatabaseSync } = process.getBuiltinModule?.("node:sqlite") ?? {};
    if (DatabaseSync === undefined) throw error;
    const { nodeSqliteStore } = await import("../over/node-sqlite.js");
    const own = new DatabaseSync(path, { timeout: 5000 });
    return { store: nodeSqliteStore(own, options), db: own };
  });
  return { store, close: () => db.close() };
}

async function betterSqlite(path) {
  const { default: Database } = await driver("better-sqlite3", "sqlite:");
  const { sqliteStore } = await import("../sqlite.js");
  const db = new Database(path);
  return { store: sqliteStore(db, options), db };
}

/** The driver that is installed beside this package, or in the folder where the command runs. */
async function driver(name, kind) {
  try {
    return await import(name);
  } catch {}
  try {
    return await import(pathToFileURL(createRequire(join(process.cwd(), "any.js")).resolve(name)));
  } catch {
    const [installed] = name.split("/");
    throw new Refused(`${kind} needs the package ${installed}: npm install ${installed}`);
  }
}
