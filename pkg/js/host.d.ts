import type {
  AcceptedDecision,
  CodeForms,
  Confirmation,
  Decision,
  ExchangeAnswer,
  Op,
  Policy,
  Promo,
  Order,
  Redemption,
  ReleaseAnswer,
  ReleaseReason,
  PreparedRules,
  ZoneOffset,
} from "redeemable";

/** The kit's tables in the host's database. `T` is the transaction through which the host writes its own rows. */
export interface Store<T = unknown> {
  /**
   * Returns, as of one moment, the values of those of these counters that exist, and the redemption `id` (null if there
   * is none, or if `id` is null). `archived` is true if it is in the archive.
   */
  read(
    keys: string[],
    id: string | null,
  ): Promise<{ counters: { [key: string]: number }; existing: Redemption | null; archived: boolean }>;
  /**
   * Executes the plan and `write` in one transaction. If an operation of the plan fails, or the database asks for a
   * repetition (as after a deadlock), it stores nothing and returns false. Every other fault is thrown.
   */
  commit(ops: (Op | OperatorOp)[], write?: Write<T>): Promise<boolean>;
  /**
   * Returns, as of one moment, at most `limit` held redemptions with `expires_at_ms` ≤ `lapsed_by_ms`.
   * If `keys` is null: those that lapsed first, in that order, and no counters.
   * If `keys` is a list: holds that charge one of these counters, and the values of those of the counters that exist.
   * If there are more such holds than `limit`, the store chooses at random (for a `limit` below 100 it may choose among
   * the 100 that lapsed first).
   */
  find(query: {
    lapsed_by_ms: number;
    keys: string[] | null;
    limit: number;
  }): Promise<{ holds: Redemption[]; counters: { [key: string]: number } }>;
  /**
   * Passes every redemption, also those in the archive, to `visit`, at most 500 at once, then every counter. It is for
   * reports: as of one moment if the database can. No buyer waits.
   */
  scan(visit: (batch: { redemptions: Redemption[]; counters: { [key: string]: number } }) => void): Promise<void>;
  /**
   * Returns, as of one moment, the counters that differ from the records, by key after `after`, at most `limit`. `must`
   * is what the redemptions hold of the counter (`held ?? amount` of each charge), and what the operations `open` have
   * added; a counter that is missing is 0. `corrected` says how often the counter was corrected.
   */
  differences(query: { after: string; limit: number }): Promise<(Drift & { corrected: number })[]>;
  /** Returns the redemptions that name this identity, such as `email:ann@example.org`, also those in the archive. */
  person(identity: string): Promise<{ redemption: Redemption; archived: boolean }[]>;
  /**
   * Returns redemptions that are neither held nor in the archive, by id after `after`, at most `limit`: those created
   * before `before_ms`, and those of the event, unless these are null.
   */
  old(query: {
    after: string;
    before_ms: number | null;
    event_id: string | null;
    limit: number;
  }): Promise<Redemption[]>;
  /**
   * Deletes the counters of days, weeks and months for whose key `isOver` is true, and returns how many. If the
   * database asks for a repetition, it deletes nothing and returns null.
   */
  prune(isOver: (key: string) => boolean): Promise<number | null>;
  /**
   * On PostgreSQL, MariaDB and MySQL: splits the counter, and those of what its code or pool spends, into so many
   * parts, and returns their keys. If the database asks for a repetition, it changes nothing and returns null.
   */
  split?(key: string, parts: number): Promise<string[] | null>;
  /** For the option `transaction`: the store in a transaction that the host has begun. A store may leave it out. */
  joining?(transaction: T): Joined<T>;
}

/** An operation of the kit's own in a plan. KIT.md says when each of them fails. */
export type OperatorOp =
  /** Moves the redemption to the archive. Fails if it has another revision, or is held. */
  | { op: "archive"; id: string; revision: number }
  /** Moves the redemption back. Fails if it is not in the archive. */
  | { op: "restore"; id: string }
  /** Deletes the redemption in the archive. Fails if it is not there. */
  | { op: "drop"; id: string }
  /** From now on `person` does not find the redemption by `person`, and finds it by `erased`, unless that is null. */
  | { op: "erase"; id: string; person: string; erased: string | null }
  /** Adds to what redemptions in the archive hold of the counter. */
  | { op: "open"; key: string; by: number }
  /** Adds to the counter. Fails if it was not corrected exactly so many times before. */
  | { op: "correct"; key: string; by: number; corrected: number }
  /** Deletes the counter if nothing holds anything of it. */
  | { op: "forget"; key: string };

/**
 * A store in a transaction that the host has begun and will end. `commit` works under a savepoint: if an operation of
 * the plan fails, it undoes the plan alone and returns false or, if a new read in this transaction would not see what
 * others have committed, throws `RepeatTransaction`. Each function throws that, too, if the database asks for a
 * repetition.
 */
export type Joined<T> = Pick<Store<T>, "read" | "find" | "commit">;

/**
 * Writes the host's own rows in the plan's transaction: the tickets of each redemption, for example.
 * It runs after the records are stored and before the counters are, in each attempt, and again if other buyers' plans
 * in the same transaction cannot be stored. It may therefore run several times for one order, and must do nothing that
 * a rollback does not undo (it must not send an e-mail).
 */
export type Write<T> = (transaction: T, redemptions: Redemption[]) => unknown;

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
 * With `unsound: "leave_out"`, a document with faults makes its own code unknown, and other codes are sold as usual.
 * `rules` replace `promos`, `policy` and `unsound`.
 */
export type RedeemRequest = { codes: string[]; order: Order } & (
  | { promos: Promo[] | Find<Promo>; policy?: Policy | null; unsound?: "refuse" | null; rules?: null }
  | { promos: readonly unknown[] | Find<unknown>; policy?: Policy | null; unsound: "leave_out"; rules?: null }
  | { rules: PreparedRules; promos?: null; policy?: null; unsound?: null }
);

/** Returns the documents of these codes, each once. A document may be found by either form of its code. */
export type Find<Document> = (codes: CodeForms[]) => readonly Document[] | PromiseLike<readonly Document[]>;

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
    request: { codes: string[]; promos: Promo[] | Find<Promo>; policy?: Policy | null; order: Order };
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
  options?: Options<T>,
): Promise<ExchangeAnswer | null>;

/**
 * Releases every hold that has lapsed, and returns how many. A hold that somebody else changed meanwhile is skipped.
 * A hold that cannot be released does not stop the others: its error is thrown after all are done.
 */
export function sweep<T>(store: Store<T>, options?: Options<T>): Promise<number>;

/** A counter whose value is not what the records say it `must` be; `key` names it. */
export interface Drift {
  key: string;
  /** What the counter was; 0 if it was missing. */
  used: number;
  must: number;
}

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
