// Stores over a library that the host uses already: an object-relational mapper, for example. A bridge of two functions
// says how the library sends a statement and how it begins a transaction.
export { mysqlOver } from "./over-mysql.js";
export { postgresOver } from "./over-postgres.js";
export { sqliteOver } from "./over-sqlite.js";
