// The fields of the form that are whole numbers and have the same name in the promotion. An entry says all about one.

export type Count = "max_uses_per_identity" | "max_tickets_per_order" | "min_tickets" | "max_tickets";

interface CountField {
  field: Count;
  panel: "orders" | "uses";
  label: string;
  hint?: string;
  /** The field in a few words, for the list of codes. */
  says: (count: string) => string;
}

export const COUNTS: CountField[] = [
  {
    field: "max_uses_per_identity",
    panel: "uses",
    label: "Uses for each person",
    hint: "By e-mail.",
    says: (count) => `${count} per person`,
  },
  {
    field: "max_tickets_per_order",
    panel: "uses",
    label: "Discounted tickets per order",
    hint: "The others pay the full price.",
    says: (count) => `for ${count} tickets of an order`,
  },
  { field: "min_tickets", panel: "orders", label: "Tickets at least", says: (count) => `from ${count} tickets` },
  { field: "max_tickets", panel: "orders", label: "Tickets at most", says: (count) => `up to ${count} tickets` },
];

/** An object with what `of` makes of each of these fields. */
export const eachCount = <T>(of: (each: CountField) => T) =>
  Object.fromEntries(COUNTS.map((each) => [each.field, of(each)])) as Record<Count, T>;
