// How the stores over `@libsql/client`, and over libraries that use it, send statements and begin transactions.
import { openTransaction } from "./checked.js";
import { inTurn } from "./turns.js";

export function libsqlBridge(client) {
  return {
    query: async (text, values, tx) =>
      (await (openTransaction(tx, tx !== client, "libSQL") ?? client).execute({ sql: text, args: values })).rows,
    /** A second writer would wait for the first and stop the process meanwhile, the first one included. */
    transaction: (work, isolation) =>
      isolation === "repeatable read"
        ? within(() => client.transaction("read"), work)
        : inTurn(client, () => within(() => beginWriting(client), work)),
  };
}

/**
 * A transaction that has the write lock. In a file, libSQL does not reset a prepared statement that has found the file
 * locked, and its connection cannot commit any more. A script is no prepared statement.
 */
export async function beginWriting(client) {
  if (client.protocol !== "file") return client.transaction("write");
  const tx = await client.transaction("deferred");
  try {
    await tx.executeMultiple(LOCK);
  } catch (error) {
    tx.close();
    throw error;
  }
  return tx;
}

export const LOCK = "ROLLBACK; BEGIN IMMEDIATE";

async function within(begin, work) {
  const tx = await begin();
  try {
    const answer = await work(tx);
    await tx.commit();
    return answer;
  } finally {
    // Rolls back what is not committed.
    tx.close();
  }
}
