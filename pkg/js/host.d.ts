import type {
  AcceptedDecision,
  CodeForms,
  Confirmation,
  Decision,
  ExchangeAnswer,
  Policy,
  Promo,
  Order,
  Redemption,
  ReleaseAnswer,
  ReleaseReason,
  PreparedRules,
  ZoneOffset,
} from "redeemable";
import type { Drift, Store, Write } from "./store.js";

export type { Drift, Joined, OperatorOp, Store, Write } from "./store.js";

/** The options of every call that stores something. */
export interface Options<T = unknown> {
  /** Writes your own rows, in the plan's transaction, which may store other buyers' plans, too. */
  write?: Write<T>;
  /**
   * A transaction that you have begun on the store's database, and that you end: the plan joins it, under a savepoint.
   * Nothing is sold before you have committed it, and until then every counter that the plan has changed stays locked:
   * other buyers of the same code wait. If `RepeatTransaction` is thrown, roll it back and repeat all of it.
   * Await the call before you use the transaction again: a query of yours that is sent meanwhile may be undone with a
   * plan that fails.
   */
  transaction?: T;
  /** The clock, in milliseconds since 1970; default the system's. */
  now?: () => number;
  /** How often to read and decide if somebody else writes first each time; default 8. After that, `Busy` is thrown. */
  attempts?: number;
}

/** The options of `redeem`. */
export interface RedeemOptions<T = unknown> extends Options<T> {
  /**
   * Called with each accepted decision before it is committed, once per attempt; a replayed decision, too.
   * To refuse, it throws: `redeem` throws the same error, and nothing is stored. Returning false is a mistake.
   */
  approve?: (decision: AcceptedDecision) => unknown;
}

/**
 * `codes`, `promos`, `policy` and `order` of `validateRedemption`. The kit adds `usage` and `now_ms` itself.
 *
 * `promos` may be a function that finds the documents of the typed codes. It is called in each attempt, and only if a
 * code was typed: a shop with many documents reads only these few, and sells none that was switched off meanwhile.
 * Automatic promotions are in every order, so they need a function of their own: `{ always, find }`.
 * With `unsound: "leave_out"`, a document with faults makes its own code unknown, and other codes are sold as usual.
 * `rules` replace `promos`, `policy` and `unsound`.
 */
export type RedeemRequest = { codes: string[]; order: Order } & (
  | { promos: Promo[] | Loader<Promo>; policy?: Policy | null; unsound?: "refuse" | null; rules?: null }
  | { promos: readonly unknown[] | Loader<unknown>; policy?: Policy | null; unsound: "leave_out"; rules?: null }
  | { rules: PreparedRules; promos?: null; policy?: null; unsound?: null }
);

/** Returns the documents of these codes, each once. A document may be found by either form of its code. */
export type Find<Document> = (codes: CodeForms[]) => readonly Document[] | PromiseLike<readonly Document[]>;

/**
 * How documents are found. `always` returns those that every order is asked about: all automatic promotions, which
 * nobody types. `find` may return them, too. Both are called in each attempt.
 */
export type Loader<Document> =
  | Find<Document>
  | { always: () => readonly Document[] | PromiseLike<readonly Document[]>; find: Find<Document> };

/** Decides as `redeem` would (it also counts on lapsed holds), but commits nothing. It ignores the order's id. */
export function preview<T>(store: Store<T>, request: RedeemRequest, options?: Options<T>): Promise<Decision>;

/** Redeems the order's codes. The same order asked again gets the same answer, and is counted once. */
export function redeem<T>(
  store: Store<T>,
  request: RedeemRequest & { order: { id: string } },
  options?: RedeemOptions<T>,
): Promise<Decision>;

/**
 * Reports that a payment arrived for the order `id`. The same payment may be reported any number of times.
 * `money` in the answer says what to do with it: `kept` pays for the order, `returned` goes back to the buyer, once for
 * each payment's id. The answer is null if there is no such order: the money goes back, too.
 */
export function confirm<T>(
  store: Store<T>,
  paid: {
    /** The order's id. */
    id: string;
    /** The payment as the host's own payment system knows it. Never copy it from what the buyer sends. */
    payment: {
      /** The payment's own id (hash, intent, charge), never the order's. */
      id: string;
      /** What was paid, in minor units; null skips the check. */
      total: number | null;
      /** The total's currency; may be left out if `total` is null. */
      currency?: string | null;
    };
    /** Confirms a late payment even if a limit is then exceeded; default false. */
    over_limit?: boolean;
    /** Only asks what the answer would be: nothing is stored; default false. */
    dry?: boolean;
  },
  options?: Options<T>,
): Promise<Confirmation | null>;

/**
 * Takes tickets of the order `id` back. Give each release a `release_id` of its own: asked again, it gets the same
 * answer, and what is `refundable` is not owed twice.
 * The answer is null if there is no such order.
 */
export function release<T>(
  store: Store<T>,
  returned: {
    /** The order's id. */
    id: string;
    reason: ReleaseReason;
    /** The tickets' indexes; null: all that are not released yet. */
    tickets?: number[] | null;
    /** The release's own id, of 1 to 256 characters. */
    release_id?: string | null;
  },
  options?: Options<T>,
): Promise<ReleaseAnswer | null>;

/**
 * Exchanges tickets of the paid order `id` for those of another order. If the answer is `payment_due`, nothing is
 * stored: have exactly `due` authorised, ask again with the payment, and capture it afterwards. Asked again after an
 * answer was lost, the exchange is answered as it was.
 * The answer is null if there is no order `id`.
 */
