// Between the form's fields, which are text, and the document that the engine reads. What is not a number stays text, so that the engine names the field.
import { usageKeys, type Promo } from "redeemable";
import { digits, fromField, toField } from "../format";
import { Failure, type Event } from "../api";

export type Kind = "percent" | "amount_per_ticket" | "amount_per_order" | "fixed_price" | "free" | "none";

/** The form, as typed. */
export interface Form {
  code: string; active: boolean; kind: Kind; value: string;
  max_uses: string; max_uses_per_identity: string; max_tickets_per_order: string; max_discount: string; budget: string;
  count_by: "" | "ticket" | "order"; when_short: boolean;
  starts_at_ms: string; ends_at_ms: string; ticket_types: string[];
  min_tickets: string; max_tickets: string; min_subtotal: string; only_for: string;
  combines: boolean; priority: string; pool: string; pool_uses: string;
}

export const BLANK: Form = {
  code: "", active: true, kind: "percent", value: "10",
  max_uses: "50", max_uses_per_identity: "", max_tickets_per_order: "", max_discount: "", budget: "",
  count_by: "", when_short: false, starts_at_ms: "", ends_at_ms: "", ticket_types: [],
  min_tickets: "", max_tickets: "", min_subtotal: "", only_for: "", combines: false, priority: "", pool: "", pool_uses: "",
};

const text = (value: number | null | undefined) => (value == null ? "" : String(value));

export function formOf(promo: Promo, currency: string): Form {
  const money = (value: number | null | undefined) => (value == null ? "" : (value / 10 ** digits(currency)).toFixed(digits(currency)));
  const discount = promo.discount ?? { kind: "percent" as const, percent: promo.discount_percent ?? 0 };
  const value = "percent" in discount ? text(discount.percent) : "amount" in discount ? money(discount.amount) : "price" in discount ? money(discount.price) : "";
  const [pool] = promo.pools ?? [];
  return {
    code: promo.code, active: promo.active ?? true, kind: discount.kind, value,
    max_uses: promo.single_use ? "1" : text(promo.max_uses), max_uses_per_identity: text(promo.max_uses_per_identity),
    max_tickets_per_order: text(promo.max_tickets_per_order), max_discount: money(promo.max_discount), budget: money(promo.budget),
    count_by: promo.count_by ?? "", when_short: promo.when_short === "partial",
    starts_at_ms: promo.starts_at_ms == null ? "" : toField(promo.starts_at_ms), ends_at_ms: promo.ends_at_ms == null ? "" : toField(promo.ends_at_ms),
    ticket_types: promo.ticket_types ?? [],
    min_tickets: text(promo.min_tickets), max_tickets: text(promo.max_tickets), min_subtotal: money(promo.min_subtotal),
    only_for: (promo.only_for?.email ?? []).join("\n"), combines: promo.combines ?? false, priority: text(promo.priority),
    pool: pool?.id ?? "", pool_uses: text(pool?.max_uses),
  };
}

type Loose = Record<string, unknown>;

