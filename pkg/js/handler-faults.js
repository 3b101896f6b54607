// Tells the shop of promotions with faults. To buyers their codes are unknown, which alone would tell the shop nothing.
import { validatePromos } from "#organiser";
import { areFound } from "./promos.js";

/** So many faults are remembered at most, so that each is told once and the memory stays small. */
const MOST = 1000;

/**
 * Returns `tellFaults(event_id, event, isHidden)`, which passes each fault of the event's promotions to `onError` once.
 * Unless a code was hidden, it looks only where there are automatic ones: nobody types them, and nobody misses them.
 */
export function faultTeller(onError) {
  const checked = new WeakSet();
  const told = new Set();
  return (event_id, { promos, looked }, isHidden) => {
    for (const documents of areFound(promos) ? looked : [promos]) {
      if (checked.has(documents) || !Array.isArray(documents)) continue;
      if (!isHidden && !documents.some(isAutomatic)) continue;
      checked.add(documents);
      for (const { path, message } of validatePromos({ promos: documents }).faults) {
        const text = `event ${event_id}, ${path}: ${message}`;
        if (told.has(text)) continue;
        if (told.size === MOST) told.clear();
        told.add(text);
        onError(new Error(`a promotion is not sold, because it has a fault: ${text}`));
      }
    }
  };
}

const isAutomatic = (document) => Boolean(document?.automatic);

/** The event's promotions; functions of the shop are wrapped in others that note in `looked` what they find. */
export function noting(event) {
  const { promos } = event;
  if (!areFound(promos)) return event;
  const looked = [];
  const noted = (find) =>
    typeof find === "function"
      ? async (...forms) => {
          const found = await find(...forms);
          looked.push(found);
          return found;
        }
      : find;
  const all = typeof promos === "function" ? noted(promos) : mapped(promos, noted);
  return { ...event, promos: all, looked };
}

const mapped = (object, of) => Object.fromEntries(Object.entries(object).map(([name, value]) => [name, of(value)]));
