// A store on PostgreSQL over the package `postgres` (postgres.js).
import { postgresOver } from "../over.js";
import { mayFail } from "./statements.js";

export function postgresJsStore(sql, options) {
  const own = new WeakSet();
  return postgresOver(
    {
      query: (text, values, tx = sql) =>
        mayFail(text) && tx !== sql && !own.has(tx)
          ? tx.savepoint((inner) => inner.unsafe(text, values))
          : tx.unsafe(text, values),
      async transaction(work, isolation) {
        // `begin` would take an answer that is a list for a list of queries.
        const { answer } = await sql.begin(`isolation level ${isolation}`, async (tx) => {
          own.add(tx);
          return { answer: await work(tx) };
        });
        return answer;
      },
    },
    options,
  );
}
