import type { PGliteInterface, Transaction } from "@electric-sql/pglite";
import type { OverOptions, OverStore } from "redeemable/over";

/** A store over PGlite. */
export function pgliteStore(db: PGliteInterface, options?: OverOptions): OverStore<Transaction>;
