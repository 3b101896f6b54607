// How often a code may be used: by all together, by each person, in a period, and together with other codes.
import { at, put, useDraft, type Loose, type Path } from "./draft";
import { Box, Count, Money, TextField, Word } from "./inputs";
import { Entries } from "./lists";

const EVERY: [string, string][] = [
  ["day", "Within one day"],
  ["week", "Within one week"],
  ["month", "Within one month"],
];

export function Limits({ hasZone, isStored }: { hasZone: boolean; isStored: boolean }) {
  const { promo } = useDraft();
  const inGroups = (promo.discount as Loose | null | undefined)?.kind === "per_group";
  const units = UNITS.filter(
    ([unit]) => unit !== "group" || inGroups || [promo.count_by, promo.count_by_identity].includes(unit),
  );
  return (
    <>
      <Count path={["max_uses_per_identity"]} hint="By e-mail." />
      <Money path={["budget"]} hint="Taken off all orders together." />
      <Money path={["max_discount"]} />
      <Box
        path={["when_short"]}
        hint="If fewer uses are left than the order needs, discount only so many tickets instead of refusing."
        on="partial"
        off={undefined}
      />
      <Word path={["count_by"]} options={[["", "as usual for what it takes off"], ...units]} />
      <Word
        path={["count_by_identity"]}
        hint="For the limits for each person."
        options={[["", "the same"], ...units]}
      />
      <fieldset class="entries" name="per_period">
        <legend>Uses in a period</legend>
        <p class="hint">
          {hasZone
            ? "By the event’s calendar: a week begins on Monday. Empty means no limit."
            : "The event has no clock yet: set one on the page of all codes, or the code is refused."}
        </p>
        {EVERY.map(([every, label]) => (
          <Period key={every} every={every} label={label} />
        ))}
      </fieldset>
      <Entries
        path={["pools"]}
        hint="Codes that name the same pool share its limits."
        one="Pool"
        add="Add a shared limit"
        fresh={() => ({ id: "" })}
      >
        {(entry) => (
          <>
            <TextField path={[...entry, "id"]} label="Name of the pool" isNeeded />
            <div class="row">
              <Count path={[...entry, "max_uses"]} label="Uses in all" />
              <Count path={[...entry, "max_uses_per_identity"]} label="Uses for each person" />
            </div>
            <Money path={[...entry, "budget"]} label="Budget" />
          </>
        )}
      </Entries>
      <fieldset class="entries" name="lifts">
        <legend>More tickets than others may have</legend>
        <p class="hint">
          Where the event limits the tickets of one person, each person may have so many with this code.
        </p>
        <div class="row">
          <Count path={["lifts", "max_tickets_per_identity"]} label="Tickets" />
          <Count path={["lifts", "max_free_tickets_per_identity"]} label="Free tickets" />
        </div>
      </fieldset>
      <TextField
        path={["id"]}
        hint={
          isStored ? "It cannot be changed." : "With a name of its own, a code counts the uses at all events together."
        }
        readOnly={isStored}
      />
    </>
  );
}
/** A group of tickets is a use only where the code takes something off groups, and there a ticket is none. */
const UNITS: [string, string][] = [
  ["ticket", "each ticket"],
  ["order", "the whole order"],
  ["group", "each group of tickets"],
];

/** The limits of one period. An entry of the list is made for the first limit, and goes with the last. */
function Period({ every, label }: { every: string; label: string }) {
  const draft = useDraft();
  const list = (draft.promo.per_period as Loose[] | null | undefined) ?? [];
  const found = list.findIndex((entry) => entry.every === every);
  const place: Path = ["per_period", found < 0 ? list.length : found];
  const set = (name: string) => (value: unknown, text: string) =>
    draft.change(({ promo, texts }) => {
      const entry = put({ every, ...(at(promo, place) as Loose | undefined) }, [name], value) as Loose;
      const isEmpty = entry.max_uses == null && entry.max_uses_per_identity == null;
      return {
        promo: put(promo, place, isEmpty ? undefined : entry) as Loose,
        texts: { ...texts, [`${every}.${name}`]: text },
      };
    });
  const count = (name: string, of: string) => (
    <Count path={[...place, name]} textAt={`${every}.${name}`} name={`${every}.${name}`} label={of} put={set(name)} />
  );
  return (
    <fieldset class="entry" name={every}>
      <legend>{label}</legend>
      <div class="row">
        {count("max_uses", "Uses in all")}
        {count("max_uses_per_identity", "Uses for each person")}
      </div>
    </fieldset>
  );
}
