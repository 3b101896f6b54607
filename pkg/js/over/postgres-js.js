// A store on PostgreSQL over the package `postgres` (postgres.js).
import { postgresOver } from "../over.js";

export function postgresJsStore(sql, options) {
  return postgresOver(
    {
      query: (text, values, tx = sql) => tx.unsafe(text, values),
      async transaction(work, isolation) {
        // `begin` would take an answer that is a list for a list of queries.
        const { answer } = await sql.begin(`isolation level ${isolation}`, async (tx) => ({ answer: await work(tx) }));
        return answer;
      },
    },
    options,
  );
}
