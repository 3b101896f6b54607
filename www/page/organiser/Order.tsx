// Which tickets a code is for, and what else an order must hold.
import { Count, Money, Types, Word } from "./inputs";
import { Entries } from "./lists";

export const Which = () => (
  <>
    <Types path={["ticket_types"]} hint="No box ticked: all types." />
    <Types path={["exclude_ticket_types"]} />
    <Types path={["unlocks"]} hint="Types that the event’s policy locks: only this code sells them." />
    <Count path={["max_tickets_per_order"]} hint="The others pay the full price. Empty: all." />
    <Word
      path={["pick"]}
      options={[
        ["dearest", "the dearest get it"],
        ["cheapest", "the cheapest get it"],
      ]}
    />
  </>
);

export const Order = () => (
  <>
    <div class="row">
      <Count path={["min_tickets"]} />
      <Count path={["max_tickets"]} />
    </div>
    <Money path={["min_subtotal"]} hint="Before any discount." />
    <Money path={["max_subtotal"]} hint="Before any discount." />
    <Word
      path={["subtotal_of"]}
      options={[
        ["order", "the whole order"],
        ["scope", "the tickets that the code is for"],
      ]}
    />
    <Entries
      path={["requires"]}
      hint="Each of these must be met, such as: at least 1 adult ticket."
      one="Requirement"
      add="Add a requirement"
      fresh={() => ({ min_tickets: 1 })}
    >
      {(entry) => (
        <>
          <Types path={[...entry, "ticket_types"]} label="Of these ticket types" hint="No box ticked: of any type." />
          <div class="row">
            <Count path={[...entry, "min_tickets"]} label="At least" hint="Tickets." />
            <Count path={[...entry, "max_tickets"]} label="At most" hint="Tickets; 0 is none." />
          </div>
          <Money path={[...entry, "min_subtotal"]} label="Together worth at least" hint="Before any discount." />
        </>
      )}
    </Entries>
  </>
);
