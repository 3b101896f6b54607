// Conditions on facts, as the form writes them: an operator, and a text for what it compares with.

/** The operators, in the words of the form. */
export const OPERATORS = {
  is: "is",
  is_not: "is something else than",
  in: "is one of",
  not_in: "is none of",
  at_least: "is at least",
  at_most: "is at most",
} as const;
export type Operator = keyof typeof OPERATORS;
const LISTS: Operator[] = ["in", "not_in"];

/** The operator of a condition: the first that it has. */
export const operatorOf = (condition: Record<string, unknown>): Operator =>
  (Object.keys(OPERATORS) as Operator[]).find((name) => condition[name] !== undefined) ?? "is";

/** Reads `5` as a number, `yes` and `no` as themselves, and everything else as a text; `"5"` is a text in any case. */
function readOne(text: string): unknown {
  if (/^"[^"]*"$/.test(text)) return text.slice(1, -1);
  if (text === "yes" || text === "no") return text === "yes";
  return /^\d{1,15}$/.test(text) ? Number(text) : text;
}

function shownOne(value: unknown): string {
  if (typeof value === "boolean") return value ? "yes" : "no";
  const text = String(value);
  return typeof value === "string" && (readOne(text) !== text || /,|^\s|\s$/.test(text)) ? `"${text}"` : text;
}

/** What the operator compares with, from its text. Several are separated by commas. */
export function readOperand(text: string, operator: Operator): unknown {
  const trimmed = text.trim();
  if (!LISTS.includes(operator)) return readOne(trimmed);
  return [...trimmed.matchAll(/"[^"]*"|[^,]+/g)]
    .map(([each]) => each.trim())
    .filter((each) => each !== "")
    .map(readOne);
}

export const shownOperand = (value: unknown): string =>
  Array.isArray(value) ? value.map(shownOne).join(", ") : value === undefined ? "" : shownOne(value);

/** A condition in a few words: “orders_before is at most 0”. */
export const saidCondition = (condition: Record<string, unknown>): string =>
  Array.isArray(condition.any)
    ? condition.any.map(saidCondition).join(" or ")
    : `${condition.fact} ${OPERATORS[operatorOf(condition)]} ${shownOperand(condition[operatorOf(condition)])}`;
