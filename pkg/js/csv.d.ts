import type { Promo } from "redeemable";

/** What is wrong in one line of a file. */
export interface CsvError {
  /** The line on which the row begins; the header is on line 1. */
  line: number;
  /** The column, or the place within its cell: `max_uses`, `pools.1.id`, `pools[0].id`; empty for the whole row. */
  path: string;
  /** What was expected there, and what was found. */
  message: string;
}

/** All promos of the file; or, if anything is wrong, null and all errors, so that no file is half imported. */
export type Imported = { promos: Promo[]; errors: [] } | { promos: null; errors: CsvError[] };

/**
 * Writes promos as CSV (Node only; needs the packages csv-parse and csv-stringify). `fromCsv` reads the same promos
 * from it.
 *
 * Each promo is a row. Each field that at least one promo has is a column, named like the field; a field within a field
 * is named like `discount.percent`, and in a list, whose entries are numbered from 1, like `requires.2.min_tickets`. An
 * empty cell is a field that is not given. Amounts are in minor units, times are ISO 8601 in UTC, times of day are like
 * `22:00` (`26:00` is 02:00 on the next day), and lists of names are JSON. So is, in one column, what columns cannot
 * say: a list of more than nine entries, one without any, and conditions.
 *
 * Excel opens and saves the file without changing it. Take a semicolon as the delimiter where Excel uses it as list
 * separator, as in German and Spanish; percents then have a decimal comma. The file begins with a byte-order mark, by
 * which Excel recognises UTF-8. An apostrophe stands before a text that a spreadsheet would execute (`=1+1`), take for
 * a number or a day (`0012`, `1E5`, `3-4`, `MAR1`), or cut (12 digits and more); `fromCsv` removes it. A cell of Excel
 * holds at most 32 767 characters.
 *
 * If a promo is malformed, it throws the engine's error.
 */
export function toCsv(
  promos: readonly Promo[],
  options?: {
    /** What separates the cells; default a comma. */
    delimiter?: "," | ";" | "\t";
  },
): string;

/** What `fromCsv` needs to know and the file itself does not say. */
export interface CsvOptions {
  /** The unit of amounts; default minor. In major units `15.00` is 1500 in EUR. A column `budget (major)` says so. */
  amounts?: "minor" | "major";
  /**
   * The decimal sign of major units; a column `budget (major comma)` says so, too. The default is a point if commas
   * separate the cells, and otherwise unknown.
   */
  decimal?: "." | ",";
  /** The time zone of local times, such as `Europe/Berlin`. */
  zone?: string;
  /** Fields that each promo gets if the file has no column for them. An empty cell is still a field not given. */
  defaults?: Omit<Partial<Promo>, "code" | "discount"> & { discount?: { [field: string]: unknown } | null };
}

/**
 * Reads the promos of a CSV file, or says line by line what is wrong with it. Nothing is stored. `checkPromo` says
 * what is suspicious about a promo that was read.
 *
 * The first row names the columns. Their order, upper and lower case, and blanks for underscores (`Max uses`) make no
 * difference. The delimiter is found in the first row, or in a line `sep=;` before it. Errors are: a column that is no
 * field of a promo, a row with more or fewer cells than the first (empty cells at its end do not count), a promo that
 * is malformed, and a code or an id that an earlier row has. Rows whose cells are all empty are skipped.
 *
 * - Counts are whole: `3.0`, `1.000` and `1.8E+12` are errors, which say what to write. Percents may be `12.5`,
 *   `12,5` and `20 %`.
 * - Amounts are whole minor units, or major units where `amounts` or the column's name says so. The promo's currency
 *   says how many decimals major units have; it must be in ISO 4217, or be sat or msat. An amount is an error if its
 *   sign may stand before decimals or before thousands (`1.000`). Amounts within JSON are always in minor units.
 * - Times are milliseconds since 1970 or ISO 8601 with an offset. A time without an offset is a local time of `zone`,
 *   and an error if the clocks there show it twice or never. A date without a time means in `starts_at_ms` the first
 *   instant of that day, and in `ends_at_ms` the first instant of the next day, so that the promo is valid all day.
 * - Lists of names may be written `regular; vip`, days of the week `5; 6`, and `only_for`
 *   `email: ann@example.org; @corp.example`. All of them may be JSON.
 * - A field with fields of its own, such as `requires`, has a column for each of them, or is JSON in one cell. An entry
 *   of a list all of whose cells are empty does not exist. Hours that end at `02:00` and begin later end on the next
 *   day.
 * - True and false may be written as Excel does in English, German and Spanish, as yes and no, or as 1 and 0.
 *
 * With `defaults`, the file may be a list of codes, one per line, without a first row of names.
 */
export function fromCsv(text: string, options?: CsvOptions): Imported;
