import type { Store } from "./host.js";

/** Where `shardedStore` finds events, orders and what several events share. */
export interface Shards<T = unknown> {
  /** The stores of the shards, by names of your choice. */
  stores: { [shard: string]: Pick<Store<T>, "read" | "find" | "commit"> & { migrate(): unknown } };
  /** In which shard an event is, with its orders and counters. It must never answer otherwise. */
  ofEvent(event_id: string): string | PromiseLike<string>;
  /**
   * In which shard an order is: the same as its event. Put the shard into the ids that you make, or keep a map.
   * Null or undefined means in none, so there is no such order.
   */
  ofOrder(order_id: string): string | null | undefined | PromiseLike<string | null | undefined>;
  /** In which shard a promotion with this `id` is counted. Without this function, such promotions are an error. */
  ofPromotion?(id: string): string | PromiseLike<string>;
  /** In which shard a pool is counted. Without this function, promotions with pools are an error. */
  ofPool?(id: string): string | PromiseLike<string>;
}

/**
 * One store over several databases: `preview`, `redeem`, `confirm`, `release` and `sweep` find the shard by the event
 * and the order. An order that would need counters of two shards is an error, and nothing is stored.
 * `migrate` makes the tables of all shards.
 * Call `audit`, `repair`, `prune`, `archive` and `erase`, and pass the option `transaction`, with the store of a shard.
 */
export function shardedStore<T>(options: Shards<T>): Store<T> & { migrate(): Promise<void> };

/** The event that alone has this counter, or null if promotions of several events may share it: by an id or a pool. */
export function eventOf(key: string): string | null;
