// A discount of one kind with at most one number, wherever it stands in a promotion.
import { KINDS, type Kind } from "../kinds";
import { at, pathOf, replace, useDraft, type Loose, type Path } from "./draft";
import { Choice } from "./fields";
import { Money, Percent, Word } from "./inputs";

const OF: [string, string][] = [
  ["ticket", "of the price of each ticket"],
  ["order", "of all tickets together"],
];
const AT: [string, string][] = [
  ["left", "of what earlier codes left of the price"],
  ["list", "of the price before any discount"],
];

/** Of what a percent is taken. */
export const PercentTerms = ({ path }: { path: Path }) => (
  <>
    <Word path={[...path, "of"]} label="The percent is" hint="Together, the sum is rounded once." options={OF} />
    <Word path={[...path, "at"]} label="With other codes, it is" options={AT} />
  </>
);

/** The one number of a discount of this kind. */
export function Value({ of, kind, place, name }: { of: Path; kind: Kind; place?: Path; name?: string }) {
  const field = KINDS[kind]?.field;
  if (!field) return null;
  const Input = field.name === "percent" ? Percent : Money;
  return <Input key={field.name} path={place ?? [...of, field.name]} name={name} label={field.label} isNeeded />;
}

/** A discount of which the number is still to be typed. */
export const percent = () => ({ kind: "percent", percent: "" });

/** What such a discount is before anything is typed. */
const FRESH: Partial<Record<Kind, () => Loose>> = {
  tiers: () => ({ kind: "tiers", by: "tickets", mode: "volume", tiers: [{ from: "", discount: percent() }] }),
  per_group: () => ({ kind: "per_group", size: "", discounted: 1 }),
};

/** A new discount of this kind. A percent keeps the number of a percent, and an amount that of an amount. */
export function ofKind(kind: Kind, was: Loose | null | undefined): Loose {
  const fresh = FRESH[kind];
  if (fresh) return fresh();
  const name = KINDS[kind].field?.name;
  return { kind, ...(name && { [name]: was?.[name] ?? "" }) };
}

/** A discount within the promotion: its kind, its number, and what else belongs to the kind. */
export function DiscountFields({
  path,
  label,
  kinds,
  usual,
}: {
  path: Path;
  label: string;
  kinds: Kind[];
  /** The kind that is meant if none is given. */
  usual?: Kind;
}) {
  const { promo, change, wrong } = useDraft();
  const discount = at(promo, path) as Loose | null | undefined;
  const kind = (discount?.kind ?? usual) as Kind;
  return (
    <>
      <Choice
        name={pathOf([...path, "kind"])}
        label={label}
        value={kind}
        set={(next) => change(replace(path, next === usual ? undefined : ofKind(next as Kind, discount)))}
        wrong={wrong(path) ?? wrong([...path, "kind"])}
        options={[...new Set([...kinds, kind])].map((each) => [each, KINDS[each].name])}
      />
      <Value of={path} kind={kind} />
      {kind === "percent" && <PercentTerms path={path} />}
    </>
  );
}
