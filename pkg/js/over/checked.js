// What the stores in this folder refuse.

/** The error for a library that is used with a database, or in a way, for which there is no store. */
export const unsupported = (library, found, expected = "PostgreSQL, MySQL, MariaDB or SQLite") =>
  new TypeError(`no store for ${library} over ${found}: expected ${expected}`);

/**
 * Refuses the database itself as the option `transaction`, where types cannot tell it from a transaction: each
 * statement would be stored by itself.
 */
export function openTransaction(tx, isOpen, library) {
  if (tx !== undefined && !isOpen) throw new TypeError(`the option transaction: expected an open one of ${library}`);
  return tx;
}
