// Calls a host's `write` on a driver's connection, and watches what it sends.

/**
 * Calls `write` with these methods of the client, and waits for all of its queries, awaited or not. Throws the first
 * error of a query that no ROLLBACK TO SAVEPOINT has undone. `ending` recognises texts that end the transaction.
 * With `inTurn`, each query is sent when the one before has succeeded. After an error, only ROLLBACK TO is sent: on
 * MySQL a deadlock ends the transaction, and the server would store what comes behind it at once.
 */
export async function written({ client, methods, ending, inTurn = false }, write, redemptions) {
  const answers = [];
  let open = true;
  let failure;
  const send =
    (method) =>
    (...query) => {
      const text = query[0]?.sql ?? query[0]?.text ?? query[0];
      if (ending.test(text))
        throw new TypeError(
          "the transaction is the store's: write must not begin or end one, and on MySQL most statements that " +
            "create, alter or drop end it; SAVEPOINT is allowed",
        );
      if (!open) throw new Error("the transaction is over: write has to await what it sends further queries after");
      if (query.some((part) => typeof part === "function" || typeof part?.submit === "function"))
        throw new TypeError("in write, a query answers with a promise only");
      const goesBack = /^\s*ROLLBACK\b/i.test(text);
      const answer = inTurn
        ? Promise.resolve(answers.at(-1)).then(() => {
            if (failure && !goesBack) throw failure;
            return client[method](...query);
          })
        : client[method](...query);
      answers.push(
        answer.then(
          () => {
            if (goesBack) failure = undefined;
          },
          (error) => {
            failure ??= error;
          },
        ),
      );
      return answer;
    };
  try {
    await write(Object.fromEntries(methods.map((method) => [method, send(method)])), redemptions);
  } finally {
    open = false;
    await Promise.all(answers);
  }
  if (failure) throw failure;
}
