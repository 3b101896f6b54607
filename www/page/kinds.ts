// What the page knows of each kind of discount: its words, and its field in the organiser's form. A kind that is
// missing in the table does not compile.
import type { Discount, Promo } from "redeemable";
import { digits, language, moneyIn, written } from "./format";
import { percent, readMoney, readPercent, type Read } from "./typed";

/** An amount of a promotion: in whichever currency the order is, or by currency. */
export type Amount = NonNullable<Promo["budget"]>;

/** The amount in this currency; null if it has none. */
export const amountIn = (amount: Amount | null | undefined, currency: string): number | null =>
  (typeof amount === "object" ? amount?.[currency] : amount) ?? null;

export const isByCurrency = (amount: unknown) => typeof amount === "object" && amount !== null;

/** The stored amount with what was typed for this currency; nothing typed takes the amount away, if it was shown. */
export function amountWith(stored: Amount | null | undefined, currency: string, typed: unknown): unknown {
  if (!stored || typeof stored === "number") return typed;
  if (typed !== undefined) return { ...stored, [currency]: typed };
  return amountIn(stored, currency) === null ? stored : undefined;
}

export type Kind = Discount["kind"];
type Of<K extends Kind> = Extract<Discount, { kind: K }>;
type Write = (amount: Amount) => string;

/** Reads the number in the field's text or in a part of it. The answer is the text if that is no number. */
export type ReadNumber = (
  text: string,
  reader: (text: string) => Read,
  show: (value: number) => string,
) => number | string;

interface InPage<K extends Kind> {
  /** What the code takes off, in the form's list of kinds. */
  name: string;
  /** The same with its number, in a few words. */
  told: (discount: Of<K>, money: Write) => string;
  /** Whether it has an amount, so that the code needs a currency. */
  isMoney: boolean;
  /** Whether the form does not offer it: a stored code of this kind keeps its discount. */
  isStored?: true;
  /** The form's field for what it takes off. Null: nothing is typed. */
  field: {
    label: string;
    hint: (currency: string) => string;
    shown: (discount: Of<K>, money: Write) => string;
    /** The keyboard that a phone shows: that for one number, or null for the one with every sign. */
    mode: "decimal" | null;
    read: (text: string, number: ReadNumber, currency: string) => { [name in keyof Omit<Of<K>, "kind">]: unknown };
  } | null;
}

const percents = new Intl.NumberFormat(language, { maximumFractionDigits: 4 });

const inCurrency = (currency: string) => {
  const places = digits(currency);
  return `In ${currency}, such as ${written(5 * 10 ** places, places)}.`;
};
const moneyOf = (text: string, number: ReadNumber, currency: string) => {
  const write = moneyIn(currency);
  return number(text, (typed) => readMoney(typed, digits(currency), write), write);
};
const price = {
  label: "Price",
  mode: "decimal" as const,
  hint: inCurrency,
  shown: (discount: { price: Amount }, money: Write) => money(discount.price),
  read: (text: string, number: ReadNumber, currency: string) => ({ price: moneyOf(text, number, currency) }),
};
const amount = {
  label: "Amount",
  mode: "decimal" as const,
  hint: inCurrency,
  shown: (discount: { amount: Amount }, money: Write) => money(discount.amount),
  read: (text: string, number: ReadNumber, currency: string) => ({ amount: moneyOf(text, number, currency) }),
};

/** Every kind, in the order of the form's list. */
export const KINDS: { [K in Kind]: InPage<K> } = {
  percent: {
    name: "a percentage",
    told: (discount) => `${percents.format(discount.percent)} % off${discount.of === "order" ? " the order" : ""}`,
    isMoney: false,
    field: {
      label: "Percent",
      mode: "decimal",
      hint: () => `From 0 to 100, such as ${written(125, 1)}.`,
      shown: (discount) => percent(discount.percent),
      read: (text, number) => ({ percent: number(text, readPercent, (value) => `${percent(value)} %`) }),
    },
  },
  amount_per_ticket: {
    name: "an amount off each ticket",
    told: (discount, money) => `${money(discount.amount)} off each ticket`,
    isMoney: true,
    field: amount,
  },
  amount_per_order: {
    name: "an amount off the order",
    told: (discount, money) => `${money(discount.amount)} off the order`,
    isMoney: true,
    field: amount,
  },
  fixed_price: {
    name: "a fixed price for each ticket",
    told: (discount, money) => `each ticket for ${money(discount.price)}`,
    isMoney: true,
    field: price,
  },
  order_price: {
    name: "a price for the whole order",
    told: (discount, money) => `all tickets for ${money(discount.price)}`,
    isMoney: true,
    field: price,
  },
  free: { name: "everything: the ticket is free", told: () => "free tickets", isMoney: false, field: null },
  none: {
    name: "nothing: it is only counted",
    told: () => "nothing off, counted only",
    isMoney: false,
    field: null,
  },
  tiers: {
    name: "more off larger orders",
    told: ({ tiers }, money) =>
      tiers.map(({ from, discount }) => `from ${from}: ${told(discount.kind, discount, money)}`).join(", "),
    isMoney: false,
    isStored: true,
    field: null,
  },
  per_group: {
    name: "something off each group of tickets",
    told: ({ size, buy, discounted, discount }, money) => {
      const each = told(discount?.kind ?? "free", discount ?? { kind: "free" }, money);
      return `${each} for ${discounted} of every ${size ?? `${buy?.tickets} bought`}`;
    },
    isMoney: false,
    isStored: true,
    field: null,
  },
};

/** The promo's discount, in whichever of the two fields it was written. */
export const discountOf = (promo: Promo): Discount =>
  promo.discount ?? { kind: "percent", percent: promo.discount_percent ?? 0 };

const told = <K extends Kind>(kind: K, discount: Of<K>, money: Write) => KINDS[kind].told(discount, money);
const shown = <K extends Kind>(kind: K, discount: Of<K>, money: Write) =>
  KINDS[kind].field?.shown(discount, money) ?? "";

/** What a code takes off, in a few words. */
export function takesOff(promo: Promo, currency: string): string {
  const write = moneyIn(currency);
  const money = (amount: Amount) => {
    const own = amountIn(amount, currency);
    return own === null ? "an amount in another currency" : write(own);
  };
  const said = (discount: Discount) => told(discount.kind, discount, money);
  if (!promo.discounts) return said(discountOf(promo));
  const types = (names: string[] | null | undefined) => (names ? names.join(", ") : "other tickets");
  return promo.discounts.map(({ ticket_types, discount }) => `${types(ticket_types)}: ${said(discount)}`).join("; ");
}

/** The text of the form's field for it. */
export const typedOf = (discount: Discount, money: Write) => shown(discount.kind, discount, money);
