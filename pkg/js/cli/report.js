// The lines of a report.
import { money, table } from "./words.js";

/** A line for each row and each state in which the row has something. */
export function linesOf({ rows }, by_person) {
  const lines = rows.flatMap((row) =>
    ["held", "confirmed", "released"].flatMap((state) => {
      const { orders, tickets, uses, list, discount, paid } = row[state];
      if (orders + tickets + uses === 0) return [];
      const amounts = [list, discount, paid].map((amount) => money(amount, row.currency));
      const person = by_person ? [row.person ?? "everybody"] : [];
      return [[row.code ?? "all orders", ...person, state, orders, tickets, uses, ...amounts]];
    }),
  );
  if (lines.length === 0) return ["there is no order"];
  const person = by_person ? ["person"] : [];
  return table(["code", ...person, "state", "orders", "tickets", "uses", "list price", "taken off", "paid"], lines);
}
