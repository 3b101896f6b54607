// What a code takes off: one kind of discount, or one for each of several ticket types.
import { KINDS, type Kind } from "../kinds";
import { at, replace, useDraft, type Loose, type Path, type Typed } from "./draft";
import { Choice } from "./fields";
import { Types } from "./inputs";
import { Entries } from "./lists";
import { PerGroup, Tiers } from "./Parts";
import { DiscountFields, ofKind, Value } from "./Simple";

const ALL = Object.keys(KINDS) as Kind[];
const ENTRY = ALL.filter((kind) => kind !== "per_group");
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
      const discounts = [{ discount: discount && kind !== "per_group" ? discount : ofKind("percent", null) }];
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
      {kind === "tiers" && <Tiers path={["discount"]} />}
      {kind === "per_group" && <PerGroup path={["discount"]} />}
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
          <DiscountFields path={[...entry, "discount"]} label="It takes off" kinds={ENTRY} />
          <TiersOf path={[...entry, "discount"]} />
        </>
      )}
    </Entries>
  );
}

function TiersOf({ path }: { path: Path }) {
  const kind = at(useDraft().promo, [...path, "kind"]);
  return kind === "tiers" ? <Tiers path={path} /> : null;
}
