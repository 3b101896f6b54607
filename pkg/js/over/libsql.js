// A store over the package `@libsql/client`: a file, an embedded replica, or a server of libSQL such as Turso.
import { sqliteOver } from "../over.js";
import { inTurn } from "./turns.js";

export const libsqlStore = (client, options) => sqliteOver(libsqlBridge(client), options);

export function libsqlBridge(client) {
  return {
    query: async (text, values, tx = client) => (await tx.execute({ sql: text, args: values })).rows,
    /** A second writer would not wait for the first without blocking it: SQLite waits in the only thread. */
    transaction: (work, isolation, writing = (turn) => within("write", turn)) =>
      isolation === "repeatable read" ? within("read", work) : inTurn(client, () => writing(work)),
  };

  async function within(mode, work) {
    const tx = await client.transaction(mode);
    try {
      const answer = await work(tx);
      await tx.commit();
      return answer;
    } finally {
      // Rolls back what is not committed.
      tx.close();
    }
  }
}
