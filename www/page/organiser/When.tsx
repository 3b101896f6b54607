// When and where a code works: its dates, its hours of the week, its events.
import { at, pathOf, useDraft, type Path } from "./draft";
import { Check, Field } from "./fields";
import { DAYS, endsOnNextDay, readClock, readEnd, shownClock, shownEnd } from "./hours";
import { Box, Instant, Lines, meant } from "./inputs";
import { Entries } from "./lists";

export function When({ hasZone }: { hasZone: boolean }) {
  return (
    <>
      <Box path={["active"]} hint="Switched off, the code is “not accepted”." on={undefined} off={false} />
      <Instant path={["starts_at_ms"]} />
      <Entries
        path={["weekly"]}
        hint={
          hasZone
            ? "By the event’s clock. Without any: at all hours."
            : "The event has no clock yet: set one on the page of all codes, or the code is refused at all hours."
        }
        one="Hours"
        add="Add hours"
        fresh={() => ({ days: [1, 2, 3, 4, 5, 6, 7], from_minute: "", to_minute: "" })}
      >
        {(entry) => <Hours path={entry} />}
      </Entries>
      <Lines path={["events"]} hint="The ids of events, one a line. Empty: at any." />
      <Lines path={["exclude_events"]} hint="The ids of events, one a line." />
    </>
  );
}

function Hours({ path }: { path: Path }) {
  const draft = useDraft();
  const [days, from, to] = [
    [...path, "days"],
    [...path, "from_minute"],
    [...path, "to_minute"],
  ] as const;
  const value = (place: Path) => at(draft.promo, place);
  const chosen = Array.isArray(value(days)) ? (value(days) as number[]) : [];
  const texts = {
    from: draft.text(from) ?? shownClock(value(from)),
    to: draft.text(to) ?? shownEnd(value(to), value(from)),
  };
  // Both are read again, because where they begin decides on which day they end.
  const set = (typed: typeof texts) => {
    const begin = meant(typed.from, readClock, true);
    draft.set(from, begin, typed.from);
    draft.set(
      to,
      meant(typed.to, (text) => readEnd(text, begin), true),
      typed.to,
    );
  };
  const wrong = (place: Path) => {
    const fault = draft.wrong(place);
    if (typeof value(place) === "number") return fault;
    const answer = readClock(String(value(place) ?? ""));
    return "ask" in answer ? answer.ask : fault;
  };
  const fault = draft.wrong(days);
  return (
    <>
      <fieldset name={pathOf(days)}>
        <legend>On these days</legend>
        <div class="boxes">
          {DAYS.map((name, i) => (
            <Check
              key={name}
              name={`${pathOf(days)}=${i + 1}`}
              label={name}
              value={chosen.includes(i + 1)}
              set={(checked) => {
                const now = DAYS.map((_, each) => each + 1).filter((day) =>
                  day === i + 1 ? checked : chosen.includes(day),
                );
                draft.set(days, now);
              }}
            />
          ))}
        </div>
        {fault && (
          <p class="hint bad" data-wrong={pathOf(days)}>
            {fault}
          </p>
        )}
      </fieldset>
      <div class="row">
        <Field
          name={pathOf(from)}
          label="From"
          value={texts.from}
          set={(text) => set({ ...texts, from: text })}
          wrong={wrong(from)}
          mode="numeric"
          hint="Such as 22:00."
        />
        <Field
          name={pathOf(to)}
          label="Until"
          value={texts.to}
          set={(text) => set({ ...texts, to: text })}
          wrong={wrong(to)}
          mode="numeric"
          hint={endsOnNextDay(value(to)) ? "On the next day." : "Such as 23:30, or 02:00 on the next day."}
        />
      </div>
    </>
  );
}
