import type { Report } from "redeemable/organiser";
import type { Store } from "redeemable/host";

/** Which records are reported. Null is all. */
export interface Reported {
  /** Only orders for this event. */
  event_id?: string | null;
  /**
   * Only orders with this code, in any spelling. The rows of other codes are left out; the rows of all orders are those
   * of the orders with the code.
   */
  code?: string | null;
  /** Only orders that were first accepted at this time or later. */
  from_ms?: number | null;
  /** Only orders that were first accepted before this time. */
  to_ms?: number | null;
  /** Whether each person gets rows of their own, too: names of buyers are then in the report. */
  by_person?: boolean;
}

/**
 * What each code was used for, and what came in: `reportUsage` over the records of the store, those in the archive too.
 * The records are read page by page as of one moment, if the database can, so a large shop needs no more memory than a
 * small one. No buyer waits. On SQLite it blocks the process as `scan` does.
 *
 * In a browser or a worker, await `init` of `redeemable` and of `redeemable/organiser` before.
 */
export function report(store: Pick<Store, "scan">, chosen?: Reported): Promise<Report>;

/**
 * The rows as CSV: `code`, `currency`, `person`, then the numbers of `held`, `confirmed` and `released`, such as
 * `confirmed_paid`. Amounts are in minor units. An empty code is the row of all orders, an empty person everybody.
 *
 * The file begins with a byte-order mark, by which Excel recognises UTF-8. An apostrophe stands before a text that a
 * spreadsheet would execute, or take for a number or a day.
 */
export function reportCsv(
  report: Report,
  options?: {
    /** What separates the cells; default a comma. */
    delimiter?: "," | ";" | "\t";
  },
): string;
