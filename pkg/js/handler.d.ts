import type { Applied, Policy, Promo, Order, PublicReason, Quote, Redemption, ToQualify } from "redeemable";
import type { Loader, Store, Write } from "./host.js";

/** The platform's own type, if the project knows it: from the DOM library, or from Node's types. */
type Platform<Name extends string> = typeof globalThis extends { [name in Name]: { prototype: infer T } } ? T : any;
type WebRequest = Platform<"Request">;
type WebResponse = Platform<"Response">;

/**
 * A shop's routes for buyers, below `base`. Bodies and answers are JSON. An error is `{error: {code, path, message}}`;
 * `path` names the field. A refused order is an ordinary answer.
 *
 * | route | does |
 * |---|---|
 * | `GET events/:event/view?code=` | answers what a page needs to price orders with one code by itself |
 * | `POST events/:event/view` `{codes, identities}` | the same for a buyer who has said who they are |
 * | `POST events/:event/preview` `{codes, lines, identities}` | prices an order with several codes or many tickets |
 * | `POST events/:event/orders` `{id, codes, lines, identities, max_total}` | sells once, for `max_total` at most |
 * | `GET orders/:id` | answers the order |
 * | `POST orders/:id/payments` `{max_total}` | asks for a payment of what is due |
 * | `POST orders/:id/release` `{id, tickets}` | the buyer gives tickets back |
 * | `POST orders/:id/exchange/preview` `{tickets, codes, lines, identities}` | prices an exchange: `ExchangePreview` |
 * | `POST orders/:id/exchange` `{id, tickets, codes, lines, identities, max_due}` | exchanges: `Exchanged` |
 * | `POST payments` | takes a report of the payment provider |
 *
 * The two routes of exchanges are there with the option `exchanges`; `tickets` are the indexes of those that go back,
 * null for all that are left, and `id` is that of the new order, which is of the same event. With `"refund"`, the
 * exchange has `min_refundable`, too: what the buyer gets back at least.
 *
 * The ids of orders and releases are random UUIDs that the client makes before its first try: the same request with the
 * same id gets the same answer. The header `Idempotency-Key` may hold the id instead.
 */
export function createHandler<T>(options: HandlerOptions<T>): Handler;

/** Answers a request; `info.address` is the client's network address, where the server knows it. */
export type Handler = (request: WebRequest, info?: { address?: string | undefined } | object) => Promise<WebResponse>;

/** What the shop sells. */
export interface HandlerEvent {
  /**
   * The event's own id; default the one that was asked for. Return it if your look-up finds one event under several
   * spellings, as MySQL does with `gala` and `GALA`: each spelling would have its limits to itself.
   */
  id?: string;
  /** The currency of the prices, as in an order. */
  currency: string;
  /** The price of each ticket type, in minor units. No price is ever taken from a request. */
  prices: { [ticket_type: string]: number } | ReadonlyMap<string, number>;
  /**
   * All promotions, or functions that find those of an order, as for `redeem`. A promotion with faults is left
   * out: its code is unknown, and all other codes are sold.
   */
  promos: readonly unknown[] | readonly Promo[] | Loader<unknown>;
  /** The event's policy. */
  policy?: Policy | null;
  /** What the shop knows about this order, from its own data and never from the request. */
  facts?: Order["facts"];
  /** How long an unpaid order is held; default 15 minutes. */
  hold_ms?: number;
}

/** What a request asks for. */
export type HandlerAction = "view" | "preview" | "buy" | "show" | "pay" | "release" | "exchange";

/** What is to be paid for an order: `total` of the `currency`, in minor units, for the order `order_id`. */
export interface Due {
  /** In an exchange, the new order's id. */
  order_id: string;
  /**
   * With the order's id and the total, a key under which the provider makes one payment. It changes when the order
   * does. In an exchange it changes when the order whose tickets go back does; there, a hash of `exchange` belongs into
   * the key, too, because the buyer may choose other tickets for the same amount.
   */
  revision: number;
  total: number;
  currency: string;
  /** When the hold ends, or the offer of an exchange. Let the payment end some minutes earlier. */
  expires_at_ms: number;
  /**
   * Null for an order that is held. Otherwise `total` is due for this exchange: note it as it is, as JSON, beside the
   * payment's id, and return it from `reported`. Nothing is exchanged or held before the payment is reported.
   */
  exchange: WantedExchange | null;
}

