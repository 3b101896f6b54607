// A store over PGlite, the PostgreSQL that runs within the process.
import { postgresOver } from "../over.js";

export function pgliteStore(db, options) {
  return postgresOver(
    {
      query: async (text, values, tx = db) => (await tx.query(text, values)).rows,
      transaction: (work, isolation) =>
        db.transaction(async (tx) => {
          await tx.query(`SET TRANSACTION ISOLATION LEVEL ${isolation}`);
          return work(tx);
        }),
    },
    options,
  );
}
