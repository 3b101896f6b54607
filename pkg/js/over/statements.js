// What the libraries make of a statement. Some write every value as `?`, others as `$1`; the stores send what the
// database takes.

/** A statement of PostgreSQL with `?` in place of `$1`, and its values in the order of the question marks. */
export function marked(text, values) {
  const order = [];
  const marks = text.replaceAll("?", "\\?").replaceAll(/\$(\d+)/g, (_, number) => {
    order.push(values[number - 1]);
    return "?";
  });
  return [marks, order];
}

/** A statement of SQLite or MySQL with `$1`, `$2` and so on in place of each `?`. */
export function numbered(text) {
  let count = 0;
  return text.replaceAll("?", () => {
    count += 1;
    return `$${count}`;
  });
}

/**
 * Whether the statement fails when an operation of the plan does. postgres.js rolls a transaction back in which a query
 * has failed, even if somebody has caught the error and gone back to a savepoint, except within its own `savepoint`. A
 * transaction of the host's goes on.
 */
export const mayFail = (text) => text.includes("redeemable_commit(");
