// The promotion that the form edits: the document itself, and beside it the texts as they were typed. What is not
// edited stays as it is stored, also where the form has no field for it.
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Promo } from "redeemable";
import type { Event } from "../api";
import type { Checks } from "./findings";

export type Path = readonly (string | number)[];
export type Loose = Record<string, unknown>;

/** The path as the engine writes it, such as `requires[0].min_tickets`. */
export const pathOf = (path: Path) =>
  path.map((part, i) => (typeof part === "number" ? `[${part}]` : i === 0 ? part : `.${part}`)).join("");

/** The value at a path within a document. */
export const at = (document: unknown, path: Path): unknown =>
  path.reduce<unknown>((place, part) => (place as Loose | null | undefined)?.[part], document);

/**
 * The document with this value at the path. `undefined` takes the field or the entry of a list away, and the list or
 * object around it too if nothing else is in it.
 */
export function put(document: unknown, [part, ...rest]: Path, value: unknown): unknown {
  if (part === undefined) return value;
  if (typeof part === "number") {
    const list = [...((document as unknown[] | null | undefined) ?? [])];
    const inner = put(list[part], rest, value);
    // An entry stays in its list, even without any field: the organiser is about to fill it.
    if (inner !== undefined || rest.length > 0) list[part] = inner ?? {};
    else list.splice(part, 1);
    return list.length > 0 ? list : undefined;
  }
  const object = { ...(document as Loose | null | undefined) };
  const inner = put(object[part], rest, value);
  if (inner === undefined) delete object[part];
  else object[part] = inner;
  return Object.keys(object).length > 0 ? object : undefined;
}

/** What the form knows: the document, and by path the texts that were typed into its fields. */
export interface Typed {
  promo: Loose;
  texts: Record<string, string>;
}

/** The form's state, for its fields. */
export interface Draft {
  promo: Loose;
  texts: Record<string, string>;
  event: Event;
  /** The currencies of the amounts. With more than one, each amount has a field for each. */
  currencies: string[];
  setCurrencies: (currencies: string[]) => void;
  /** The text that was typed at the path. */
  text: (path: Path) => string | undefined;
  /** Changes the document and the texts as a whole. */
  change: (edit: (typed: Typed) => Typed) => void;
  set: (path: Path, value: unknown, text?: string) => void;
  /** Sets what holds amounts: the promotion then gets the event's currency, if it has none of its own. */
  setMoney: (path: Path, value: unknown, texts?: Record<string, string>) => void;
  /** What is wrong at the path; the field that asks shows it. */
  wrong: (path: Path) => string | undefined;
  /** Whether something is wrong in one of these fields of the promotion, or in any. */
  isWrong: (fields?: readonly string[]) => boolean;
  /** What is wrong and was not asked for, because no field stands there. Asked after all fields. */
  rest: () => [path: string, message: string][];
}

const Context = createContext<Draft | null>(null);
export const DraftOf = Context.Provider;
export const useDraft = () => useContext(Context)!;

/** Another value at the path, without the texts that were typed within it: its parts have moved, or are others now. */
export const replace =
  (path: Path, value: unknown) =>
  ({ promo, texts }: Typed): Typed => ({
    promo: put(promo, path, value) as Loose,
    texts: Object.fromEntries(Object.entries(texts).filter(([place]) => !isWithin(place, pathOf(path)))),
  });
const isWithin = (place: string, path: string) => place.startsWith(path) && /^($|[.[])/.test(place.slice(path.length));

/** The engine's message in words for an organiser, with the number that was found. */
const plain = (message: string, found: unknown) =>
  message
    .replace("another number", String(found))
    .replace(" to 9007199254740991", "")
    .replace(", found a string", ", found text")
    .replace("an integer", "a whole number");

/** The engine's messages about the promotion, by path: of each path the first. */
export function faults(promo: Loose, others: Promo[], validate: Checks["validate"]): Map<string, string> {
  const found = new Map<string, string>();
  for (const {
    at: [list, place, ...path],
    code,
    message,
  } of validate([promo as unknown as Promo, ...others])) {
    if (list !== "promos" || place !== 0) continue;
    const name = pathOf(path);
    const isTwice = code === "duplicate_code" && name === "code";
    const said = isTwice ? "another code is spelt like this one" : plain(message, at(promo, path));
    if (!found.has(name)) found.set(name, said);
  }
  return found;
}
