// Sentences about violations, in the reader's language. A buyer is told the public reason and what to change; an
// organiser is told all numbers.
import { DECIMALS } from "./currencies.js";
import files from "./dist/messages.js";
import { fault, parse, write } from "./message-format.js";
import { invalid, known } from "./options.js";

const { shape, currencies: _, ...catalogues } = files;

export { catalogues };

/** Makes sentences in the first of `locales` that has a catalogue; messages.d.ts describes them. */
export function messages(locales, options = {}) {
  const {
    catalogues: own = {},
    timeZone = "UTC",
    decimals = {},
  } = known(options, ["catalogues", "timeZone", "decimals"], ["options"]);
  const checked = Object.fromEntries(
    Object.entries(own).map(([name, catalogue]) => [name, read(catalogue, name, ["options", "catalogues", name])]),
  );
  const { locale, name } = choose(locales, { ...catalogues, ...checked });
  const sentences = checked[name] ?? read(catalogues[name], name, [name]);
  const formats = formatsOf(locale, timeZone, decimals);

  const sentence = (audience, section, reason, value) => {
    const found = pick(sentences[audience][section], reason);
    if (!found) {
      const field = audience === "buyer" ? "public_reason" : "reason";
      throw invalid(
        ["violation", field],
        `expected one of ${Object.keys(shape[audience][section]).join(", ")}, found ${String(reason)}`,
      );
    }
    return write(found, { ...formats, value });
  };
  const buyer = (violation, context = {}) => {
    const { currency = null, ticketTypes = {} } = known(context, ["currency", "ticketTypes"], ["context"]);
    const { code = null, public_reason } = violation;
    const change = changeOf(violation);
    if (change === null) return sentence("buyer", code === null ? "order" : "code", public_reason);
    const field = CHANGES.find((name) => Object.hasOwn(change, name));
    if (!field) throw invalid(["violation", "to_qualify"], `expected one of ${CHANGES.join(", ")}`);
    const number = integer(change[field], ["violation", "to_qualify", field]);
    const unsaid = field.endsWith("_subtotal") && currency === null;
    const { of = null } = change;
    if (of !== null && !Array.isArray(of)) throw invalid(["violation", "to_qualify", "of"], "expected a list");
    const names = (of ?? []).map((name) => pick(ticketTypes, name) ?? name);
    const ending = unsaid ? "_unsaid" : of ? "_of" : "";
    return sentence("buyer", "to_qualify", field + ending, (name) => {
      if (name === "of") return either(names);
      return name === field ? number : formats.money(number, currency);
    });
  };
  const either = (names) => {
    const [some, last] = [names.slice(0, -1).join(", "), names.at(-1)];
    return names.length < 2 ? names.join() : sentence("buyer", "to_qualify", "or", (name) => ({ some, last })[name]);
  };

  return {
    locale,
    buyer,
    refusal(violations, context) {
      const told = new Map();
      for (const violation of violations) {
        const { code = null, public_reason } = violation;
        const key = JSON.stringify([code, public_reason]);
        // At most one violation of a code has `to_qualify`, and this change mends all violations of the code.
        const to_qualify = changeOf(violation) ?? told.get(key)?.to_qualify ?? null;
        told.set(key, { code, public_reason, to_qualify });
      }
      // Sort by code: `violations` lists unknown codes first, and that order would tell which of two codes exists.
      const place = ({ code: one }, { code: other }) =>
        (one === null) - (other === null) || (one > other) - (one < other);
      return [...told.values()].sort(place).map((one) => ({ ...one, message: buyer(one, context) }));
    },
    organiser(violation, context = {}) {
      const { currency = null, promo = null } = known(context, ["currency", "promo"], ["context"]);
      const { code = null, reason } = violation;
      const time = { not_started: promo?.starts_at_ms, ended: promo?.ends_at_ms }[reason] ?? null;
      const more =
        (time !== null && time < TOO_LATE) ||
        // Without an amount in the order's currency, the promotion's own currency is no other.
        (reason === "wrong_currency" && currency !== null && ![null, currency].includes(promo?.currency ?? null));
      return sentence("organiser", code === null ? "order" : more ? "promo" : "code", reason, (name) => {
        switch (name) {
          case "code":
            return code;
          case "date":
            return formats.date(time);
          case "time":
            return formats.time(time);
          case "zone":
            return timeZone;
          case "wanted":
            return promo.currency;
          case "currency":
            return currency;
        }
        const field = name.replace("_money", "");
        const number = integer(violation[field], ["violation", field]);
        if (field === name) return number;
        if (currency === null)
          throw invalid(["context", "currency"], `expected the order's currency, because ${reason} is about money`);
        return formats.money(number, currency);
      });
    },
  };
}

/** Sentences do not tell times from the year 10000 on: some hosts write "never" as such a time. */
const TOO_LATE = Date.UTC(10_000, 0) - 24 * 60 * 60 * 1000;

