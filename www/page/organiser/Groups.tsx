// What most codes do not need, each group of fields in a sentence until it is opened.
import type { Finding, Policy } from "redeemable";
import { Worst } from "./findings";
import { Limits } from "./Limits";
import { Group } from "./lists";
import { Order, Which } from "./Order";
import { Together } from "./Together";
import { When } from "./When";
import { Who } from "./Who";
import { Working } from "./Working";

export function Groups({
  said,
  findings,
  policy,
  isStored,
}: {
  said: Record<string, string[]>;
  findings: Finding[];
  policy: Policy;
  isStored: boolean;
}) {
  const hasZone = policy.zone != null;
  const groups = [
    {
      title: "Which tickets",
      usual: "All tickets.",
      of: ["ticket_types", "exclude_ticket_types", "unlocks", "max_tickets_per_order", "pick"],
      in: <Which />,
    },
    {
      title: "When and where",
      usual: "At any time.",
      of: ["active", "starts_at_ms", "weekly", "events", "exclude_events"],
      in: <When hasZone={hasZone} />,
    },
    {
      title: "What the order must hold",
      usual: "Nothing else.",
      of: ["min_tickets", "max_tickets", "min_subtotal", "max_subtotal", "subtotal_of", "requires"],
      in: <Order />,
    },
    { title: "For whom", usual: "Everybody.", of: ["only_for", "only_if"], in: <Who /> },
    {
      title: "More limits",
      usual: "No others.",
      of: [
        ...["max_uses_per_identity", "budget", "max_discount", "when_short", "count_by", "count_by_identity"],
        ...["per_period", "pools", "lifts", "id"],
      ],
      in: <Limits hasZone={hasZone} isStored={isStored} />,
    },
    { title: "How it is worked out", usual: "As usual.", of: ["rounding", "currency"], in: <Working /> },
    {
      title: "By itself, and with other codes",
      usual: "Typed, and used alone.",
      of: ["automatic", "combines", "group", "priority"],
      in: <Together choose={policy.choose ?? "entered"} />,
    },
  ];
  return groups.map(({ title, usual, of, in: fields }) => (
    <Group
      key={title}
      title={title}
      fields={of}
      said={of.flatMap((field) => said[field] ?? []).join(" · ") || usual}
      warned={<Worst of={findings} fields={of} />}
    >
      {fields}
    </Group>
  ));
}
