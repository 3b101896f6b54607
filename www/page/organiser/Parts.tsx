// The two kinds of discount that have others within them: tiers, and groups of tickets.
import { KINDS, type Kind } from "../kinds";
import { at, pathOf, replace, useDraft, type Loose, type Path } from "./draft";
import { Choice } from "./fields";
import { Count, Money, Types, Word } from "./inputs";
import { Entries } from "./lists";
import { DiscountFields, percent } from "./Simple";

const SIMPLE = (Object.keys(KINDS) as Kind[]).filter((kind) => kind !== "tiers" && kind !== "per_group");
const OF_TICKET = SIMPLE.filter((kind) => KINDS[kind].isOfTicket);
export function Tiers({ path }: { path: Path }) {
  const { promo, change, wrong } = useDraft();
  const { by, mode, tiers } = at(promo, path) as Loose;
  // The same numbers would be amounts in place of tickets, so they are typed anew.
  const among = (next: string) => {
    const emptied = (tiers as Loose[]).map((tier) => ({ ...tier, from: "" }));
    const now = { ...(at(promo, path) as Loose), by: next, tiers: emptied };
    change(replace(path, next === "subtotal" ? { ...now, mode: "volume" } : now));
  };
  return (
    <>
      <Choice
        name={pathOf([...path, "by"])}
        label="An order is larger by"
        value={String(by)}
        set={among}
        wrong={wrong([...path, "by"])}
        options={[
          ["tickets", "its number of tickets"],
          ["subtotal", "what its tickets cost"],
        ]}
      />
      {by !== "subtotal" && (
        <Word
          path={[...path, "mode"]}
          label="A tier is"
          isNeeded
          options={[
            ["volume", "for all tickets, once the order reaches it"],
            ["graduated", "for the tickets from its number on"],
          ]}
        />
      )}
      <Entries
        path={[...path, "tiers"]}
        legend="Tiers"
        hint="From small orders to large ones. Below the first tier nothing is taken off."
        one="Tier"
        add="Add a tier"
        fresh={() => ({ from: "", discount: percent() })}
      >
        {(entry) => (
          <>
            {by === "subtotal" ? (
              <Money path={[...entry, "from"]} label="From" isNeeded />
            ) : (
              <Count path={[...entry, "from"]} label="From" hint="Tickets." isNeeded />
            )}
            <DiscountFields
              path={[...entry, "discount"]}
              label="It takes off"
              kinds={mode === "graduated" ? OF_TICKET : SIMPLE}
            />
          </>
        )}
      </Entries>
    </>
  );
}

export function PerGroup({ path }: { path: Path }) {
  const { promo, change, wrong } = useDraft();
  const group = at(promo, path) as Loose;
  const isBought = group.buy != null;
  const choose = (next: string) => {
    const { size, buy, ...rest } = group;
    const terms = next === "buy" ? { buy: { ticket_types: [], tickets: 1 } } : { size: "" };
    change(replace(path, { ...rest, ...terms }));
  };
  return (
    <>
      <Choice
        name={`${pathOf(path)}.group`}
        label="A group is"
        value={isBought ? "buy" : "size"}
        set={choose}
        wrong={wrong(path)}
        options={[
          ["size", "so many tickets of the code"],
          ["buy", "other tickets that are bought, and tickets of the code"],
        ]}
      />
      {isBought ? (
        <>
          <Types path={[...path, "buy", "ticket_types"]} label="Bought are" isNeeded />
          <Count path={[...path, "buy", "tickets"]} label="How many of them for each group" isNeeded />
        </>
      ) : (
        <Count path={[...path, "size"]} label="Tickets in a group" hint="Such as 3, in “3 for 2”." isNeeded />
      )}
      <Count
        path={[...path, "discounted"]}
        label="Of these, discounted"
        hint="The cheapest ones, such as 1 in “3 for 2”."
        isNeeded
      />
      <DiscountFields path={[...path, "discount"]} label="Each of them gets off" kinds={OF_TICKET} usual="free" />
      <Count path={[...path, "max_groups"]} label="Groups per order" hint="Empty means no limit." />
      <Word
        path={[...path, "spread"]}
        label="If a ticket comes back"
        options={[
          ["group", "it takes its part of the discount along"],
          ["discounted", "the discount stays on the discounted tickets"],
        ]}
      />
    </>
  );
}
