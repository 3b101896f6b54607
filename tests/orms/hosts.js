// Every library on every database that it has a driver for. A host opens its library and has
//   store(options)               the store over it
//   put(tx, text)                writes one row of the host's by the library's own means
//   write(tx, redemptions)       the `write` of a shop
//   transaction(work)            the library's own transaction: `work(tx)`
//   raw(tx, text)                sends a statement as it is
//   database                     what is no transaction, but has the type of one (in some libraries)
//   close()
//
// By name, the database's name in places.js, and the file in hosts/ that opens the host.
const FILES = {
  "Drizzle, node-postgres": ["postgres", "drizzle"],
  "Drizzle, postgres.js": ["postgres", "drizzle"],
  "Drizzle, mysql2": ["mariadb", "drizzle"],
  "Drizzle, libsql": ["sqlite", "drizzle"],
  "Drizzle, better-sqlite3": ["sqlite", "drizzle"],
  "Prisma, pg": ["postgres", "prisma"],
  "Prisma, mariadb": ["mariadb", "prisma"],
  "Prisma, better-sqlite3": ["sqlite", "prisma"],
  "Kysely, pg": ["postgres", "kysely"],
  "Kysely, mysql2": ["mariadb", "kysely"],
  "Kysely, better-sqlite3": ["sqlite", "kysely"],
  "Knex, pg": ["postgres", "knex"],
  "Knex, mysql2": ["mariadb", "knex"],
  "Knex, better-sqlite3": ["sqlite", "knex"],
  "TypeORM, pg": ["postgres", "typeorm"],
  "TypeORM, mysql2": ["mariadb", "typeorm"],
  "Sequelize, pg": ["postgres", "sequelize"],
  "Sequelize, mysql2": ["mariadb", "sequelize"],
  "MikroORM, pg": ["postgres", "mikro-orm"],
  "MikroORM, mysql2": ["mariadb", "mikro-orm"],
  "MikroORM, libsql": ["sqlite", "mikro-orm"],
  "postgres.js": ["postgres", "postgres-js"],
  PGlite: ["pglite", "pglite"],
  "@libsql/client": ["sqlite", "libsql"],
};

/** Opens a host. Only its own library is loaded. */
export async function openHost(name, url) {
  const { hosts } = await import(`./hosts/${FILES[name][1]}.js`);
  return hosts[name](url);
}

/** The hosts whose names contain the variable ONLY, by default all: `[name, { place }]`. */
export const chosen = () =>
  Object.entries(FILES).flatMap(([name, [place]]) =>
    name.includes(process.env.ONLY ?? "") ? [[name, { place, open: (url) => openHost(name, url) }]] : [],
  );
