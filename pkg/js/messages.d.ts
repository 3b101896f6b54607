import type { Promo, PublicReason, ToQualify, Violation } from "redeemable";

/**
 * The messages of one language; `messages/README.md` of the repository says how they are written.
 * Each key must be there, and no other.
 */
export interface Catalogue {
  /**
   * `code`: for a violation with a code; `order`: for one without a code; `to_qualify`: what would make the code apply.
   */
  buyer: {
    /** These messages take no arguments, because a buyer is told no more than the public reason. */
    code: Record<PublicReason, string>;
    order: Record<Exclude<PublicReason, "not_accepted">, string>;
    /**
     * What the buyer can change so that the code applies. `add_subtotal_unsaid` and `remove_subtotal_unsaid` are used
     * if the currency is unknown; `or` joins the last two of several ticket types.
     */
    to_qualify: Record<
      | "add_tickets"
      | "add_tickets_of"
      | "remove_tickets"
      | "remove_tickets_of"
      | "add_subtotal"
      | "add_subtotal_of"
      | "add_subtotal_unsaid"
      | "remove_subtotal"
      | "remove_subtotal_of"
      | "remove_subtotal_unsaid"
      | "or",
      string
    >;
  };
  /**
   * `code`: for a violation with a code; `order`: for one without; `promo`: with a code whose promo was passed, too.
   */
  organiser: {
    code: Record<
      Exclude<Violation["reason"], "already_confirmed" | "free_tickets_exhausted" | "tickets_exhausted">,
      string
    >;
    promo: Record<"not_started" | "ended" | "wrong_currency", string>;
    order: Record<"already_confirmed" | "identity_required" | "free_tickets_exhausted" | "tickets_exhausted", string>;
  };
}

/** The catalogues of this package: English, German and Spanish. To change one, copy it. */
export const catalogues: Readonly<Record<"en" | "de" | "es", Catalogue>>;

/** What `messages` takes in addition to the languages. */
export interface Options {
  /**
   * The host's own catalogues, by language. One for `de` replaces the package's German catalogue.
   * Each catalogue is checked, and an error names the key that is wrong.
   */
  catalogues?: { [language: string]: Catalogue };
  /** The time zone of dates and times, such as `Europe/Berlin`; default `UTC`. The sentences name it. */
  timeZone?: string;
  /**
   * How many decimals a currency has that is not in ISO 4217: `{ BTC: 8 }`.
   * Such a currency that is not listed here has none: `1,234 sat`.
   */
  decimals?: { [currency: string]: number };
}

/**
 * What a buyer may be told about one code, or about the order if `code` is null: the `public_reason`, what the buyer
 * can change so that the code applies, and the `message` that says so.
 */
export interface Refusal {
  code: string | null;
  public_reason: PublicReason;
  /** From the code's violations; null if no single change of the order makes the code apply. */
  to_qualify: ToQualify | null;
  message: string;
}

/** What a sentence for a buyer needs and the violation does not contain. */
export interface BuyerContext {
  /** The order's currency. Without it, a sentence says that the order is too small, but not by how much. */
  currency?: string | null;
  /** The ticket types' names as the buyer knows them: `{ vip: "VIP lounge" }`. Other types are written as they are. */
  ticketTypes?: { [ticketType: string]: string };
}
/** The fields from which a sentence for a buyer is made. Without `to_qualify` it does not say what to change. */
export type BuyerViolation = Pick<Violation, "code" | "public_reason"> & { to_qualify?: ToQualify | null };

/**
 * The sentences are plain text. Nothing is escaped for HTML: an organiser's sentence contains the code, which may
 * contain `<`. Spaces within numbers and money may be U+00A0 or U+202F, as is usual in the language; spaces within
 * dates and times are U+0020.
 */
export interface Messages {
  /** The locale that was chosen. */
  readonly locale: string;
  /**
   * The sentence about one violation for a buyer: what to change so that the code applies (`to_qualify`), or else the
   * violation's `public_reason`. It contains neither the limit's numbers nor the exact reason.
   */
  buyer(violation: BuyerViolation, context?: BuyerContext): string;
  /** What a server may tell a buyer about `decision.violations`: each code with each public reason once, by code. */
  refusal(violations: readonly BuyerViolation[], context?: BuyerContext): Refusal[];
  /**
   * The sentence about one violation for the organiser, with its numbers. `currency` is the order's; it is needed if
   * the numbers are money. With the code's `promo`, the sentence also says when the code starts or ended, or which
   * currency it is for.
   */
  organiser(
    violation: Omit<Violation, "message" | "public_reason" | "counter" | "to_qualify">,
    context?: { currency?: string | null; promo?: Promo | null },
  ): string;
}

/**
 * Makes sentences in the first of `locales` that has a catalogue. For `de-AT` that is the catalogue `de`, with numbers
 * and dates as Austria writes them.
 * It throws if no locale has a catalogue, so end the list with your default: `[...navigator.languages, "en"]`.
 * Call this function once per language and keep the result.
 */
export function messages(locales: string | readonly string[], options?: Options): Messages;