/** The fields of `to_qualify`, each for something that a buyer can change. */
const CHANGES = ["add_tickets", "remove_tickets", "add_subtotal", "remove_subtotal"];

/** `to_qualify`, if a buyer may see it: only `order_not_eligible` tells the buyer that the code exists. */
const changeOf = ({ code = null, public_reason, to_qualify = null }) =>
  code !== null && public_reason === "order_not_eligible" ? to_qualify : null;

function integer(number, at) {
  if (!Number.isSafeInteger(number) || number < 0) throw invalid(at, "expected an integer from 0 to 9007199254740991");
  return number;
}

const pick = (object, key) => (Object.hasOwn(object, key) ? object[key] : undefined);

/** The catalogue with its messages parsed. Throws unless it has exactly the keys of `shape`. */
function read(catalogue, locale, at, wanted = shape) {
  if (Array.isArray(wanted)) {
    if (typeof catalogue !== "string") throw invalid(at, "expected a message");
    let parts;
    try {
      parts = parse(catalogue);
    } catch ({ message }) {
      throw invalid(at, message);
    }
    const found = fault(parts, wanted, categoriesOf(locale, at));
    if (found) throw invalid(at, found);
    return parts;
  }
  known(catalogue, Object.keys(wanted), at);
  for (const key of Object.keys(wanted))
    if (!Object.hasOwn(catalogue, key)) throw invalid([...at, key], "missing message");
  return Object.fromEntries(
    Object.entries(catalogue).map(([key, value]) => [key, read(value, locale, [...at, key], wanted[key])]),
  );
}

function categoriesOf(locale, at) {
  if (shortened(locale)[0] !== locale) throw invalid(at, "expected a language tag such as de, de-AT or zh-Hant");
  const { pluralCategories } = new Intl.PluralRules(supported(locale)).resolvedOptions();
  return ["zero", "one", "two", "few", "many", "other"].filter((category) => pluralCategories.includes(category));
}

/** The first locale that has a catalogue, and the catalogue's name. */
function choose(locales, catalogues) {
  for (const wanted of [locales].flat()) {
    const tags = shortened(wanted);
    const name = tags.find((tag) => Object.hasOwn(catalogues, tag));
    if (name !== undefined) return { locale: supported(tags[0]), name };
  }
  throw invalid(
    ["locales"],
    `expected one with a catalogue, ${Object.keys(catalogues).join(", ")}; found ${JSON.stringify(locales)}`,
  );
}

/** A language tag in its usual spelling, then shorter ones: de-AT, de. Anything after the region is left out. */
function shortened(tag) {
  const found = /^([a-z]{2,3})(?:-([a-z]{4}))?(?:-([a-z]{2}|\d{3}))?(?:-|$)/i.exec(tag);
  if (found === null) return [];
  const language = found[1].toLowerCase();
  const script = found[2] && found[2][0].toUpperCase() + found[2].slice(1).toLowerCase();
  const region = found[3]?.toUpperCase();
  const join = (...parts) => parts.filter(Boolean).join("-");
  return [...new Set([join(language, script, region), join(language, script), language])];
}

/** The locale itself, if Intl knows it; for an unknown one, Intl would silently use the machine's own language. */
function supported(locale) {
  if (Intl.NumberFormat.supportedLocalesOf(locale).length === 0)
    throw invalid(["locales"], `expected a language that this platform writes, found ${locale}`);
  return locale;
}

function formatsOf(locale, timeZone, decimals) {
  const number = (options) => new Intl.NumberFormat(locale, { useGrouping: "always", ...options });
  const count = number({});
  const plural = new Intl.PluralRules(locale);
  const moment = (options) => {
    const format = new Intl.DateTimeFormat(locale, { timeZone, ...options });
    return (ms) => format.format(ms);
  };
  for (const [currency, places] of Object.entries(decimals)) {
    if (!Number.isInteger(places) || places < 0 || places > 18)
      throw invalid(["options", "decimals", currency], "expected an integer from 0 to 18");
  }
  let date, time;
  try {
    [date, time] = [moment({ dateStyle: "long" }), moment({ timeStyle: "short" })];
  } catch {
    throw invalid(
      ["options", "timeZone"],
      `expected a time zone such as Europe/Berlin, found ${JSON.stringify(timeZone)}`,
    );
  }
  return {
    count: (value) => count.format(value),
    category: (value) => plural.select(value),
    date,
    time,
    /** `12,50 €`. A currency that is not in ISO 4217 follows the number: `21 sat`. */
    money(amount, currency) {
      const places = pick(decimals, currency) ?? DECIMALS.get(currency) ?? 0;
      const known = DECIMALS.has(currency);
      const format = number({
        minimumFractionDigits: places,
        maximumFractionDigits: places,
        ...(known && { style: "currency", currency }),
      });
      // The amount is passed as text, because a double does not hold every cent exactly.
      const text = format.format(`${amount}e-${places}`);
      return known ? text : `${text}\u00a0${currency}`;
    },
  };
}
