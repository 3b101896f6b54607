// Why an order is refused, in the sentences of redeemable/messages.
import { messages, type BuyerViolation } from "redeemable/messages";
import type { Event } from "./api";
import { language } from "./format";

const { region } = new Intl.Locale(language).maximize();
const { timeZone } = new Intl.DateTimeFormat().resolvedOptions();
/** Sentences in English, like this page, with numbers and dates as the reader's country writes them. */
export const say = messages(new Intl.Locale("en", { region }).toString(), { timeZone });

const codeAndSentence = (code: string | null, sentence: string) => (code === null ? sentence : `${code}: ${sentence}`);

/** Why the buyer's order is refused: one sentence for each code. */
export function refusals(violations: readonly BuyerViolation[], event: Event): string[] {
  const ticketTypes = Object.fromEntries(event.ticket_types.map(({ id, name }) => [id, name]));
  const refused = say.refusal(violations, { currency: event.currency, ticketTypes });
  return refused.map(({ code, message }) => codeAndSentence(code, message));
}
