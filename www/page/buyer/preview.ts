// The price while the buyer types. The engine in this browser decides with what the shop tells it about one code. For
// several codes or many tickets, the page asks the shop for the price.
import { useEffect, useMemo, useState } from "preact/hooks";
import { canonicalCode, type Applied, type Quote } from "redeemable";
import { api, Failure, type Event, type Line, type Previewed, type View, type Wish } from "../api";
import { refusals } from "../words";
import { decide } from "./decide";
import { offersFor, type Offer } from "./offers";

/** What the buyer has typed so far. */
export interface Draft {
  quantities: Record<string, number>;
  email: string;
  codes: string;
}

export const typedCodes = (text: string) =>
  text
    .split(/[,;]/)
    .map((code) => code.trim())
    .filter((code) => code !== "");
/** A sentence if there are more codes, or longer ones, than the shop accepts. */
export function tooManyCodes(codes: string[]): string | null {
  if (codes.length > 16) return `An order takes at most 16 codes; you typed ${codes.length}.`;
  return codes.some((code) => code.length > 200) ? "A code has at most 200 characters." : null;
}
/** Whether the text can be a whole e-mail address: a half-typed one must not be looked up as a person. */
export const isEmail = (text: string) => text.length <= 320 && /^[^\s@]+@[^\s@]+$/.test(text.trim());

export function wishOf(draft: Draft, event: Event): Wish {
  const lines: Line[] = event.ticket_types
    .map(({ id }) => ({ ticket_type: id, quantity: draft.quantities[id] ?? 0 }))
    .filter(({ quantity }) => quantity > 0);
  return {
    codes: typedCodes(draft.codes),
    lines,
    identities: isEmail(draft.email) ? { email: draft.email.trim() } : {},
  };
}

/** A price, what each code did, and why codes were refused. */
export interface Priced {
  status: "accepted" | "rejected";
  quote: Quote;
  /** `byItself`: nobody has typed the code. */
  applied: (Applied & { byItself: boolean })[];
  why: string[];
  /** What would make a code take something off. */
  offers: Offer[];
}

/** Whether the buyer has typed the code, in any spelling. */
function isTyped(code: string, typed: string[]): boolean {
  const { canonical, loose } = canonicalCode({ text: code });
  return typed.some((text) => {
    const forms = canonicalCode({ text });
    return forms.canonical === canonical || (loose !== "" && forms.loose === loose);
  });
}

function asDecided(wish: Wish, event: Event, seen: View): Priced {
  const { status, quote, applied, violations } = decide(wish, event, seen);
  return {
    ...{ status, quote },
    applied: applied.map((each) => ({ ...each, byItself: !isTyped(each.code, wish.codes) })),
    why: refusals(violations, event),
    offers: offersFor(wish, event, seen),
  };
}

const asTold = ({ status, quote, applied, refusals: told }: Previewed, wish: Wish, event: Event): Priced => ({
  ...{ status, quote },
  applied: applied.map((each) => ({ ...each, remaining: null, byItself: !isTyped(each.code, wish.codes) })),
  why: refusals(told, event),
  offers: [],
});

export interface Preview {
  /** Null while no ticket is chosen, no answer has come yet, or the order as typed cannot be priced. */
  decision: Priced | null;
  /** The page waits for the shop's answer about a code or an e-mail; until then, `decision` is the last one. */
  asking: boolean;
  problem: Failure | null;
  refresh: () => void;
}

/** The shop's last answers: about a code for a person (`view`), and about one order (`price`). `of` is the question. */
interface Known {
  view: { of: string; is: View } | null;
  price: { of: string; is: Previewed } | null;
}

export function usePreview(wish: Wish, event: Event): Preview {
  const [known, setKnown] = useState<Known>({ view: null, price: null });
  const [problem, setProblem] = useState<Failure | null>(null);
  const [round, setRound] = useState(0);
  const empty = wish.lines.length === 0;
  const tooMuch = tooManyCodes(wish.codes) !== null;
  const text = JSON.stringify(wish);
  const viewed = JSON.stringify([wish.codes, wish.identities]);

  const view = known.view?.of === viewed ? known.view.is : null;
  const tickets = wish.lines.reduce((sum, { quantity }) => sum + quantity, 0);
  // The view has no price of a type that needs another code.
  const isSeen = (seen: View) =>
    seen.view.complete && tickets <= seen.up_to && wish.lines.every((line) => line.ticket_type in seen.prices);
  const byShop = wish.codes.length > 1 || (view !== null && !isSeen(view));
  const price = known.price?.of === text ? known.price.is : null;
  const enough = (byShop ? price : view) !== null;

  useEffect(() => {
    if (empty || enough || tooMuch) {
      setProblem(null);
      return;
    }
    let current = true;
    const ask = async (): Promise<Partial<Known>> =>
      byShop
        ? { price: { of: text, is: await api.preview(event, wish) } }
        : { view: { of: viewed, is: await api.view(event, wish) } };
    let timer = setTimeout(() => {
      ask().then(
        (answer) => {
          if (current) {
            setKnown((was) => ({ ...was, ...answer }));
            setProblem(null);
          }
        },
        (error: unknown) => {
          if (!current) return;
          const failure = Failure.of(error);
          setProblem(failure);
          // After some failures the page asks again by itself.
          const pause = { unreachable: 3000, busy: 3000, too_many_codes: 20_000 }[failure.code];
          if (pause !== undefined) timer = setTimeout(() => setRound((was) => was + 1), pause);
        },
      );
    }, 120);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [text, byShop, enough, round]);

  // Other buyers use the codes while this page is in the background, so ask again when it is shown.
  const refresh = () => {
    setKnown({ view: null, price: null });
    setRound((was) => was + 1);
  };
  useEffect(() => {
    addEventListener("focus", refresh);
    return () => removeEventListener("focus", refresh);
  }, []);
  // Then the first promotion of the view ends. A timer waits for at most 24 days.
  useEffect(() => {
    const end = view?.view.valid_until_ms ?? null;
    if (view === null || end === null) return;
    const timer = setTimeout(refresh, Math.min(end - view.now_ms, 2 ** 31 - 1));
    return () => clearTimeout(timer);
  }, [view]);

  const [last, setLast] = useState<Priced | null>(null);
  const [decision, fault] = useMemo((): [Priced | null, Failure | null] => {
    if (empty || tooMuch) return [null, null];
    try {
      if (byShop) return [price && asTold(price, wish, event), null];
      return [view && asDecided(wish, event, view), null];
    } catch (error) {
      return [null, Failure.of(error)];
    }
  }, [text, known]);
  useEffect(() => {
    if (decision) setLast(decision);
  }, [decision]);

  const missing = !empty && !enough && !tooMuch;
  const wrong = fault ?? (missing ? problem : null);
  // While the shop is asked, the last price is shown, unless the order as typed has no price.
  const shown = empty || tooMuch || wrong ? null : (decision ?? last);
  return { decision: shown, asking: missing && problem === null, problem: wrong, refresh };
}
