// Converts the form's fields, which are text, to the promotion that the engine reads, and back. A text that is no
// number stays a text in the promotion, so that the engine finds the mistake and names the field.
import type { Promo } from "redeemable";
import { digits, moneyIn, toField, written } from "../format";
import type { Event } from "../api";
import {
  amountIn,
  amountWith,
  discountOf,
  isByCurrency,
  KINDS,
  typedOf,
  type Amount,
  type Kind,
  type ReadNumber,
} from "../kinds";
import { eachCount, type Count } from "./counts";
import { labelOf, type Checks, type Kept } from "./findings";
import { isSecond, readCount, readMoney, readTime, type Read } from "../typed";

/** The form's fields, as typed. */
export interface Form extends Record<Count, string> {
  code: string;
  active: boolean;
  kind: Kind;
  value: string;
  max_uses: string;
  max_discount: string;
  budget: string;
  count_by: "" | "ticket" | "order";
  when_short: boolean;
  /** The time that a clock here shows. `…_second`: the clock was put back, and shows this time for the second time. */
  starts_at_ms: string;
  starts_second: boolean;
  ends_at_ms: string;
  ends_second: boolean;
  ticket_types: string[];
  min_subtotal: string;
  only_for: string;
  combines: boolean;
  priority: string;
  pool: string;
  pool_uses: string;
}

export const BLANK: Form = {
  code: "",
  active: true,
  kind: "percent",
  value: "10",
  max_uses: "50",
  ...eachCount(() => ""),
  max_discount: "",
  budget: "",
  count_by: "",
  when_short: false,
  starts_at_ms: "",
  starts_second: false,
  ends_at_ms: "",
  ends_second: false,
  ticket_types: [],
  min_subtotal: "",
  only_for: "",
  combines: false,
  priority: "",
  pool: "",
  pool_uses: "",
};

const text = (value: number | null | undefined) => (value == null ? "" : String(value));

/** The currency of the promo's amounts. */
export const currencyOf = (promo: Promo | null, event: Event) => promo?.currency ?? event.currency;

export function formOf(promo: Promo, event: Event): Form {
  const currency = currencyOf(promo, event);
  const money = (amount: Amount | null | undefined) => {
    const value = amountIn(amount, currency);
    return value === null ? "" : written(value, digits(currency));
  };
  const shown = (ms: number | null | undefined) => (ms == null ? "" : toField(ms));
  const discount = discountOf(promo);
  const [pool] = promo.pools ?? [];
  return {
    code: promo.code,
    active: promo.active ?? true,
    kind: discount.kind,
    value: typedOf(discount, money),
    max_uses: promo.single_use ? "1" : text(promo.max_uses),
    ...eachCount(({ field }) => text(promo[field])),
    max_discount: money(promo.max_discount),
    budget: money(promo.budget),
    // `group` is the default of the kind `per_group`, which the form keeps as it is.
    count_by: promo.count_by === "group" ? "" : (promo.count_by ?? ""),
    when_short: promo.when_short === "partial",
    starts_at_ms: shown(promo.starts_at_ms),
    starts_second: promo.starts_at_ms != null && isSecond(promo.starts_at_ms),
    ends_at_ms: shown(promo.ends_at_ms),
    ends_second: promo.ends_at_ms != null && isSecond(promo.ends_at_ms),
    ticket_types: promo.ticket_types ?? [],
    min_subtotal: money(promo.min_subtotal),
    only_for: (promo.only_for?.email ?? []).join("\n"),
    combines: promo.combines ?? false,
    priority: text(promo.priority),
    pool: pool?.id ?? "",
    pool_uses: text(pool?.max_uses),
  };
}

type Loose = Record<string, unknown>;

/** The promotion; and by field, questions about texts that may mean two things, and how unusual texts were read. */
export interface Said {
  promo: Promo;
  asks: Record<string, string>;
  reads: Record<string, string>;
}

