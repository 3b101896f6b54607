// What a handler answers: the part of decisions and records that a buyer may see, and errors with their statuses.
import { Busy } from "./attempts.js";
import { messages } from "./messages.js";

const HEADERS = {
  "content-type": "application/json; charset=utf-8",
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
};

export const json = (value, status = 200, headers = {}) =>
  new Response(JSON.stringify(value), { status, headers: { ...HEADERS, ...headers } });

/** Thrown by a function of the shop, it is the answer: `{error: {code, path, message}}`. */
export class Refused extends Error {
  constructor(status, code, path, message, headers = {}) {
    super(message);
    this.name = "Refused";
    Object.assign(this, { status, code, path, headers });
  }
}

export function refuse(...answer) {
  throw new Refused(...answer);
}

export const missing = (what = "order") => refuse(404, "not_found", what === "order" ? "id" : "", `no such ${what}`);

/** Made when it is first needed, because that takes some milliseconds. */
let english;

/**
 * For the buyer: the public reason, once per code, and what to change so that the code applies.
 * The full list of violations would tell, by its length and order, which codes exist.
 */
export function refusalsOf(violations) {
  english ??= messages("en");
  // The page makes the sentences itself, so only the other fields are sent.
  return english
    .refusal(violations)
    .map(({ code, public_reason, to_qualify }) => ({ code, public_reason, ...(to_qualify && { to_qualify }) }));
}

/** The part of a preview that the buyer may see: `remaining` is a counter's. */
export const shownPreview = ({ status, quote, applied, violations }) => ({
  status,
  quote,
  applied: applied.map(({ remaining, ...what }) => what),
  refusals: refusalsOf(violations),
});

/** Thrown by `approve`: the buyer has not agreed to these terms. Nothing is stored. */
export class PriceChanged extends Error {
  constructor(decision) {
    super("the terms are not those that the buyer agreed to");
    this.decision = decision;
  }
}

/** The answer in place of that error. */
export function changed(error) {
  if (!(error instanceof PriceChanged)) throw error;
  return { ...error.decision, status: "price_changed" };
}

/** The part of a record that the buyer may see: no counters, no releases' ids. */
export function shownOrder({ id, state, currency, codes, identities, payments = [], ...record }) {
  const { expires_at_ms = null, confirmed_at_ms = null } = record;
  // Not the old order's id: whoever knows it may act on that order, and this one may have been given to a friend.
  const { credit, due, refundable } = record.exchanged ?? {};
  const exchanged = record.exchanged ? { credit, due, refundable } : null;
  const tickets = record.tickets.map((ticket) => ({ ...ticket, released: ticket.released ?? null }));
  const total = tickets.reduce((sum, { released, price }) => sum + (released ? 0 : price), 0);
  return {
    id,
    state,
    currency,
    codes,
    identities,
    tickets,
    total,
    expires_at_ms,
    confirmed_at_ms,
    payments,
    exchanged,
  };
}

/** The fields in which the engine finds a buyer's mistake. A mistake elsewhere is the shop's own: it is not told. */
const BUYERS = /^(request\.)?(codes|order\.(lines|identities)|(release\.)?tickets)\b(?!.*\.unit_price$)/;

export function answerTo(error, onError) {
  const answer = (status, code, path, message, headers) => json({ error: { code, path, message } }, status, headers);
  if (error instanceof Refused) return answer(error.status, error.code, error.path, error.message, error.headers);
  if (error instanceof Busy) return answer(503, "busy", "", error.message, { "retry-after": "1" });
  if (["invalid_request", "amount_out_of_range"].includes(error?.code) && BUYERS.test(error.path))
    return answer(400, error.code, error.path.replace(/^(request\.)?((order|release)\.)?/, ""), error.message);
  onError(error);
  return answer(500, "internal", "", "something went wrong");
}
