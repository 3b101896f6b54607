// Whether a code applies by itself, and which codes may stand in one order with it.
import type { Policy } from "redeemable";
import { at, useDraft } from "./draft";
import { Choice } from "./fields";
import { labelOf } from "./findings";
import { Box, Count, TextField } from "./inputs";

/** What `combines` may be, by its text in the list. */
const COMBINES: [string, string, unknown][] = [
  ["false", "no: it is used alone", undefined],
  ["true", "yes, also on the same ticket", true],
  ["per_ticket", "yes, but each ticket gets only one of them", "per_ticket"],
];

export function Together({ choose }: { choose: NonNullable<Policy["choose"]> }) {
  const { promo, set, wrong } = useDraft();
  const value = at(promo, ["combines"]) ?? false;
  return (
    <>
      <Box
        path={["automatic"]}
        hint="Every order that it fits gets it, and nobody types the code. What buyers type comes first."
        on
        off={undefined}
      />
      <Choice
        name="combines"
        label={labelOf("combines")}
        value={String(value)}
        set={(text) => set(["combines"], COMBINES.find(([name]) => name === text)?.[2])}
        wrong={wrong(["combines"])}
        options={COMBINES.map(([name, text]) => [name, text])}
        hint="With codes that allow it, too."
      />
      <TextField
        path={["group"]}
        hint="A name such as “spring”. Of all codes with this name, an order gets only one. Empty: no group."
      />
      <Count
        path={["priority"]}
        hint={
          choose === "best"
            ? "Up to 1000. The higher number is applied first. At this event, what costs the buyer least counts."
            : "Up to 1000. The code with the higher number is applied first."
        }
      />
    </>
  );
}