export function exchange<T>(
  store: Store<T>,
  wanted: {
    /** The id of the paid order. */
    id: string;
    /** The indexes of the tickets that go back; null: all that are left. */
    tickets?: number[] | null;
    /** The order that takes their place, under an id of its own. Without an id it is a preview. */
    request: RedeemRequest;
    /** What was authorised for `due`; null: nothing. */
    payment?: {
      /** The payment's own id (hash, intent, charge), never the order's. */
      id: string;
      /** What was authorised, in minor units; null skips the check. */
      total: number | null;
      /** The total's currency; may be left out if `total` is null. */
      currency?: string | null;
    } | null;
    /** Whether what is left over is paid back; default false: the buyer forgoes it. */
    refund?: boolean;
  },
  options?: Options<T> & {
    /** As for `redeem`: the new order may be somebody's hold, so check that the buyer owns both orders. */
    approve?: (answer: ExchangeAnswer) => unknown;
  },
): Promise<ExchangeAnswer | null>;

/**
 * Releases every hold that has lapsed, and returns how many. A hold that somebody else changed meanwhile is skipped.
 * A hold that cannot be released does not stop the others: its error is thrown after all are done.
 */
export function sweep<T>(store: Store<T>, options?: Options<T>): Promise<number>;

/**
 * Returns the counters whose value differs from what the records add up to, sorted by key. It changes nothing.
 * Counters of a day, week or month that ended more than 400 days ago are left out, because `prune` may delete them.
 * If the host commits every plan as it is, the list is empty at any moment, even while buyers buy.
 */
export function audit<T>(
  store: Store<T>,
  options?: {
    /** The clock, in milliseconds since 1970; default the system's. */
    now?: () => number;
  },
): Promise<Drift[]>;

/**
 * Sets each counter that differs from the records to what they add up to, and returns these counters. Buyers may buy
 * meanwhile. A counter may then be above its limit: what was sold stays sold, and the next order is rejected.
 */
export function repair<T>(
  store: Store<T>,
  options?: {
    /** How often the database may ask for a repetition; default 8. */
    attempts?: number;
    /** The clock, in milliseconds since 1970; default the system's. */
    now?: () => number;
  },
): Promise<Drift[]>;

/**
 * Moves the redemptions that are confirmed or released, and were created before `before_ms` or belong to the event (or
 * both), to the archive, and returns how many. At least one of the two must be there. What they hold of a counter stays
 * counted, and an archived redemption that is paid or released comes back by itself.
 */
export function archive<T>(
  store: Store<T>,
  chosen: {
    before_ms?: number | null;
    event_id?: string | null;
    /**
     * Gets up to 50 redemptions at a time, which then leave the database: it keeps only what they hold. It may get a
     * redemption again in a later call; the last version counts.
     */
    to?: ((redemptions: Redemption[]) => unknown) | null;
  },
  options?: Record<string, never>,
): Promise<number>;

/** Brings back redemptions that `archive` gave to `to`, as they were, and returns how many. */
export function restoreRecords<T>(
  store: Store<T>,
  redemptions: readonly Redemption[],
  options?: {
    /** How often the database may ask for a repetition; default 8. */
    attempts?: number;
  },
): Promise<number>;

/**
 * Takes a person out of every redemption, those in the archive, too, and of every counter, and returns how many
 * redemptions it has changed. In the person's place stands a name that says nothing, the same in all of them.
 * `identity` is written as in the redemptions: `email:ann@example.org`.
 */
export function erase<T>(
  store: Store<T>,
  identity: string,
  options?: {
    /** How often the database may ask for a repetition; default 8. */
    attempts?: number;
    /** Writes your own rows of each redemption that is changed. */
    write?: Write<T>;
  },
): Promise<number>;

/**
 * Deletes the counters of days, weeks and months that ended before `before_ms`, and returns how many. That must be at
 * least 400 days ago: `audit` and `repair` look at later ones.
 */
export function prune<T>(
  store: Store<T>,
  before_ms: number,
  options?: {
    /** How often the database may ask for a repetition; default 8. */
    attempts?: number;
    /** The clock, in milliseconds since 1970; default the system's. */
    now?: () => number;
  },
): Promise<number>;

/**
 * Splits the counter `key`, such as `code/event:gala:EARLY20/uses`, into `parts` rows (at most 256), so that buyers of
 * a popular code do not wait for one row; 1 joins them again. Buyers may buy meanwhile, and the limit holds to the last
 * use. With the uses of a code or of a pool, it also splits what it spends, in every currency that was sold in. Returns
 * the keys of these counters. On SQLite, where one writer comes at a time, it throws.
 */
export function split<T>(
  store: Store<T>,
  key: string,
  parts: number,
  options?: {
    /** How often the database may ask for a repetition; default 8. */
    attempts?: number;
  },
): Promise<string[]>;

/**
 * The offsets of the zone `name`, such as `Europe/Berlin`, from `from_ms` to `to_ms`: `policy.zone`. The last entry is
 * the offset at `to_ms`, so that `checkPromo` can tell where the list ends. Throws if there is no such zone.
 */
export function zone(name: string, from_ms: number, to_ms: number): ZoneOffset[];

/** In each of `attempts` attempts somebody else wrote first: nothing was stored, and the caller may try again. */
export class Busy extends Error {
  constructor(attempts: number);
  readonly code: "busy";
  readonly attempts: number;
}

/**
 * The plan cannot be stored in the host's transaction as it is: there was a deadlock, for example, or somebody has
 * written what the transaction cannot see. Roll the transaction back, and repeat all of it. `cause` is the database's
 * error.
 */
export class RepeatTransaction extends Error {
  constructor(cause: unknown);
  readonly code: "repeat_transaction";
}
