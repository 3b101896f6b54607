// What the page says after a payment, by the payment's status.
import type { Paid } from "../api";

const KEPT: Record<string, string> = {
  confirmed: "Paid. The tickets are yours.",
  accepted: "Paid. The new tickets are yours.",
  already_confirmed: "This was paid already; nothing was charged twice.",
};
const RETURNED: Record<string, string> = {
  stale_payment: "The order was changed, so your money goes back.",
  late_payment_conflict: "Too late: another buyer has the discount, so your money goes back.",
  exchange_refused: "The tickets are not to be had any more, so your money goes back.",
  already_released: "The tickets were given back before, so your money goes back.",
  released: "The tickets were given back before, so your money goes back.",
  paid_twice: "This order was paid before, so this payment goes back.",
  already_returned: "This payment went back before, and pays for nothing.",
};
export const saidOf = ({ money, status }: Paid) =>
  money === "kept" ? (KEPT[status] ?? "Paid.") : (RETURNED[status] ?? "Your money goes back.");