/** An exchange that waits for its payment. */
export interface WantedExchange {
  /** The id of the order whose tickets go back. */
  from: string;
  /** The indexes of those tickets; null: all that are left when the payment is reported. */
  tickets: number[] | null;
  /** The codes as the buyer typed them. */
  codes: string[];
  /** What the buyer gets instead, at the event's prices when the payment is reported. */
  lines: { ticket_type: string; quantity: number }[];
  /** Who the buyer is, as `identitiesOf` said when the exchange was asked for. */
  identities: Order["identities"];
  /** The event's facts as of then. */
  facts: Order["facts"] | null;
  /** What the buyer has agreed to pay more, at most. */
  max_due: number;
}

/** What an exchange would cost, or why it is refused. */
export interface ExchangePreview {
  /** `rejected`: a code or the policy refuses the new order. The last two: there is nothing to exchange. */
  status: "accepted" | "payment_due" | "rejected" | "already_released" | "not_confirmed";
  /** The new order's prices; of a rejected one, without any code. */
  quote: Quote;
  /** What each code does to the new order. */
  applied: Omit<Applied, "remaining">[];
  /** Why the new order is refused, each reason once. */
  refusals: Refusal[];
  /** What the new order costs more than the tickets that go back. */
  due: number;
  /** What is left over and would be sent back. */
  refundable: number;
  /** What is left over and would stay with the shop. */
  forgone: number;
}

/**
 * The answer to an exchange. `accepted`: the tickets are exchanged. `payment_due`: not yet, `payment` is to be paid.
 * `price_changed`: `due` is more than `max_due`, or `refundable` less than `min_refundable`; nothing is stored.
 * `already_confirmed`: the id was used for another exchange. Otherwise as in a preview.
 */
export interface Exchanged extends Omit<ExchangePreview, "status" | "applied"> {
  /** What became of the exchange, as above. */
  status: ExchangePreview["status"] | "price_changed" | "already_confirmed";
  /** Whether the exchange was made before. */
  replayed: boolean;
  /** What `ask` returned; null unless `payment_due`. */
  payment: object | null;
  /** The new order; null until the tickets are exchanged. */
  order: ShownOrder | null;
  /** The order whose tickets go back, as it is now. */
  from: ShownOrder;
}

/** What a buyer is told about one code; `code` is null where the whole order is refused. */
export interface Refusal {
  code: string | null;
  /** What an anonymous buyer may be told. */
  public_reason: PublicReason;
  /** What to change so that the code applies, if a buyer may know it. */
  to_qualify?: ToQualify;
}

/** Money that the shop owes the buyer of `order_id`: `total` of the `currency`, in minor units. */
export interface Owed {
  /**
   * The payment's id, or `<order_id> <release_id>`; the release's id of an exchange is the new order's. Send the money
   * once for each id.
   */
  id: string;
  order_id: string;
  total: number;
  currency: string;
}

/** A report of the payment provider, whose sender the shop has verified. */
export interface Reported {
  /** The order for which the shop asked for this payment: found by the payment's id, never taken from the report. */
  id: string;
  /** What was paid, as for `confirm`. */
  payment: { id: string; total: number; currency: string };
  /** Whether `refund` has noted this payment. */
  refunded: boolean;
  /** The exchange for which the shop asked for this payment: what `ask` got, as it was noted. Null: none. */
  exchange?: WantedExchange | null;
}