/** The document that the form says; what the form has no field for stays as it was. */
export function documentOf(form: Form, was: Promo | null, event: Event): Promo {
  const unit = 10 ** digits(event.currency);
  const integer = (typed: string) => (/^\s*\d+\s*$/.test(typed) ? Number(typed) : typed);
  const money = (typed: string) => (/^\s*\d+([.,]\d+)?\s*$/.test(typed) ? Math.round(Number(typed.replace(",", ".")) * unit * 1000) / 1000 : typed);
  const percent = (typed: string) => (/^\s*\d+([.,]\d+)?\s*$/.test(typed) ? Number(typed.replace(",", ".")) : typed);
  const discounts: Record<Kind, () => Loose> = {
    percent: () => ({ percent: percent(form.value) }),
    amount_per_ticket: () => ({ amount: money(form.value) }),
    amount_per_order: () => ({ amount: money(form.value) }),
    fixed_price: () => ({ price: money(form.value) }),
    free: () => ({}),
    none: () => ({}),
  };
  const given = (typed: string, read: (typed: string) => unknown) => (typed.trim() === "" ? undefined : read(typed));
  const guests = form.only_for.split(/[\n,;]/).map((each) => each.trim()).filter((each) => each !== "");
  const [, ...pools] = was?.pools ?? [];
  const isMoney = ["amount_per_ticket", "amount_per_order", "fixed_price"].includes(form.kind) || [form.max_discount, form.budget, form.min_subtotal].some((typed) => typed.trim() !== "");
  const fields: Loose = {
    ...was, discount_percent: undefined, single_use: undefined,
    code: form.code, active: form.active ? undefined : false, discount: { kind: form.kind, ...discounts[form.kind]() },
    // An amount means something else in another currency.
    currency: was?.currency ?? (isMoney ? event.currency : undefined),
    max_uses: given(form.max_uses, integer), max_uses_per_identity: given(form.max_uses_per_identity, integer),
    max_tickets_per_order: given(form.max_tickets_per_order, integer), max_discount: given(form.max_discount, money), budget: given(form.budget, money),
    count_by: form.count_by || undefined, when_short: form.when_short ? "partial" : undefined,
    starts_at_ms: given(form.starts_at_ms, fromField), ends_at_ms: given(form.ends_at_ms, fromField),
    ticket_types: form.ticket_types.length > 0 ? form.ticket_types : was?.ticket_types?.length === 0 ? [] : undefined,
    min_tickets: given(form.min_tickets, integer), max_tickets: given(form.max_tickets, integer), min_subtotal: given(form.min_subtotal, money),
    only_for: guests.length > 0 ? { ...was?.only_for, email: guests } : without(was?.only_for, "email"),
    combines: form.combines || undefined, priority: given(form.priority, integer),
    pools: form.pool.trim() === "" && pools.length === 0 ? undefined
      : [...(form.pool.trim() === "" ? [] : [{ ...was?.pools?.[0], id: form.pool.trim(), max_uses: given(form.pool_uses, integer) }]), ...pools],
  };
  return JSON.parse(JSON.stringify(fields)) as Promo;
}

function without(map: Loose | null | undefined, kind: string): Loose | undefined {
  const rest = Object.entries(map ?? {}).filter(([name]) => name !== kind);
  return rest.length > 0 ? Object.fromEntries(rest) : undefined;
}

/** The engine's words, without what only a programmer asks for, and with the number that it found. */
const plain = (message: string, found: unknown) => message.replace("another number", String(found)).replace(" to 9007199254740991", "").replace(", found a string", ", found text").replace("an integer", "a whole number");

/** What stands in a document at a path such as `pools[0].max_uses`. */
const at = (document: unknown, path: string) => path.split(/[.[\]]+/).filter((part) => part !== "").reduce((place, part) => (place as Loose | undefined)?.[part], document);

/** What the engine in this browser says against the document, by field of the promo; "" is for the whole. */
export function faults(promo: Promo, others: Promo[], event: Event): Record<string, string> {
  const found: Record<string, string> = {};
  const candidate: Loose = { ...promo };
  const lines = event.ticket_types.slice(0, 1).map((type) => ({ ticket_type: type.id, unit_price: type.price, quantity: 1 }));
  // The engine names one fault at a time: the field is set aside and the rest is asked about.
  for (let round = 0; round < 30; round += 1) {
    try {
      usageKeys({ codes: [], promos: [candidate as unknown as Promo, ...others], order: { event_id: event.id, currency: event.currency, lines } });
      break;
    } catch (error) {
      const { path, message, code } = Failure.of(error);
      const field = /^promos\[0\]\.(\w+)/.exec(path)?.[1] ?? (code === "duplicate_code" ? "code" : "");
      if (field in found) break;
      found[field] = code === "duplicate_code" ? "another code is spelt like this one" : plain(message, at(candidate, path.replace(/^promos\[0\]\.?/, "")));
      if (field === "code") candidate.code = `SPARE-${crypto.randomUUID()}`;
      else if (field === "discount") candidate.discount = { kind: "free" };
      else if (field !== "") delete candidate[field];
      else break;
    }
  }
  return found;
}
