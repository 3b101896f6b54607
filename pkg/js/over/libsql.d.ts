import type { Client, Transaction } from "@libsql/client";
import type { OverOptions, OverStore } from "redeemable/over";

/**
 * A store over a client of `@libsql/client`. Its transactions run one after another. For a file, the client's option
 * `timeout` says how many milliseconds it waits for another process.
 */
export function libsqlStore(client: Client, options?: OverOptions): OverStore<Transaction>;
