// Writes the host's ticket rows: one for each ticket in the records that is not released.
const left = ({ tickets }) => tickets.flatMap(({ released }, position) => (released ? [] : position));

/** The `write` of a host with this connection to SQLite. */
export function writeOnSqlite(db) {
  const drop = db.prepare("DELETE FROM tickets WHERE order_id = ?");
  const put = db.prepare("INSERT INTO tickets VALUES (?, ?, ?)");
  return (_, redemptions) => {
    for (const redemption of redemptions) {
      drop.run(redemption.id);
      for (const position of left(redemption)) put.run(redemption.id, position, redemption.state);
    }
  };
}

/** The `write` of a host on MariaDB. It awaits only the last of its statements. */
export async function writeOnMysql(transaction, redemptions) {
  let last;
  for (const redemption of redemptions) {
    last = transaction.query("DELETE FROM tickets WHERE order_id = ?", [redemption.id]);
    const rows = left(redemption).map((position) => [redemption.id, position, redemption.state]);
    if (rows.length > 0) last = transaction.query("INSERT INTO tickets VALUES ?", [rows]);
  }
  await last;
}

/** The `write` of a host on PostgreSQL. It does not await its statements. */
export function writeOnPostgres(transaction, redemptions) {
  for (const redemption of redemptions) {
    transaction.query("DELETE FROM tickets WHERE order_id = $1", [redemption.id]);
    transaction.query("INSERT INTO tickets SELECT $1, unnest($2::int[]), $3", [
      redemption.id,
      left(redemption),
      redemption.state,
    ]);
  }
}

/** The same, one statement after the other: a store over a bridge does not wait for what `write` does not await. */
export async function writeOverPostgres(transaction, redemptions) {
  let last;
  const query = (...sent) => {
    last = Promise.resolve(last).then(() => transaction.query(...sent));
  };
  writeOnPostgres({ query }, redemptions);
  await last;
}
