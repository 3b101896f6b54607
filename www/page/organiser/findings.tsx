// The engine's warnings. They come from a wasm file of their own, which is loaded by the first view that shows codes:
// no buyer downloads it.
import type { Fault, Finding, Promo } from "redeemable";
import { api, type Codes } from "../api";
import { eachCount } from "./counts";

/** The fields of a promotion that the form does not show: a stored code keeps them, and its page shows its document. */
export type Kept =
  | "id"
  | "discounts"
  | "pick"
  | "events"
  | "exclude_events"
  | "exclude_ticket_types"
  | "unlocks"
  | "max_subtotal"
  | "subtotal_of"
  | "requires"
  | "only_if"
  | "rounding"
  | "release"
  | "count_by_identity"
  | "per_period"
  | "lifts"
  | "weekly";
/** The fields that follow from others in the form. */
export type Implied = "currency" | "single_use";

/** The form's labels for the fields of a promotion, and for parts of them. */
export const LABELS: Record<Exclude<keyof Promo, Kept | Implied>, string> & Record<string, string> = {
  code: "Code",
  active: "Switched on",
  discount: "It takes off",
  discount_percent: "It takes off",
  ticket_types: "Ticket types",
  starts_at_ms: "From",
  ends_at_ms: "Until",
  min_subtotal: "Order worth at least",
  max_uses: "Uses in all",
  ...eachCount(({ label }) => label),
  budget: "Budget",
  max_discount: "Most off one order",
  count_by: "A use is",
  when_short: "Give what is left",
  only_for: "Guests",
  combines: "Works together with other codes",
  priority: "Priority",
  pools: "Shared pool",
  "pools.id": "Shared pool",
  "pools.max_uses": "Uses of the pool",
};
export const labelOf = (field: string) => LABELS[field] ?? field;

/** Checks of promotions under the event's policy: `validate` finds what is wrong, and `check` what is suspicious. */
export interface Checks {
  validate: (promos: Promo[]) => Fault[];
  check: (promos: Promo[]) => Finding[];
}

/** The stored codes, and the functions that check them. */
export async function loadCodes(): Promise<Codes & Checks> {
  const [{ codes, policy }, { init, checkPromo, validatePromos }] = await Promise.all([
    api.codes(),
    import("redeemable/organiser"),
  ]);
  await init();
  return {
    codes,
    policy,
    validate: (promos) => validatePromos({ promos, policy }).faults,
    check: (promos) => checkPromo({ promos, policy, now_ms: Date.now() }),
  };
}

/** The findings about one promo, by its place in the list, or about the policy. */
export const about = (place: number | "policy", findings: Finding[]) =>
  findings.filter(({ path }) => path.startsWith(place === "policy" ? "policy." : `promos[${place}].`));

const WORDS: Record<Finding["severity"], string> = { danger: "Danger", warning: "Warning", notice: "Notice" };

/** The findings in the engine's order, the worst first. */
export function Findings({ of }: { of: Finding[] }) {
  if (of.length === 0) return null;
  return (
    <ul class="findings">
      {of.map(({ path, severity, message }) => (
        <li key={path + message} data-severity={severity}>
          <strong>{WORDS[severity]}</strong> at “{labelOf(/^\w+(?:\[\d+\])?\.(\w+)/.exec(path)?.[1] ?? path)}”:{" "}
          {message}.
        </li>
      ))}
    </ul>
  );
}
