// What the page knows of each kind of discount: its words, and what of it the organiser's form asks for. A kind that is
// missing in the table does not compile.
import type { Discount, Promo } from "redeemable";
import { language, moneyIn } from "./format";

/** An amount of a promotion: in whichever currency the order is, or by currency. */
export type Amount = NonNullable<Promo["budget"]>;

/** The amount in this currency; null if it has none. */
export const amountIn = (amount: Amount | null | undefined, currency: string): number | null =>
  (typeof amount === "object" ? amount?.[currency] : amount) ?? null;

export const isByCurrency = (amount: unknown) => typeof amount === "object" && amount !== null;

export type Kind = Discount["kind"];
type Of<K extends Kind> = Extract<Discount, { kind: K }>;
type Write = (amount: Amount) => string;

interface InPage<K extends Kind> {
  /** What the code takes off, in the form's list of kinds. */
  name: string;
  /** The same with its number, in a few words. */
  told: (discount: Of<K>, money: Write) => string;
  /** The one number that is typed for it: its place in the discount, and its label. Null: none, or more than one. */
  field: { name: "percent" | "amount" | "price"; label: string } | null;
  /** Whether it looks at each ticket by itself. */
  isOfTicket: boolean;
}

const percents = new Intl.NumberFormat(language, { maximumFractionDigits: 4 });
const price = { name: "price", label: "Price" } as const;
const amount = { name: "amount", label: "Amount" } as const;

/** Every kind, in the order of the form's list. */
export const KINDS: { [K in Kind]: InPage<K> } = {
  percent: {
    name: "a percentage",
    told: (discount) => `${percents.format(discount.percent)} % off${discount.of === "order" ? " the order" : ""}`,
    field: { name: "percent", label: "Percent" },
    isOfTicket: true,
  },
  amount_per_ticket: {
    name: "an amount off each ticket",
    told: (discount, money) => `${money(discount.amount)} off each ticket`,
    field: amount,
    isOfTicket: true,
  },
  amount_per_order: {
    name: "an amount off the order",
    told: (discount, money) => `${money(discount.amount)} off the order`,
    field: amount,
    isOfTicket: false,
  },
  fixed_price: {
    name: "a fixed price for each ticket",
    told: (discount, money) => `each ticket for ${money(discount.price)}`,
    field: price,
    isOfTicket: true,
  },
  order_price: {
    name: "a price for the whole order",
    told: (discount, money) => `all tickets for ${money(discount.price)}`,
    field: price,
    isOfTicket: false,
  },
  free: { name: "everything: the ticket is free", told: () => "free tickets", field: null, isOfTicket: true },
  none: {
    name: "nothing: it is only counted",
    told: () => "nothing off, counted only",
    field: null,
    isOfTicket: true,
  },
  tiers: {
    name: "more off larger orders",
    told: ({ by, tiers }, money) => {
      const from = (amount: Amount) => (by === "subtotal" ? money(amount) : `${amount} tickets`);
      return tiers
        .map((tier) => `from ${from(tier.from)}: ${told(tier.discount.kind, tier.discount, money)}`)
        .join(", ");
    },
    field: null,
    isOfTicket: false,
  },
  per_group: {
    name: "something off each group of tickets",
    told: ({ size, buy, discounted, discount }, money) => {
      const each = told(discount?.kind ?? "free", discount ?? { kind: "free" }, money);
      return `${each} for ${discounted} of every ${size ?? `${buy?.tickets} bought`}`;
    },
    field: null,
    isOfTicket: false,
  },
};

/** The promo's discount, in whichever of the two fields it was written. */
export const discountOf = (promo: Promo): Discount =>
  promo.discount ?? { kind: "percent", percent: promo.discount_percent ?? 0 };

const told = <K extends Kind>(kind: K, discount: Of<K>, money: Write) => KINDS[kind].told(discount, money);

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
