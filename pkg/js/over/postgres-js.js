// A store on PostgreSQL over the package `postgres` (postgres.js).
import { postgresOver } from "../over.js";

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

/**
 * Whether the statement fails when an operation of the plan does. postgres.js rolls a transaction back in which a query
 * has failed, even if somebody has caught the error and gone back to a savepoint, except within its own `savepoint`. A
 * transaction of the host's goes on.
 */
export const mayFail = (text) => text.includes("redeemable_commit(");
