// The schema tools of the libraries, each run on a database that has our tables: they find nothing to drop and nothing
// to change.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import fs from "node:fs/promises";
import { tmpdir } from "node:os";
import path, { join } from "node:path";
import { test } from "node:test";
import { stripVTControlCharacters } from "node:util";
import * as libsql from "@mikro-orm/libsql";
import * as postgresql from "@mikro-orm/postgresql";
import Database from "better-sqlite3";
import Knex from "knex";
import { Kysely, MysqlDialect, PostgresDialect, SqliteDialect } from "kysely";
import { FileMigrationProvider, Migrator } from "kysely/migration";
import mysql from "mysql2";
import pg from "pg";
import { knexStore } from "redeemable/over/knex";
import { kyselyStore } from "redeemable/over/kysely";
import { mikroStore, schemaGenerator } from "redeemable/over/mikro-orm";
import { sequelizeStore } from "redeemable/over/sequelize";
import { typeormStore } from "redeemable/over/typeorm";
import { DataTypes, Sequelize } from "sequelize";
import { DataSource, EntitySchema } from "typeorm";
import { PLACES } from "./places.js";

const drizzleKit = (command, settings) => {
  const args = ["node_modules/drizzle-kit/bin.cjs", command, "--config=tools/drizzle/config.js"];
  const { stdout, stderr } = spawnSync(process.execPath, [...args, ...(command === "push" ? ["--verbose"] : [])], {
    env: { ...process.env, ...settings },
    encoding: "utf8",
  });
  return stripVTControlCharacters(`${stdout}${stderr}`);
};

async function opened(t, kind, settings) {
  const place = await PLACES[kind](settings);
  t.after(() => place.close());
  return place;
}

