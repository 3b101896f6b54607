// Another host, in a process of its own, that has locked the SQLite file until it is killed. (Locks of one process do
// not keep it from itself, and better-sqlite3 and libsql do not know of each other's.)
import Database from "better-sqlite3";

const db = new Database(process.argv[2]);
db.exec("BEGIN IMMEDIATE");
process.on("message", () => {});
process.send("locked");
