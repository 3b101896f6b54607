import type { Promo } from "redeemable";

/** What is wrong in one line of a file. */
export interface CsvError {
  /** The line on which the row begins; the header is on line 1. */
  line: number;
  /** The column, or the place within its cell: `max_uses`, `pools[0].id`; empty for the whole row. */
  path: string;
  /** What was expected there, and what was found. */
  message: string;
}

/** All promos, or null and everything that is wrong: nothing is half imported. */
export type Imported = { promos: Promo[]; errors: [] } | { promos: null; errors: CsvError[] };

/**
 * Promos as CSV, for Node; needs the packages csv-parse and csv-stringify. `fromCsv` gives back the same promos.
 *
 * One row each, with a column for every field that one of them has, named as the field; those of `discount` are
 * `discount.kind`, `discount.percent`, `discount.amount` and `discount.price`. An empty cell is a field that is not
 * given. Amounts are in minor units, times ISO 8601 in UTC; `pools`, `events`, `ticket_types`, `only_for` and
 * `release` are JSON.
 *
 * Excel keeps it: take a semicolon where that is the list separator, as in German and Spanish; percents then have a
 * decimal comma. It begins with a byte-order mark, by which Excel knows UTF-8. An apostrophe stands before what a
 * spreadsheet would execute (`=1+1`), take for a number or a day (`0012`, `1E5`, `3-4`, `MAR1`), or cut (12 digits
 * and more); `fromCsv` takes it away. Excel holds 32 767 characters in a cell. Throws what the engine throws about
 * promos that are not well-formed.
 */
export function toCsv(
  promos: readonly Promo[],
  options?: {
    /** Default a comma. */
    delimiter?: "," | ";" | "\t";
  },
): string;

/** What a file does not say itself. */
export interface CsvOptions {
  /** Default minor units; `15.00` in major ones is 1500 in EUR. A column called `budget (major)` says it, too. */
  amounts?: "minor" | "major";
  /** Of major units, as `budget (major comma)` says it; default a point between commas, otherwise unknown. */
  decimal?: "." | ",";
  /** The time zone of local times, such as `Europe/Berlin`. */
  zone?: string;
  /** Fields of each promo for which the file has no column; an empty cell stays a field that is not given. */
  defaults?: Omit<Partial<Promo>, "code" | "discount"> & { discount?: { [field: string]: unknown } | null };
}

/**
 * The promos of a CSV file, in any order of columns, or everything that is wrong with it, by line. Nothing is
 * stored; `checkPromo` says what is suspicious.
 *
 * The first row names the columns, in whatever case, with blanks for underscores (`Max uses`); what parts the cells
 * is seen from it, or said by a line `sep=;` before it. A column that no promo has, a row with more or fewer cells
 * (empty ones at the end aside), a promo that the engine does not read, and a code or an id that an earlier row has
 * are errors. Rows whose cells are all empty are passed over.
 *
 * - Counts are whole: `3.0`, `1.000` and `1.8E+12` are errors, which say what to write. Percents may be `12.5`,
 *   `12,5` and `20 %`.
 * - Amounts are whole minor units, or major units where `amounts` or the column's name says so. The promo's currency
 *   says how many decimals; it must be one of ISO 4217, sat or msat. Where a sign may part decimals or thousands,
 *   the amount is an error. Amounts within JSON stay minor.
 * - Times are milliseconds since 1970 or ISO 8601 with an offset; without one they are those of `zone`, and an error
 *   where its clocks show them twice or never. A date alone begins with its first instant and ends with its last.
 * - `events` and `ticket_types` may be `regular; vip`, `only_for` `email: ann@example.org; @corp.example`, as well
 *   as JSON.
 * - True and false may be written as Excel does in English, German and Spanish, as yes and no, or as 1 and 0.
 *
 * With `defaults` a list of codes, one a line, is a file without a header.
 */
export function fromCsv(text: string, options?: CsvOptions): Imported;