/** The promotion of the form. What has no field in the form stays as it was. An unreadable text stays a text. */
export function documentOf(form: Form, was: Promo | null, event: Event): Said {
  const asks: Record<string, string> = {};
  const reads: Record<string, string> = {};
  const currency = currencyOf(was, event);
  const write = moneyIn(currency);
  const read = (
    name: keyof Form,
    said: (typed: string) => Read,
    show: (value: number) => string,
    typed = form[name] as string,
  ) => {
    if (typed.trim() === "") return undefined;
    const answer = said(typed);
    if ("ask" in answer) {
      asks[name] = answer.ask;
      return typed;
    }
    if (answer.unusual) reads[name] = `Read as ${show(answer.value)}.`;
    return answer.value;
  };
  const integer = (name: keyof Form) => read(name, readCount, String);
  // Of a stored amount by currency the form shows and changes that of its own currency.
  const money = (name: "max_discount" | "budget" | "min_subtotal") =>
    amountWith(
      was?.[name],
      currency,
      read(name, (typed) => readMoney(typed, digits(currency), write), write),
    );
  // A field that was not changed keeps the stored time, to the millisecond, which the field does not show.
  const before = was && formOf(was, event);
  const moment = (name: "starts" | "ends") => {
    const [at, second] = [`${name}_at_ms`, `${name}_second`] as const;
    if (before && form[at] === before[at] && form[second] === before[second]) return was?.[at] ?? undefined;
    return read(at, (typed) => readTime(typed, form[second]), String);
  };
  const number: ReadNumber = (text, reader, show) => read("value", reader, show, text) ?? "";
  const typed = KINDS[form.kind].field?.read(form.value, number, currency);
  const stored = was?.discount?.kind === form.kind ? was.discount : undefined;
  const terms = Object.entries(typed ?? {}).map(([name, value]) => {
    const before = (stored as Record<string, Amount> | undefined)?.[name];
    return [name, amountWith(before, currency, value)];
  });
  const guests = form.only_for
    .split(/[\n,;]/)
    .map((each) => each.trim())
    .filter((each) => each !== "");
  const [, ...pools] = was?.pools ?? [];
  const isMoney =
    KINDS[form.kind].isMoney ||
    [form.max_discount, form.budget, form.min_subtotal].some((typed) => typed.trim() !== "");
  // Amounts by currency name their currencies.
  const amounts = [was?.max_discount, was?.budget, was?.min_subtotal, ...Object.values(stored ?? {})];
  const byCurrency = amounts.some(isByCurrency);
  const fields: Record<Exclude<keyof Promo, Kept>, unknown> = {
    ...was,
    discount_percent: undefined,
    single_use: undefined,
    code: form.code,
    active: form.active ? undefined : false,
    // A stored discount keeps what the form has no field for, such as of what a percent is taken.
    // Discounts by ticket type are not in the form, and stay.
    discount: was?.discounts ? undefined : { ...stored, kind: form.kind, ...Object.fromEntries(terms) },
    // A stored currency stays: in another one the amounts would mean something else.
    currency: was?.currency ?? (isMoney && !byCurrency ? event.currency : undefined),
    max_uses: integer("max_uses"),
    ...eachCount(({ field }) => integer(field)),
    max_discount: money("max_discount"),
    budget: money("budget"),
    count_by: form.count_by || undefined,
    when_short: form.when_short ? "partial" : undefined,
    starts_at_ms: moment("starts"),
    ends_at_ms: moment("ends"),
    ticket_types: form.ticket_types.length > 0 ? form.ticket_types : was?.ticket_types?.length === 0 ? [] : undefined,
    min_subtotal: money("min_subtotal"),
    only_for: guests.length > 0 ? { ...was?.only_for, email: guests } : without(was?.only_for, "email"),
    combines: form.combines || undefined,
    priority: integer("priority"),
    pools:
      form.pool.trim() === "" && pools.length === 0
        ? undefined
        : [
            ...(form.pool.trim() === ""
              ? []
              : [{ ...was?.pools?.[0], id: form.pool.trim(), max_uses: integer("pool_uses") }]),
            ...pools,
          ],
  };
  return { promo: JSON.parse(JSON.stringify(fields)) as Promo, asks, reads };
}

function without(map: Loose | null | undefined, kind: string): Loose | undefined {
  const rest = Object.entries(map ?? {}).filter(([name]) => name !== kind);
  return rest.length > 0 ? Object.fromEntries(rest) : undefined;
}

/** The engine's message in words for an organiser, with the number that was found. */
const plain = (message: string, found: unknown) =>
  message
    .replace("another number", String(found))
    .replace(" to 9007199254740991", "")
    .replace(", found a string", ", found text")
    .replace("an integer", "a whole number");

/** The value at a path within a document. */
const at = (document: unknown, path: (string | number)[]) =>
  path.reduce((place, part) => (place as Loose | undefined)?.[part], document);

/** The form's field for a path of the promotion. The form has two fields for one pool, its limit and its name. */
export function fieldOf([field, place, part]: (string | number)[]): string {
  if (field !== "pools") return String(field ?? "");
  return place === 0 && part === "max_uses" ? "pools.max_uses" : "pools.id";
}

/** The engine's messages about the promotion, by field of the form; "" is for a term that the form has no field for. */
export function faults(promo: Promo, others: Promo[], validate: Checks["validate"]): Record<string, string> {
  const found: Record<string, string> = {};
  for (const {
    at: [list, place, ...path],
    code,
    message,
  } of validate([promo, ...others])) {
    if (list !== "promos" || place !== 0) continue;
    const field = fieldOf(path);
    const said =
      code === "duplicate_code" && field === "code"
        ? "another code is spelt like this one"
        : plain(message, at(promo, path));
    if (labelOf(field) !== field) found[field] ??= said;
    else found[""] ??= path.length === 0 ? said : `${path.join(".")}: ${said}`;
  }
  return found;
}