/** What the shop is, in functions of its own. */
export interface HandlerOptions<T> {
  /** Where the kit's tables are. */
  store: Store<T>;
  /** Finds the event of this id; null if there is none. */
  eventOf: (
    id: string,
    context: { request: WebRequest; action: HandlerAction },
  ) => HandlerEvent | null | PromiseLike<HandlerEvent | null>;
  /** Writes the shop's own rows, such as tickets, as for `redeem`; null if there are none. */
  write: Write<T> | null;
  /**
   * Whether this request may act on an order that exists. For a shop without a login it returns true: whoever knows the
   * id, which nobody can guess, may act on the order. `tickets` are those that a release or an exchange gives back,
   * null for all. What a code wants of an order is looked at when it is placed: a buyer may keep one of ten tickets at
   * the price for ten.
   */
  mayAct: (
    order: Redemption,
    context: { request: WebRequest; action: HandlerAction; tickets?: number[] | null },
  ) => boolean | PromiseLike<boolean>;
  /**
   * Asks the payment provider for a payment, notes its id with the order's id, and returns what the page needs, such as
   * `{ id, client_secret }`. The buyer gets it as it is.
   */
  ask: (due: Due, context: { request: WebRequest }) => object | PromiseLike<object>;
  /**
   * Verifies a report of the payment provider. Null refuses it; a Response answers a report about something else. It
   * reads the request's body itself.
   */
  reported: (request: WebRequest) => Reported | WebResponse | null | PromiseLike<Reported | WebResponse | null>;
  /**
   * Notes money to send back, once for each id: it is called again with the same id when a report, a release or an
   * exchange is sent again.
   */
  refund: (owed: Owed) => unknown;
  /**
   * Lets buyers exchange paid tickets, and says what becomes of money that is left over: `forgo`, it stays with the
   * shop; `refund`, it is passed to `refund`. Without this option buyers cannot exchange. Prices fall, too: with
   * `refund`, a buyer exchanges tickets for the same ones at today's price, and gets the difference.
   */
  exchanges?: "forgo" | "refund";
  /**
   * Who buys: the identities that limits per person count. It gets what the client typed, which nobody has verified.
   * Without this function nobody has an identity, and codes with a limit per person are refused. A view tells the page
   * what this function returns.
   */
  identitiesOf?: (
    typed: { [kind: string]: unknown },
    context: { request: WebRequest; action: HandlerAction },
  ) => Order["identities"] | PromiseLike<Order["identities"]>;
  /** The client's network address, for counting codes; default `info.address`. */
  addressOf?: (request: WebRequest, info: never) => string | undefined;
  /** How many codes one address may try in a minute at one event; default 60. Counted in this process. */
  codesPerMinute?: number;
  /** Counts elsewhere, for several processes: returns how many seconds the client must wait, or 0. */
  throttle?: (client: string, codes: number) => number | PromiseLike<number>;
  /** The path before the routes, such as `/api/shop`; default none. */
  base?: string;
  /** Told each error that is answered with 500, and each fault of a promotion, once; default `console.error`. */
  onError?: (error: unknown) => void;
  /** The clock, in milliseconds since 1970; default the system's. */
  now?: () => number;
}

/**
 * Thrown by a function of the shop, it is the answer: its HTTP `status`, and an error with `code`, `path` and message.
 * For example, `write` counts seats and throws `new Refused(409, "sold_out", "lines", "expected at most 2 tickets")`.
 */
export class Refused extends Error {
  constructor(status: number, code: string, path: string, message: string, headers?: { [name: string]: string });
  readonly status: number;
  readonly code: string;
  readonly path: string;
}

/**
 * The part of a record that its buyer may see, as routes answer it; `total` is of tickets that are not released. It
 * lacks the id of the order that it was exchanged for.
 */
export type ShownOrder = Pick<
  Redemption,
  "id" | "state" | "currency" | "codes" | "identities" | "tickets" | "expires_at_ms" | "confirmed_at_ms" | "payments"
> & {
  /** Of the tickets that are not released, in minor units. */
  total: number;
  /** What the order was exchanged for: what went back was worth, what was paid more, and back. Null: it was bought. */
  exchanged: { credit: number; due: number; refundable: number } | null;
};

/** The part of a record that the buyer may see. */
export function shownOrder(record: Redemption): ShownOrder;
