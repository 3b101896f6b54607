// Compiled, never run: the use of messages and CSV compiles, and each misuse below is an error.
import type { Decision, Promo } from "redeemable";
import { fromCsv, toCsv, type CsvError, type CsvOptions } from "redeemable/csv";
import { catalogues, messages, type Catalogue, type Refusal } from "redeemable/messages";

declare const decision: Decision;
declare const promo: Promo;

const own: Catalogue = {
  ...catalogues.en,
  buyer: {
    ...catalogues.en.buyer,
    order: { used_up: "", order_not_eligible: "", identity_required: "", price_changed: "" },
  },
};
const say = messages(["fr", "en"], { catalogues: { en: own }, timeZone: "Europe/Berlin", decimals: { BTC: 8 } });
const told: Refusal[] = say.refusal(decision.violations, {
  currency: decision.quote.currency,
  ticketTypes: { regular: "Regular" },
});
for (const violation of decision.violations) {
  const sentences: string[] = [
    say.buyer(violation),
    say.organiser(violation, { currency: decision.quote.currency, promo }),
  ];
  console.log(sentences);
}
const text: string = toCsv([promo], { delimiter: ";" });
const { promos, errors } = fromCsv(text);
if (promos === null) {
  const lines: number[] = errors.map(({ line }) => line);
  console.log(lines);
} else {
  const none: [] = errors;
  const all: Promo[] = promos;
  console.log(all, none);
}
const error: CsvError = { line: 1, path: "code", message: "" };
console.log(told, error);

// @ts-expect-error: a message of each reason
const short: Catalogue = { ...catalogues.en, buyer: { ...catalogues.en.buyer, order: { used_up: "" } } };
// @ts-expect-error: no such option
messages("en", { timezone: "UTC" });
// @ts-expect-error: the promos may be null
fromCsv(text).promos.length;
// @ts-expect-error: bytes are decoded by the host
fromCsv(new Uint8Array());
const settings: CsvOptions = {
  amounts: "major",
  decimal: ",",
  zone: "Europe/Berlin",
  defaults: { discount_percent: 20, max_uses: 1 },
};
fromCsv(text, settings);
fromCsv(text, { defaults: { discount: { kind: "amount_per_ticket" }, events: ["gala"] } });
// @ts-expect-error: each promo has a code of its own
fromCsv(text, { defaults: { code: "A" } });
// @ts-expect-error: minor or major
fromCsv(text, { amounts: "cents" });
// @ts-expect-error: no such delimiter
toCsv([promo], { delimiter: "|" });
// @ts-expect-error: the context is an object
say.organiser(decision.violations[0]!, "EUR");
// @ts-expect-error: no such context
say.refusal(decision.violations, { locale: "en" });
console.log(short);
