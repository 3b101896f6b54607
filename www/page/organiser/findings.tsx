// The engine's warnings. They come from a wasm file of their own, which is loaded by the first view that shows codes:
// no buyer downloads it.
import type { Fault, Finding, Promo } from "redeemable";
import { api, type Codes } from "../api";

/** The field of a promotion that the form does not show: a stored code keeps it, and its page shows its document. */
export type Kept = "release";

/** The form's labels for the fields of a promotion. */
export const LABELS: Record<Exclude<keyof Promo, Kept>, string> = {
  code: "Code",
  id: "Counted under",
  active: "Switched on",
  discount: "It takes off",
  discount_percent: "It takes off",
  discounts: "It takes off",
  currency: "Currencies of the amounts",
  ticket_types: "Ticket types",
  exclude_ticket_types: "But not these",
  unlocks: "Hidden ticket types that it unlocks",
  starts_at_ms: "From",
  ends_at_ms: "Until",
  weekly: "Only at these hours of the week",
  events: "Only at these events",
  exclude_events: "Not at these events",
  min_tickets: "Tickets at least",
  max_tickets: "Tickets at most",
  min_subtotal: "Order worth at least",
  max_subtotal: "Order worth at most",
  subtotal_of: "The worth is that of",
  requires: "Other tickets in the order",
  max_uses: "Uses in all",
  single_use: "Uses in all",
  max_uses_per_identity: "Uses for each person",
  max_tickets_per_order: "Discounted tickets per order",
  pick: "If not all tickets get the discount",
  budget: "Budget",
  max_discount: "Most off one order",
  count_by: "A use is",
  count_by_identity: "A use of one person is",
  per_period: "Uses in a period",
  when_short: "Give what is left",
  pools: "Limits shared with other codes",
  lifts: "More tickets than others may have",
  only_for: "Guests",
  only_if: "Conditions on what the shop knows",
  rounding: "A price between two cents",
  automatic: "Applies by itself",
  combines: "Together with other codes",
  group: "Only one of this group",
  priority: "Priority",
};
export const labelOf = (field: string) => (LABELS as Record<string, string>)[field] ?? field;

/** Checks of promotions under the event's policy: `validate` finds what is wrong, and `check` what is suspicious. */
export interface Checks {
  validate: (promos: Promo[]) => Fault[];
  check: (promos: Promo[]) => Finding[];
}

/** The stored codes, and the functions that check them. */
export async function loadCodes(): Promise<Codes & Checks> {
  const [{ codes, policy, clock }, { init, checkPromo, validatePromos }] = await Promise.all([
    api.codes(),
    import("redeemable/organiser"),
  ]);
  await init();
  return {
    codes,
    policy,
    clock,
    validate: (promos) => validatePromos({ promos, policy }).faults,
    check: (promos) => checkPromo({ promos, policy, now_ms: Date.now() }),
  };
}

/** The findings about one promo, by its place in the list, or about the policy. */
export const about = (place: number | "policy", findings: Finding[]) =>
  findings.filter(({ path }) => path.startsWith(place === "policy" ? "policy." : `promos[${place}].`));

const WORDS: Record<Finding["severity"], string> = { danger: "Danger", warning: "Warning", notice: "Notice" };

/** The field of the promotion that a finding is about. */
const fieldOf = ({ path }: Finding) => /^\w+(?:\[\d+\])?\.(\w+)/.exec(path)?.[1] ?? path;

/** The worst of what the engine says about these fields, as a word; undefined: nothing but notices. */
export function Worst({ of, fields }: { of: Finding[]; fields: readonly string[] }) {
  const worst = of.find((finding) => finding.severity !== "notice" && fields.includes(fieldOf(finding)))?.severity;
  return worst ? <span class={`tag ${worst}`}>{WORDS[worst]}</span> : null;
}

/** The findings in the engine's order, the worst first. With `go`, the name of the field leads to it. */
export function Findings({ of, go }: { of: Finding[]; go?: (field: string) => void }) {
  if (of.length === 0) return null;
  return (
    <ul class="findings">
      {of.map((finding) => {
        const { path, severity, message } = finding;
        const field = fieldOf(finding);
        return (
          <li key={path + message} data-severity={severity}>
            <strong>{WORDS[severity]}</strong> at “
            {go ? (
              <button type="button" class="link" onClick={() => go(field)}>
                {labelOf(field)}
              </button>
            ) : (
              labelOf(field)
            )}
            ”: {message}.
          </li>
        );
      })}
    </ul>
  );
}
