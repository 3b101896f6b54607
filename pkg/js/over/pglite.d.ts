import type { PGliteInterface, Transaction } from "@electric-sql/pglite";
import type { OverStore, PostgresOptions } from "redeemable/over";

/** A store over PGlite. */
export function pgliteStore(db: PGliteInterface, options?: PostgresOptions<Transaction>): OverStore<Transaction>;
