import type {
  AcceptedDecision,
  CodeForms,
  Confirmation,
  Decision,
  Op,
  Policy,
  Promo,
  Order,
  Redemption,
  ReleaseAnswer,
  ReleaseReason,
  PreparedRules,
} from "redeemable";

/** What the host keeps: its two tables, and the transaction `T` that it writes its own rows through. */
export interface Store<T = unknown> {
  /** As of one moment: the value of each counter that exists, and the redemption under `id`, if one is asked for. */
  read(
    keys: string[],
    id: string | null,
  ): Promise<{ counters: { [key: string]: number }; existing: Redemption | null }>;
  /**
   * Executes the plan and `write` in one transaction. False, with nothing stored: an operation no longer holds, or the
   * database asks for a repetition. Every other fault is thrown.
   */
  commit(ops: Op[], write?: Write<T>): Promise<boolean>;
  /**
   * As of one moment, at most `limit` held redemptions with `expires_at_ms` ≤ `lapsed_by_ms`.
   * `keys` null: the oldest, oldest first, and no counters.
   * `keys`: some that charge one of these counters, at random (it may be among the 100 oldest, if `limit` is less), and
   * the value of each of these counters that exists.
   */
  find(query: {
    lapsed_by_ms: number;
    keys: string[] | null;
    limit: number;
  }): Promise<{ holds: Redemption[]; counters: { [key: string]: number } }>;
  /** Shows every redemption, at most 500 at once, then every counter, as of one moment and without delaying buyers. */
  scan(visit: (batch: { redemptions: Redemption[]; counters: { [key: string]: number } }) => void): Promise<void>;
  /**
   * In one transaction of its own: locks the counter (creating it with 0), then reads every redemption that charges it,
   * sets it to `count(redemptions)`, and returns what it was. Null, with nothing stored: the database asks for a
   * repetition.
   */
  recount(key: string, count: (redemptions: Redemption[]) => number): Promise<number | null>;
}

/**
 * The host's own writes, in the plan's transaction: for each redemption, the rows of its tickets.
 * It runs when the records are stored and before the counters are, once an attempt and therefore perhaps several times:
 * it must do nothing that a rollback does not undo.
 */
export type Write<T> = (transaction: T, redemptions: Redemption[]) => unknown;

/** What every call that stores something takes. */
export interface Options<T = unknown> {
  /** Your own rows, in the plan's transaction. */
  write?: Write<T>;
  /** The clock, in milliseconds; default the system's. */
  now?: () => number;
  /** How often a plan is made anew that somebody else's write has made void; default 8. */
  attempts?: number;
}

/** What `redeem` takes besides. */
export interface RedeemOptions<T = unknown> extends Options<T> {
  /**
   * Sees each accepted decision before it is committed, once an attempt, a replayed one included: what it throws is
   * thrown, and nothing is stored. It refuses by throwing: false is an error.
   */
  approve?: (decision: AcceptedDecision) => unknown;
}

/**
 * The engine's request without what the kit reads itself: `codes`, `promos`, `policy` and `order` are those of
 * `validateRedemption`.
 * `promos` may be a function that finds the documents of the typed codes, asked anew at each attempt and only if a code
 * was typed: a shop with many documents reads only these, and sells none that was switched off meanwhile. With
 * `unsound: "leave_out"` a document with faults takes its own code down and no other. `rules` are in place of `promos`,
 * `policy` and `unsound`.
 */
export type RedeemRequest = { codes: string[]; order: Order } & (
  | { promos: Promo[] | Find<Promo>; policy?: Policy | null; unsound?: "refuse" | null; rules?: null }
  | { promos: readonly unknown[] | Find<unknown>; policy?: Policy | null; unsound: "leave_out"; rules?: null }
  | { rules: PreparedRules; promos?: null; policy?: null; unsound?: null }
);

/** The documents of these codes, each once, by either form. */
export type Find<Document> = (codes: CodeForms[]) => readonly Document[] | PromiseLike<readonly Document[]>;

/** Decides as `redeem` would, lapsed holds included, and commits nothing; the order's id is dropped. */
export function preview<T>(store: Store<T>, request: RedeemRequest, options?: Options<T>): Promise<Decision>;

/** Redeems the order's codes. The same order asked again is answered again, and counted once. */
export function redeem<T>(
  store: Store<T>,
  request: RedeemRequest & { order: { id: string } },
  options?: RedeemOptions<T>,
): Promise<Decision>;

/**
 * Payment arrived for the order `id`. `money` says whose it is, however often it is reported: `kept` is the order's,
 * `returned` goes back, once for each payment's id.
 * Null: there is no such order, and the money goes back.
 */
export function confirm<T>(
  store: Store<T>,
  paid: {
    /** The order's. */
    id: string;
    /** As the host's own payment system knows it, and never as the payment itself says. */
    payment: {
      /** The payment's own (hash, intent, charge), never the order's. */
      id: string;
      /** What was paid, in minor units; null skips the check. */
      total: number | null;
      /** Of the total; may be left out where that is null. */
      currency?: string | null;
    };
    /** Confirms a late payment although a limit is exceeded; default false. */
    over_limit?: boolean;
    /** Only asks what the answer would be: nothing is stored, nothing remembered; default false. */
    dry?: boolean;
  },
  options?: Options<T>,
): Promise<Confirmation | null>;

/**
 * Takes tickets of the order `id` back. With a `release_id` of its own, a release that is asked again is answered as it
 * was, and what is `refundable` is not owed twice.
 * Null: there is no such order.
 */
export function release<T>(
  store: Store<T>,
  returned: {
    /** The order's. */
    id: string;
    reason: ReleaseReason;
    /** By index; null is all that are left. */
    tickets?: number[] | null;
    /** The release's own: 1 to 256 characters. */
    release_id?: string | null;
  },
  options?: Options<T>,
): Promise<ReleaseAnswer | null>;

/**
 * Gives back what unpaid orders held, and returns how many. A hold that somebody changed meanwhile is left to them.
 * One that cannot be released does not keep the others: its error is thrown when they are done.
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
 * What each counter must be, from the records alone, against what it is: those that differ, by key. It changes nothing.
 * Empty is what a host that commits its plans sees at any moment, buyers or not.
 */
export function audit<T>(store: Store<T>): Promise<Drift[]>;

/**
 * Sets each counter that differs to what the records say, while buyers buy; returns those that it set.
 * A counter above its limit stays there, and refuses.
 */
export function repair<T>(
  store: Store<T>,
  options?: {
    /** How often the database may ask for a repetition; default 8. */
    attempts?: number;
  },
): Promise<Drift[]>;

/** Each of so many `attempts` met somebody else's write: nothing was stored, and the caller may try again. */
export class Busy extends Error {
  constructor(attempts: number);
  readonly code: "busy";
  readonly attempts: number;
}
