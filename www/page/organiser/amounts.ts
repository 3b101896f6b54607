// The amounts of a promotion, wherever they stand in it, and their currencies.
import type { Promo } from "redeemable";
import type { Event } from "../api";
import { isByCurrency } from "../kinds";
import { put, type Loose, type Path } from "./draft";

const NAMES = ["amount", "price", "budget", "max_discount", "min_subtotal", "max_subtotal"];

/** The path and the value of each amount. `from` of a tier is one if the tiers are by subtotal. */
function amountsOf(value: unknown, path: Path = [], isBySubtotal = false): [Path, unknown][] {
  if (typeof value !== "object" || value === null) return [];
  const bySubtotal = isBySubtotal || (value as Loose).by === "subtotal";
  return Object.entries(value).flatMap(([name, inner]): [Path, unknown][] => {
    const at = [...path, Array.isArray(value) ? Number(name) : name];
    const isAmount = NAMES.includes(name) || (name === "from" && bySubtotal);
    return isAmount && inner != null ? [[at, inner]] : amountsOf(inner, at, bySubtotal);
  });
}

/** The currency of plain amounts. */
export const currencyOf = (promo: Loose | Promo | null, event: Event): string =>
  typeof promo?.currency === "string" ? promo.currency : event.currency;

/** The currencies that the promotion's amounts name; with plain amounts, the only one. */
export function currenciesOf(promo: Loose, event: Event): string[] {
  const named = amountsOf(promo).flatMap(([, amount]) => (isByCurrency(amount) ? Object.keys(amount as Loose) : []));
  return named.length > 0 ? [...new Set(named)] : [currencyOf(promo, event)];
}

/** The promotion with a currency exactly if it has plain amounts. A stored currency stays: it is a condition. */
export function withCurrency(promo: Loose, stored: Promo | null, event: Event): Loose {
  if (stored?.currency != null) return promo;
  const isPlain = amountsOf(promo).some(([, amount]) => !isByCurrency(amount));
  return put(promo, ["currency"], isPlain ? currencyOf(promo, event) : undefined) as Loose;
}

/** The promotion with its amounts in these currencies: a number if it is one, numbers by currency if they are more. */
export function inCurrencies(promo: Loose, was: string[], now: string[]): Loose {
  const changed = amountsOf(promo).reduce((made, [path, amount]) => {
    const by = isByCurrency(amount) ? (amount as Loose) : Object.fromEntries(was.map((currency) => [currency, amount]));
    const left = Object.fromEntries(now.flatMap((currency) => (currency in by ? [[currency, by[currency]]] : [])));
    const [only] = now.length === 1 ? Object.values(left) : [Object.keys(left).length > 0 ? left : undefined];
    // What must have an amount, such as a price, has an empty one.
    const isNeeded = ["amount", "price", "from"].includes(String(path.at(-1)));
    return put(made, path, only ?? (isNeeded ? "" : undefined)) as Loose;
  }, promo);
  const isPlain = now.length === 1 && amountsOf(changed).length > 0;
  return put(changed, ["currency"], isPlain ? now[0] : undefined) as Loose;
}
