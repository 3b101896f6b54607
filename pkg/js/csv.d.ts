import type { Promo } from "redeemable";

/** What is wrong in one line of a file. */
export interface CsvError {
  /** The line on which the row begins; the header is on line 1. */
  line: number;
  /** The column, or the place within its cell: `max_uses`, `pools[0].id`; empty for the whole row. */
  path: string;
  /** What was expected there. */
  message: string;
}

/** All promos, or null and everything that is wrong: nothing is half imported. */
export type Imported = { promos: Promo[]; errors: [] } | { promos: null; errors: CsvError[] };

/**
 * Promos as CSV, for Node; needs the packages csv-parse and csv-stringify. `fromCsv` gives back the same promos.
 *
 * One row each, with a column for every field that one of them has, named as the field; those of `discount` are `discount.kind`, `discount.percent`,
 * `discount.amount` and `discount.price`. An empty cell is a field that is not given. Amounts are in minor units, times in milliseconds since 1970;
 * `pools`, `events`, `ticket_types`, `only_for` and `release` are JSON.
 *
 * It begins with a byte-order mark, by which Excel knows UTF-8. A text that a spreadsheet would take for a formula (one that begins with = + - @, a tab or a
 * line break) has an apostrophe before it, which `fromCsv` takes away. A spreadsheet that saves may still change a code that looks like a number or a date
 * (`007`, `MAR1`): format that column as text. Throws what the engine throws about promos that are not well-formed.
 */
export function toCsv(promos: readonly Promo[], options?: {
  /** Default a comma. */
  delimiter?: "," | ";" | "\t";
}): string;

/**
 * The promos of a CSV file, in any order of columns, or everything that is wrong with it, by line. Nothing is stored; `checkPromo` says what is suspicious.
 *
 * The first row names the columns; whether comma, semicolon or tab parts the cells is seen from it. A column that no promo has, a row with more or fewer cells,
 * a promo that the engine does not read, and a code or an id that an earlier row has are errors, and so are numbers other than in plain digits
 * (`1.8E+12`, `1,000`), of which a spreadsheet may have dropped some. Rows whose cells are all empty are passed over.
 */
export function fromCsv(text: string): Imported;
