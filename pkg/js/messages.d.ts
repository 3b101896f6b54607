import type { Promo, PublicReason, ToQualify, Violation } from "redeemable";

/**
 * The messages of one language; `messages/README.md` of the repository says how they are written.
 * Each key must be there, and no other.
 */
export interface Catalogue {
  /** `code`: for a violation with a code; `order`: for one without; `to_qualify`: what would mend the order. */
  buyer: {
    /** Without arguments: a buyer is told no more than the public reason. */
    code: Record<PublicReason, string>;
    order: Record<Exclude<PublicReason, "not_accepted">, string>;
    /**
     * What would mend an order to which a code does not apply. `add_subtotal_unsaid` is for an unknown currency;
     * `or` joins the last two of several ticket types.
     */
    to_qualify: Record<
      | "add_tickets"
      | "add_tickets_of"
      | "remove_tickets"
      | "remove_tickets_of"
      | "add_subtotal"
      | "add_subtotal_unsaid"
      | "or",
      string
    >;
  };
  /** `code`: of a violation with a code; `order`: of one without; `promo`: with a code whose promo is at hand. */
  organiser: {
    code: Record<
      Exclude<Violation["reason"], "already_confirmed" | "free_tickets_exhausted" | "tickets_exhausted">,
      string
    >;
    promo: Record<"not_started" | "ended" | "wrong_currency", string>;
    order: Record<"already_confirmed" | "identity_required" | "free_tickets_exhausted" | "tickets_exhausted", string>;
  };
}

/** What this package brings along: English, German and Spanish. Copy one to change it. */
export const catalogues: Readonly<Record<"en" | "de" | "es", Catalogue>>;

/** What `messages` takes besides the languages. */
export interface Options {
  /**
   * The host's own catalogues, by language; one of a language that the package has replaces the package's.
   * Each is checked, and an error names the key.
   */
  catalogues?: { [language: string]: Catalogue };
  /** Of dates and times, such as `Europe/Berlin`; default `UTC`. The sentence names it. */
  timeZone?: string;
  /**
   * How many decimals a currency's amounts have, for currencies that ISO 4217 lacks: `{ BTC: 8 }`.
   * Others of these have none: `1,234 sat`.
   */
  decimals?: { [currency: string]: number };
}

/**
 * What a buyer may be told about one code, or about the order where `code` is null: the `public_reason`, what would
 * mend it, and the `message` that says it.
 */
export interface Refusal {
  code: string | null;
  public_reason: PublicReason;
  /** That of the code's violations; null where no one change of the order mends them all. */
  to_qualify: ToQualify | null;
  message: string;
}

/** What a violation for a buyer does not say by itself. */
export interface BuyerContext {
  /** The order's; without it the sentence says that the order is too small, and not by how much. */
  currency?: string | null;
  /** The names of ticket types as the buyer knows them; others are written as they are. */
  ticketTypes?: { [ticketType: string]: string };
}
/** What a sentence for a buyer is made of; without `to_qualify` it does not say what would mend the order. */
export type BuyerViolation = Pick<Violation, "code" | "public_reason"> & { to_qualify?: ToQualify | null };

/**
 * Plain text, in which nothing is escaped: an organiser's sentence holds the code, which may hold `<`.
 * Spaces within numbers and money may be U+00A0 or U+202F, as the language has them; spaces within dates and times are
 * plain.
 */
export interface Messages {
  /** The locale that was chosen. */
  readonly locale: string;
  /**
   * One violation for a buyer, without number and reason: what would mend it (`to_qualify`), or else what its
   * `public_reason` says of the code or the order.
   */
  buyer(violation: BuyerViolation, context?: BuyerContext): string;
  /** What a server may tell a buyer about `decision.violations`: each code and public reason once, sorted by code. */
  refusal(violations: readonly BuyerViolation[], context?: BuyerContext): Refusal[];
  /**
   * One violation for the organiser, with its numbers. `currency` is the order's, needed where they are money.
   * With the code's `promo` it also says when the code starts or ended, or its currency.
   */
  organiser(
    violation: Omit<Violation, "message" | "public_reason" | "counter" | "to_qualify">,
    context?: { currency?: string | null; promo?: Promo | null },
  ): string;
}

/**
 * Sentences in the first of `locales` that has a catalogue: `de-AT` is written with the catalogue `de` and Austria's
 * numbers and dates.
 * It is an error when none of them has one, so end the list with your default: `[...navigator.languages, "en"]`.
 * Make it once per language and keep it.
 */
export function messages(locales: string | readonly string[], options?: Options): Messages;
