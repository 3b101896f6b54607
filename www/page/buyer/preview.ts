// The price while one types: decided in this browser, with what the shop handed over for the codes and the e-mail.
import { useEffect, useMemo, useState } from "preact/hooks";
import { validateRedemption, type Decision, type Promo } from "redeemable";
import { api, Failure, type Event, type Line, type PreviewData, type Wish } from "../api";

/** What the buyer has typed so far. */
export interface Draft { quantities: Record<string, number>; email: string; codes: string }

export const typedCodes = (text: string) => text.split(/[,;]/).map((code) => code.trim()).filter((code) => code !== "");
/** What is said when the shop would not read so many codes, or so long a one. */
export function tooManyCodes(codes: string[]): string | null {
  if (codes.length > 16) return `An order takes at most 16 codes; you typed ${codes.length}.`;
  return codes.some((code) => code.length > 200) ? "A code has at most 200 characters." : null;
}
/** An e-mail counts from when it could be one, so that half a name is nobody. */
export const isEmail = (text: string) => text.length <= 320 && /^[^\s@]+@[^\s@]+$/.test(text.trim());

export function wishOf(draft: Draft, event: Event): Wish {
  const lines: Line[] = event.ticket_types
    .map(({ id }) => ({ ticket_type: id, quantity: draft.quantities[id] ?? 0 }))
    .filter(({ quantity }) => quantity > 0);
  return { codes: typedCodes(draft.codes), lines, identities: isEmail(draft.email) ? { email: draft.email.trim() } : {} };
}

/** Same request, same answer: this is what the shop asks of its own copy of the engine. */
export function decide(wish: Wish, event: Event, data: PreviewData): Decision {
  const price = new Map(event.ticket_types.map((type) => [type.id, type.price]));
  const lines = wish.lines.map((line) => ({ ...line, unit_price: price.get(line.ticket_type) ?? 0 }));
  return validateRedemption({ codes: wish.codes, ...data, order: { event_id: event.id, currency: event.currency, lines, identities: { ...wish.identities } } });
}

export interface Preview {
  /** Null as long as no ticket is chosen, nothing is known yet, or what is typed cannot be priced. */
  decision: Decision | null;
  promos: Promo[];
  /** The shop is being asked about a code or an e-mail: the decision is the one before. */
  asking: boolean;
  problem: Failure | null;
  refresh: () => void;
}

interface Known { wish: Wish; data: PreviewData }

/** Whether the data of an earlier wish is enough: the same person, and no code that the shop was not asked about. */
function covers(known: Known | null, wish: Wish): boolean {
  return known !== null && known.wish.identities.email === wish.identities.email
    && wish.codes.every((code) => known.wish.codes.includes(code))
    && wish.lines.every(({ ticket_type }) => known.wish.lines.some((line) => line.ticket_type === ticket_type));
}

export function usePreview(wish: Wish, event: Event): Preview {
  const [known, setKnown] = useState<Known | null>(null);
  const [problem, setProblem] = useState<Failure | null>(null);
  const [round, setRound] = useState(0);
  const empty = wish.lines.length === 0;
  const enough = covers(known, wish);
  const tooMuch = tooManyCodes(wish.codes) !== null;
  const text = JSON.stringify(wish);

  useEffect(() => {
    if (empty || enough || tooMuch) {
      setProblem(null);
      return;
    }
    let current = true;
    let timer = setTimeout(() => {
      api.previewData(wish).then(
        (data) => { if (current) { setKnown({ wish, data }); setProblem(null); } },
        (error: unknown) => {
          if (!current) return;
          const failure = Failure.of(error);
          setProblem(failure);
          // A shop that was away comes back without the buyer's doing.
          if (failure.code === "unreachable" || failure.code === "busy") timer = setTimeout(() => setRound((was) => was + 1), 3000);
        },
      );
    }, 120);
    return () => { current = false; clearTimeout(timer); };
  }, [text, enough, round]);

  // Counters move while the page lies in the background.
  const refresh = () => { setKnown(null); setRound((was) => was + 1); };
  useEffect(() => {
    addEventListener("focus", refresh);
    return () => removeEventListener("focus", refresh);
  }, []);

  const [last, setLast] = useState<Decision | null>(null);
  const [decision, fault] = useMemo((): [Decision | null, Failure | null] => {
    if (empty || known === null || !enough || tooMuch) return [null, null];
    try {
      return [decide(wish, event, known.data), null];
    } catch (error) {
      return [null, Failure.of(error)];
    }
  }, [text, known]);
  useEffect(() => { if (decision) setLast(decision); }, [decision]);

  const missing = !empty && !enough && !tooMuch;
  const wrong = fault ?? (missing ? problem : null);
  // An older price may stay while the shop is asked, but not when there is none for what is typed.
  const shown = empty || tooMuch || wrong ? null : decision ?? last;
  return { decision: shown, promos: known?.data.promos ?? [], asking: missing && problem === null, problem: wrong, refresh };
}
