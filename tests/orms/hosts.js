// Every library on every database that it has a driver for. A host opens its library and has
//   store(options)               the store over it
//   put(tx, text)                writes one row of the host's by the library's own means
//   write(tx, redemptions)       the `write` of a shop
//   transaction(work)            the library's own transaction: `work(tx)`
//   raw(tx, text)                sends a statement as it is
//   database                     what is no transaction, but has the type of one (in some libraries)
//   close()
import * as drizzle from "./hosts/drizzle.js";
import * as knex from "./hosts/knex.js";
import * as kysely from "./hosts/kysely.js";
import * as libsql from "./hosts/libsql.js";
import * as mikro from "./hosts/mikro-orm.js";
import * as pglite from "./hosts/pglite.js";
import * as postgresJs from "./hosts/postgres-js.js";
import * as prisma from "./hosts/prisma.js";
import * as sequelize from "./hosts/sequelize.js";
import * as typeorm from "./hosts/typeorm.js";

/** By name, `{ place, open(url) }`: the database's name in places.js, and what makes a host. */
export const HOSTS = Object.assign(
  {},
  ...[drizzle, prisma, kysely, knex, typeorm, sequelize, mikro, postgresJs, pglite, libsql].map(({ hosts }) => hosts),
);

/** The hosts whose names contain the variable ONLY, by default all. */
export const chosen = () => Object.entries(HOSTS).filter(([name]) => name.includes(process.env.ONLY ?? ""));
