// The price while one types: decided in this browser, with what the shop handed over for the codes and the e-mail.
import { useEffect, useMemo, useState } from "preact/hooks";
import { validateRedemption, type Decision, type Promo } from "redeemable";
import { api, Failure, type Event, type Line, type PreviewData, type Wish } from "../api";

/** What the buyer has typed so far. */
export interface Draft { quantities: Record<string, number>; email: string; codes: string }

export const typedCodes = (text: string) => text.split(/[,;]/).map((code) => code.trim()).filter((code) => code !== "");
/** An e-mail counts from when it could be one, so that half a name is nobody. */
export const isEmail = (text: string) => /^[^\s@]+@[^\s@]+$/.test(text.trim());

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
  /** Null as long as no ticket is chosen, or nothing is known yet. */
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
  const text = JSON.stringify(wish);

  useEffect(() => {
    if (empty || enough) return;
    let current = true;
    const timer = setTimeout(() => {
      api.previewData(wish).then(
        (data) => { if (current) { setKnown({ wish, data }); setProblem(null); } },
        (error: unknown) => { if (current) setProblem(Failure.of(error)); },
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
    if (empty || known === null || !enough) return [null, null];
    try {
      return [decide(wish, event, known.data), null];
    } catch (error) {
      return [null, Failure.of(error)];
    }
  }, [text, known]);
  useEffect(() => { if (decision) setLast(decision); }, [decision]);

  return { decision: empty ? null : decision ?? last, promos: known?.data.promos ?? [], asking: !empty && !enough && problem === null, problem: fault ?? problem, refresh };
}
