// Tells the shop of promotions with faults. To buyers their codes are unknown, which alone would tell the shop nothing.
import { validatePromos } from "#organiser";

/** So many faults are remembered at most, so that each is told once and the memory stays small. */
const MOST = 1000;

/** Returns `tellFaults(event_id, event)`, which passes each fault of the event's promotions to `onError`, once. */
export function faultTeller(onError) {
  const checked = new WeakSet();
  const told = new Set();
  return (event_id, { promos, looked }) => {
    const documents = typeof promos === "function" ? (looked.at(-1) ?? []) : promos;
    if (checked.has(documents)) return;
    checked.add(documents);
    for (const { path, message } of validatePromos({ promos: documents }).faults) {
      const text = `event ${event_id}, ${path}: ${message}`;
      if (told.has(text)) continue;
      if (told.size === MOST) told.clear();
      told.add(text);
      onError(new Error(`a promotion is not sold, because it has a fault: ${text}`));
    }
  };
}

/** The event's promotions; a function of the shop is wrapped in one that notes in `looked` what it finds. */
export function noting(event) {
  const { promos } = event;
  if (typeof promos !== "function") return event;
  const looked = [];
  const find = async (forms) => {
    const found = await promos(forms);
    looked.push(found);
    return found;
  };
  return { ...event, promos: find, looked };
}
