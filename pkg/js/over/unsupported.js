/** The error for a library that is used with a database, or in a way, for which there is no store. */
export const unsupported = (library, found, expected = "PostgreSQL, MySQL, MariaDB or SQLite") =>
  new TypeError(`no store for ${library} over ${found}: expected ${expected}`);