for (const [kind, dialect, SCHEMA, FILTER] of [
  ["postgres", "postgresql", "tools/drizzle/pg.js", ""],
  ["postgres", "postgresql", "tools/drizzle/bare.js", "!redeemable_*"],
  ["sqlite", "sqlite", "tools/drizzle/sqlite.js", "!redeemable_*"],
])
  test(`drizzle-kit push on ${kind}, ${FILTER || "with our tables in the schema"}`, async (t) => {
    const place = await opened(t, kind, { tickets: false });
    const settings = { DIALECT: dialect, SCHEMA: `./${SCHEMA}`, URL: place.url, FILTER };
    const first = drizzleKit("push", settings);
    assert.match(first, /CREATE TABLE [`"]shops[`"]/);
    assert.doesNotMatch(first, /DROP|ALTER|redeemable/);
    assert.match(drizzleKit("push", settings), /No changes detected/);
  });

for (const [dialect, schema] of Object.entries({ postgresql: "bare", mysql: "mysql", sqlite: "sqlite" }))
  test(`drizzle-kit generate for ${dialect} writes nothing about our tables`, (t) => {
    const OUT = mkdtempSync(join(tmpdir(), "redeemable-drizzle-"));
    t.after(() => rmSync(OUT, { recursive: true }));
    drizzleKit("generate", { DIALECT: dialect, SCHEMA: `./tools/drizzle/${schema}.js`, OUT, URL: "unused" });
    const [script] = readdirSync(OUT).filter((name) => name.endsWith(".sql"));
    const text = readFileSync(join(OUT, script), "utf8");
    assert.match(text, /CREATE TABLE [`"]shops[`"]/);
    assert.doesNotMatch(text, /redeemable/);
  });

const FIVE = [{ op: "add", key: "code/a/uses", by: 5, at_most: null }];
const CLIENTS = { postgres: "pg", mariadb: "mysql2", sqlite: "better-sqlite3" };
for (const [kind, client] of Object.entries(CLIENTS))
  test(`Knex's migration makes the tables on ${kind}, and undoing it leaves them`, async (t) => {
    const place = await opened(t, kind, { ours: false });
    const connection = kind === "sqlite" ? { filename: place.url } : place.url;
    const knex = Knex({ client, connection, useNullAsDefault: true });
    t.after(() => knex.destroy());
    const migrations = { directory: "tools/migrations/knex", loadExtensions: [".mjs"] };
    const [, ran] = await knex.migrate.latest(migrations);
    assert.equal(ran.length, 1);
    await knexStore(knex).commit(FIVE);
    await knex.migrate.rollback(migrations);
    assert.equal(Number((await place.ask("SELECT used FROM redeemable_counters"))[0].used), 5);
  });

for (const [kind, dialectOf] of Object.entries({
  postgres: (url) => new PostgresDialect({ pool: new pg.Pool({ connectionString: url }) }),
  mariadb: (uri) => new MysqlDialect({ pool: mysql.createPool({ uri }) }),
  sqlite: (url) => new SqliteDialect({ database: new Database(url) }),
}))
  test(`Kysely's migration makes the tables on ${kind}, and undoing it leaves them`, async (t) => {
    const place = await opened(t, kind, { ours: false });
    const db = new Kysely({ dialect: dialectOf(place.url) });
    t.after(() => db.destroy());
    const migrationFolder = join(import.meta.dirname, "tools/migrations/kysely");
    const migrator = new Migrator({ db, provider: new FileMigrationProvider({ fs, path, migrationFolder }) });
    const { error, results } = await migrator.migrateToLatest();
    assert.equal(error, undefined);
    assert.deepEqual(
      results.map(({ status }) => status),
      ["Success"],
    );
    await kyselyStore(db).commit(FIVE);
    await migrator.migrateDown();
    assert.equal(Number((await place.ask("SELECT used FROM redeemable_counters"))[0].used), 5);
  });

for (const [kind, driver] of Object.entries({ postgres: postgresql, sqlite: libsql }))
  test(`MikroORM's schema generator leaves our tables on ${kind} alone`, async (t) => {
    const place = await opened(t, kind, { tickets: false });
    const Shop = new driver.EntitySchema({ name: "Shop", properties: { id: { type: "string", primary: true } } });
    const address = kind === "sqlite" ? { dbName: place.url } : { clientUrl: place.url };
    const without = await driver.MikroORM.init({ ...address, entities: [Shop] });
    t.after(() => without.close(true));
    assert.match(await without.schema.getUpdateSchemaSQL(), /drop table .*redeemable_counters/);
    const orm = await driver.MikroORM.init({ ...address, entities: [Shop], schemaGenerator });
    t.after(() => orm.close(true));
    const text = await orm.schema.getUpdateSchemaSQL();
    assert.match(text, /create table .shop/);
    assert.doesNotMatch(text, /redeemable|drop/);
    await orm.schema.update();
    assert.equal((await orm.schema.getUpdateSchemaSQL()).trim(), "");
    assert.equal(await mikroStore(orm).commit(FIVE), true);
  });

test("TypeORM's synchronize leaves tables alone that are no entities", async (t) => {
  const place = await opened(t, "postgres", { tickets: false });
  const shop = new EntitySchema({ name: "shop", columns: { id: { type: "text", primary: true } } });
  const db = await new DataSource({ type: "postgres", url: place.url, entities: [shop] }).initialize();
  t.after(() => db.destroy());
  const queries = async () => (await db.driver.createSchemaBuilder().log()).upQueries.map(({ query }) => query);
  assert.deepEqual(
    (await queries()).map((text) => text.slice(0, 19)),
    ['CREATE TABLE "shop"'],
  );
  await db.synchronize();
  assert.deepEqual(await queries(), []);
  assert.equal(await typeormStore(db).commit(FIVE), true);
});

test("Sequelize's sync leaves tables alone that are no models", async (t) => {
  const place = await opened(t, "postgres", { tickets: false });
  const sent = [];
  const db = new Sequelize(place.url, { logging: (text) => sent.push(text) });
  t.after(() => db.close());
  db.define("shop", { id: { type: DataTypes.STRING, primaryKey: true } });
  await db.sync({ alter: true });
  assert.ok(sent.some((text) => text.includes('CREATE TABLE IF NOT EXISTS "shops"')));
  assert.deepEqual(
    sent.filter((text) => /redeemable|DROP/.test(text)),
    [],
  );
  assert.equal(await sequelizeStore(db).commit(FIVE), true);
});
