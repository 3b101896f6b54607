// The host's ticket rows follow the records: each ticket that is not released has one.
const left = ({ tickets }) => tickets.flatMap(({ released }, position) => (released ? [] : position));

/** `write` of a host on this connection to SQLite. */
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

/** `write` of a host on PostgreSQL; it awaits nothing. */
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
