// What a code takes off: one kind of discount, or one for each of several ticket types.
import { KINDS, type Kind } from "../kinds";
import { at, pathOf, replace, useDraft, type Loose, type Path, type Typed } from "./draft";
import { Choice } from "./fields";
import { Money, Percent, Types, Word } from "./inputs";
import { Entries } from "./lists";

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
function Value({ of, kind, place, name }: { of: Path; kind: Kind; place?: Path; name?: string }) {
  const field = KINDS[kind]?.field;
  if (!field) return null;
  const Input = field.name === "percent" ? Percent : Money;
  return <Input key={field.name} path={place ?? [...of, field.name]} name={name} label={field.label} isNeeded />;
}

/** A new discount of this kind. A percent keeps the number of a percent, and an amount that of an amount. */
function ofKind(kind: Kind, was: Loose | null | undefined): Loose {
  const name = KINDS[kind].field?.name;
  return { kind, ...(name && { [name]: was?.[name] ?? "" }) };
}

/** A discount within the promotion: its kind, its number, and what else belongs to the kind. */
export function DiscountFields({ path, label, kinds }: { path: Path; label: string; kinds: Kind[] }) {
  const { promo, change, wrong } = useDraft();
  const discount = at(promo, path) as Loose | undefined;
  const kind = discount?.kind as Kind;
  return (
    <>
      <Choice
        name={pathOf([...path, "kind"])}
        label={label}
        value={kind}
        set={(next) => change(replace(path, ofKind(next as Kind, discount)))}
        wrong={wrong(path) ?? wrong([...path, "kind"])}
        options={kinds.map((each) => [each, KINDS[each].name])}
      />
      <Value of={path} kind={kind} />
      {kind === "percent" && <PercentTerms path={path} />}
    </>
  );
}

const ALL = Object.keys(KINDS) as Kind[];
const BY_TYPE = "by_type";

/** What the code takes off, whichever of the three fields says it. */
export function TakesOff() {
  const { promo, change, wrong } = useDraft();
  const isShort = promo.discount_percent != null;
  const discount = (isShort ? { kind: "percent", percent: promo.discount_percent } : promo.discount) as Loose | null;
  const kind = (discount?.kind ?? BY_TYPE) as Kind | typeof BY_TYPE;
  const choose = (next: string) =>
    change((typed): Typed => {
      const one = (fields: Loose) => (name: string) => replace([name], fields[name]);
      const discounts = [{ discount: discount ?? ofKind("percent", null) }];
      const first = (promo.discounts as Loose[] | null | undefined)?.[0]?.discount as Loose | undefined;
      const fields = next === BY_TYPE ? { discounts } : { discount: ofKind(next as Kind, discount ?? first) };
      return ["discount", "discount_percent", "discounts"].map(one(fields)).reduce((now, edit) => edit(now), typed);
    });
  return (
    <>
      <Choice
        name="kind"
        label="It takes off"
        value={kind}
        set={choose}
        wrong={wrong(["discount"]) ?? wrong(["discount", "kind"])}
        options={[
          ...ALL.map((each): [string, string] => [each, KINDS[each].name]),
          [BY_TYPE, "something else for each ticket type"],
        ]}
      />
      {kind === BY_TYPE ? (
        <ByType />
      ) : (
        <Value of={["discount"]} kind={kind} name="value" {...(isShort && { place: ["discount_percent"] })} />
      )}
    </>
  );
}

function ByType() {
  return (
    <Entries
      path={["discounts"]}
      legend="For each ticket type"
      hint="The first entry that names a ticket’s type counts. Tickets of other types pay the full price."
      one="Entry"
      add="Add an entry"
      fresh={() => ({ discount: ofKind("percent", null) })}
    >
      {(entry) => (
        <>
          <Types path={[...entry, "ticket_types"]} label="Ticket types" hint="No box ticked: all types." />
          <DiscountFields path={[...entry, "discount"]} label="It takes off" kinds={ALL} />
        </>
      )}
    </Entries>
  );
}
