// The event's clock: the time zone by which codes with hours and limits per day are judged. The shop makes the policy's
// offsets of it.
import { useId, useState } from "preact/hooks";
import { api, type Clock as Told } from "../api";
import { zone } from "../format";
import { Problem, useAction } from "../ui";
import { Field } from "./fields";

const ZONES = Intl.supportedValuesOf("timeZone");

interface Props {
  clock: Told | null;
  /** Whether the policy has offsets: the event's file may have them, too. */
  hasZone: boolean;
  changed: () => void;
}

export function Clock({ clock, hasZone, changed }: Props) {
  const year = new Date().getFullYear();
  const [name, setName] = useState(clock?.name ?? zone);
  const [from, setFrom] = useState(String(clock?.from_year ?? year));
  const [to, setTo] = useState(String(clock?.to_year ?? year + 5));
  const { busy, problem, run } = useAction();
  const list = useId();
  const save = () =>
    run(async () => {
      await api.setClock({ name: name.trim(), from_year: Number(from), to_year: Number(to) });
      changed();
    });
  // The kit speaks of the moments with which the years begin.
  const wrong = (...fields: string[]) => (fields.includes(problem?.path ?? "") ? problem?.message : undefined);
  const faults = [wrong("name"), wrong("from_year", "from_ms"), wrong("to_year", "to_ms")] as const;
  return (
    <details class="panel group clock">
      <summary>
        <h2>The event’s clock</h2>
        <span class="hint">
          {clock
            ? `${clock.name}, ${clock.from_year} to ${clock.to_year}.`
            : hasZone
              ? "As the event’s file says."
              : "None: codes with hours, or with limits per day, need one."}
        </span>
      </summary>
      <form
        class="stack"
        noValidate
        onSubmit={(submit) => {
          submit.preventDefault();
          save();
        }}
      >
        <div class="row">
          <Field
            name="zone"
            label="Time zone"
            value={name}
            set={setName}
            wrong={faults[0]}
            list={list}
            hint="Such as Europe/Berlin."
          />
          <datalist id={list}>
            {ZONES.map((each) => (
              <option key={each} value={each} />
            ))}
          </datalist>
          <Field name="from_year" label="First year" mode="numeric" value={from} set={setFrom} wrong={faults[1]} />
          <Field name="to_year" label="Last year" mode="numeric" value={to} set={setTo} wrong={faults[2]} />
        </div>
        {problem && faults.every((fault) => fault === undefined) && <Problem of={problem} />}
        <p class="buttons">
          <button type="submit" disabled={busy}>
            {busy ? "Saving …" : "Set the clock"}
          </button>
        </p>
      </form>
    </details>
  );
}
