import type { Applied, Quote } from "redeemable";
import type { Refusal } from "./messages.js";

/** What a server's routes tell of one code: the answer of `GET …/view` of `createHandler`. */
export type ViewAnswer = object;

/** What the page knows. */
export interface PreviewOptions {
  /** The address of the event's routes of `createHandler`, such as `/api/shop/events/gala`. */
  url: string;
  /** What the buyer has typed; blank ones are left out. */
  codes: readonly string[];
  /** What the buyer has chosen; lines with the quantity 0 are left out. */
  lines: readonly { ticket_type: string; quantity: number }[];
  /** Who buys, if the buyer has said so: the shop may take these or not. */
  identities?: { [kind: string]: string } | null;
  /** The reader's languages, for the sentences of refusals; default English. */
  locales?: string | readonly string[];
  /** The ticket types' names as the buyer knows them, for the sentences. */
  ticketTypes?: { [ticket_type: string]: string };
  /** How long the buyer must have stopped typing before the shop is asked; default 300. */
  debounce_ms?: number;
  /** After how long the shop is asked again, because others buy meanwhile; default a minute. */
  refresh_ms?: number;
  /** Asks the shop; default `fetch`. It throws an error with `code`, `path` and `message`. */
  fetcher?: (url: string, route: "view" | "preview", body: object, signal: object) => Promise<unknown>;
}

/** The price (`quote`), what each code did (`applied`), and why codes were refused (`refusals`), with sentences. */
export interface Preview {
  status: "accepted" | "rejected";
  quote: Quote;
  applied: Omit<Applied, "remaining">[];
  refusals: Refusal[];
}

/** What the page shows. */
export interface PromoPreview {
  /** `empty`: no ticket is chosen. `loading`: the shop is asked about what is typed now. */
  state: "empty" | "loading" | "ready" | "error";
  /** Of exactly what is typed now, and otherwise null: an answer to an earlier question is never shown. */
  decision: Preview | null;
  /** The price of each ticket type that the page may show, with those that the code unlocks; null while loading. */
  prices: { [ticket_type: string]: number } | null;
  /** Why there is no decision: an error of the shop (`too_many_codes`), or `unreachable`. */
  error: (Error & { code?: string; path?: string }) | null;
  /** Asks again after an error. */
  retry: () => void;
}

/**
 * The price while the buyer types. With one code the page decides by itself, with what the shop tells it of this code;
 * with several codes, or many tickets, it asks the shop. A preview is not a sale: send `decision.quote.total` as
 * `max_total` when the buyer buys.
 */
export function usePromoPreview(options: PreviewOptions): PromoPreview;
