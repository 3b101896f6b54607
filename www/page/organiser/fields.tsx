// The form's fields. Label, hint and error are linked to the input, so that a screen reader reads them with it.
import { useId } from "preact/hooks";
import { offsetAt, zone } from "../format";
import { instants } from "../typed";

export interface Bound {
  name: string;
  label: string;
  value: string;
  set: (value: string) => void;
  wrong: string | undefined;
  read?: string | undefined;
}
interface FieldProps extends Bound {
  hint?: string | undefined;
  warn?: boolean;
  class?: string;
  mode?: "numeric" | "decimal";
  type?: "text" | "datetime-local";
  rows?: number;
  readOnly?: boolean;
  /** The id of a list of suggestions. */
  list?: string;
}

export function Field({
  name,
  value,
  set,
  wrong,
  read,
  label,
  hint,
  warn,
  class: look = "",
  mode,
  type = "text",
  rows,
  readOnly = false,
  list,
}: FieldProps) {
  const id = useId();
  const shared = {
    id,
    name,
    value,
    readOnly,
    class: look,
    "aria-invalid": wrong !== undefined,
    "aria-describedby": `${id}-hint`,
    autoComplete: "off",
    spellcheck: false,
    onInput: (input: { currentTarget: { value: string } }) => set(input.currentTarget.value),
  };
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {rows ? (
        <textarea {...shared} rows={rows} />
      ) : type === "text" ? (
        <input {...shared} type="text" {...(mode ? { inputMode: mode } : {})} {...(list ? { list } : {})} />
      ) : (
        <input {...shared} type="datetime-local" step={/:\d\d:\d\d/.test(value) ? "any" : undefined} />
      )}
      <p id={`${id}-hint`} class={`hint ${wrong ? "bad" : warn ? "warn" : ""}`} data-wrong={wrong ? name : undefined}>
        {wrong ?? read ?? hint}
      </p>
    </div>
  );
}

/** A moment by the reader's clock, with the zone. If the clock shows the time twice, a box says which of the two. */
export function Moment({
  second,
  setSecond,
  hint,
  ...bound
}: Bound & { second: boolean; setSecond: (value: boolean) => void; hint?: string }) {
  const moments = bound.value === "" ? [] : instants(bound.value);
  const ms = second ? moments.at(-1) : moments[0];
  const said = ms === undefined ? zone : `${zone}, ${offsetAt(ms)}`;
  return (
    <>
      <Field {...bound} type="datetime-local" hint={[hint, `${said}.`].filter(Boolean).join(" ")} />
      {moments.length === 2 && (
        <Check
          name={`${bound.name}_second`}
          label="The second of the two"
          value={second}
          set={setSecond}
          hint={`The clocks are put back, and show this time at ${moments.map(offsetAt).join(" and again at ")}.`}
        />
      )}
    </>
  );
}

export function Choice({
  name,
  value,
  set,
  wrong,
  label,
  options,
  hint,
}: Bound & { options: [string, string][]; hint?: string | undefined }) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select
        id={id}
        name={name}
        value={value}
        aria-invalid={wrong !== undefined}
        aria-describedby={(wrong ?? hint) ? `${id}-hint` : undefined}
        onChange={(change) => set(change.currentTarget.value)}
      >
        {options.map(([key, text]) => (
          <option key={key} value={key}>
            {text}
          </option>
        ))}
      </select>
      {(wrong ?? hint) && (
        <p id={`${id}-hint`} class={`hint ${wrong ? "bad" : ""}`} data-wrong={wrong ? name : undefined}>
          {wrong ?? hint}
        </p>
      )}
    </div>
  );
}

export function Check({
  name,
  label,
  value,
  set,
  hint,
  wrong,
}: {
  name?: string;
  label: string;
  value: boolean;
  set: (value: boolean) => void;
  hint?: string | undefined;
  wrong?: string | undefined;
}) {
  const id = useId();
  return (
    <div class="check">
      <input
        id={id}
        type="checkbox"
        name={name}
        checked={value}
        aria-invalid={wrong !== undefined}
        aria-describedby={(wrong ?? hint) ? `${id}-hint` : undefined}
        onChange={(change) => set(change.currentTarget.checked)}
      />
      <label for={id}>{label}</label>
      {(wrong ?? hint) && (
        <p id={`${id}-hint`} class={`hint ${wrong ? "bad" : ""}`} data-wrong={wrong ? name : undefined}>
          {wrong ?? hint}
        </p>
      )}
    </div>
  );
}
