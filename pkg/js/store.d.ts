import type { Op, Redemption } from "redeemable";

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

/** A counter whose value is not what the records say it `must` be; `key` names it. */
export interface Drift {
  key: string;
  /** What the counter was; 0 if it was missing. */
  used: number;
  must: number;
}
