// The form's state: the promotion as it is edited, and what the engine says of it.
import { useState } from "preact/hooks";
import type { Promo } from "redeemable";
import type { Event } from "../api";
import { currenciesOf, inCurrencies, withCurrency } from "./amounts";
import { faults, pathOf, put, type Draft, type Loose, type Path, type Typed } from "./draft";
import type { Checks } from "./findings";

export const BLANK: Loose = { code: "", discount: { kind: "percent", percent: 10 }, max_uses: 50 };

/** The draft for the form's fields. `wrong` are the engine's faults by path, those of a code that is empty included. */
export function useForm(stored: Promo | null, others: Promo[], event: Event, validate: Checks["validate"]) {
  const [begun] = useState<Loose>(() => (stored ?? BLANK) as Loose);
  const [typed, change] = useState<Typed>({ promo: begun, texts: {} });
  const [currencies, setCurrencies] = useState(() => currenciesOf(begun, event));
  const { promo, texts } = typed;
  const wrong = faults(promo, others, validate);
  const shown = new Set<string>();
  const edit = (path: Path, value: unknown, added: Record<string, string>) => (was: Typed) => ({
    promo: put(was.promo, path, value) as Loose,
    texts: { ...was.texts, ...added },
  });
  const draft: Draft = {
    promo,
    texts,
    event,
    currencies,
    setCurrencies: (now) => {
      // The texts are those of the amounts as they were.
      change((was) => ({ promo: inCurrencies(was.promo, currencies, now), texts: {} }));
      setCurrencies(now);
    },
    change,
    text: (path) => texts[pathOf(path)],
    set: (path, value, text) => change(edit(path, value, text === undefined ? {} : { [pathOf(path)]: text })),
    setMoney: (path, value, added = {}) =>
      change((was) => {
        const now = edit(path, value, added)(was);
        return { ...now, promo: withCurrency(now.promo, stored, event) };
      }),
    wrong: (path) => {
      shown.add(pathOf(path));
      return wrong.get(pathOf(path));
    },
    isWrong: (fields) => [...wrong.keys()].some((path) => fields?.includes(/^\w+/.exec(path)?.[0] ?? "") ?? true),
    rest: () => [...wrong].filter(([path]) => !shown.has(path)),
  };
  return { draft, wrong, isDirty: promo !== begun && JSON.stringify(promo) !== JSON.stringify(begun) };
}
