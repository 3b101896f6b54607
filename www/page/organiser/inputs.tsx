// The form's inputs, each bound to a path of the promotion: what is typed there is read into the document. A text that
// is no number stays a text in the document, so that the engine finds the mistake and names the path.
import { digits, moneyIn, toField, written } from "../format";
import { isByCurrency } from "../kinds";
import { isSecond, percent, readCount, readMoney, readPercent, readTime, type Read } from "../typed";
import { at, pathOf, useDraft, type Loose, type Path } from "./draft";
import { Check, Choice, Field, Moment, type Bound } from "./fields";
import { labelOf } from "./findings";

interface Input {
  path: Path;
  /** If it is not that of the promotion's field. */
  label?: string | undefined;
  hint?: string | undefined;
  /** The input's name, if it is not the path. */
  name?: string | undefined;
}

/** How a kind of number is read, shown in its field, and told to the reader. */
interface Reader {
  read: (text: string) => Read;
  show: (value: number) => string;
  told: (value: number) => string;
  mode: "numeric" | "decimal";
  hint?: string;
}
const COUNT: Reader = { read: readCount, show: String, told: String, mode: "numeric" };
const PERCENT: Reader = {
  read: readPercent,
  show: percent,
  told: (value) => `${percent(value)} %`,
  mode: "decimal",
  hint: `From 0 to 100, such as ${written(125, 1)}.`,
};
function moneyReader(currency: string): Reader {
  const [places, write] = [digits(currency), moneyIn(currency)];
  return {
    read: (text) => readMoney(text, places, write),
    show: (value) => written(value, places),
    told: write,
    mode: "decimal",
    hint: `In ${currency}, such as ${written(5 * 10 ** places, places)}.`,
  };
}

/** What the reader makes of a text: a number, the text itself if it is none, or nothing. */
export function meant(text: string, reader: (text: string) => Read, isNeeded: boolean): unknown {
  if (text.trim() === "") return isNeeded ? "" : undefined;
  const answer = reader(text);
  return "ask" in answer ? text : answer.value;
}

interface NumberInput extends Input {
  /** Under which name the typed text is kept, if it is not the path. */
  textAt?: string;
  /** Whether an empty field is a mistake, and not a field that is not given. */
  isNeeded?: boolean;
  warn?: boolean;
  /** The value that is shown, if it is not that at the path. */
  value?: unknown;
  put?: (value: unknown, text: string) => void;
}

function NumberField({
  path,
  name,
  label,
  hint,
  isNeeded = false,
  warn = false,
  reader,
  value,
  put,
  textAt,
}: NumberInput & {
  reader: Reader;
}) {
  const draft = useDraft();
  const found = value === undefined ? at(draft.promo, path) : value;
  const text =
    draft.texts[textAt ?? pathOf(path)] ??
    (typeof found === "number" ? reader.show(found) : found == null ? "" : String(found));
  const answer = text.trim() === "" ? null : reader.read(text);
  const ask = answer && "ask" in answer ? answer.ask : undefined;
  const fault = draft.wrong(path);
  const set = (typed: string) => {
    const read = meant(typed, reader.read, isNeeded);
    if (put) put(read, typed);
    else draft.set(path, read, typed);
  };
  return (
    <Field
      name={name ?? pathOf(path)}
      label={label ?? labelOf(pathOf(path))}
      value={text}
      set={set}
      wrong={ask ?? (isNeeded && text.trim() === "" && fault !== undefined ? "expected a number here" : fault)}
      read={answer && "value" in answer && answer.unusual ? `Read as ${reader.told(answer.value)}.` : undefined}
      mode={reader.mode}
      hint={hint ?? reader.hint}
      warn={warn}
    />
  );
}

export const Count = (props: NumberInput) => <NumberField {...props} reader={COUNT} />;
export const Percent = (props: NumberInput) => <NumberField {...props} reader={PERCENT} />;

/** An amount: a field for each of the promotion's currencies. */
export function Money({ path, label, hint, name, isNeeded = false }: NumberInput) {
  const draft = useDraft();
  const found = at(draft.promo, path);
  const byCurrency = isByCurrency(found);
  const { currencies } = draft;
  const texts = (place: Path, text: string) => ({ [pathOf(place)]: text });
  const hintIn = (currency: string) => (hint ? `${hint} In ${currency}.` : undefined);
  if (!byCurrency && currencies.length === 1)
    return (
      <NumberField
        {...{ path, label, name, isNeeded }}
        hint={hintIn(currencies[0]!)}
        reader={moneyReader(currencies[0]!)}
        put={(value, text) => draft.setMoney(path, value, texts(path, text))}
      />
    );
  // A plain amount holds in each currency.
  const amounts = byCurrency ? (found as Loose) : found == null || found === "" ? {} : eachOf(currencies, found);
  const whole = draft.wrong(path);
  return (
    <fieldset class="field" name={name ?? pathOf(path)}>
      <legend>{label ?? labelOf(pathOf(path))}</legend>
      <div class="row">
        {currencies.map((currency) => {
          const place = [...path, currency];
          return (
            <NumberField
              key={currency}
              path={place}
              label={currency}
              value={amounts[currency] ?? null}
              hint={hint ?? ""}
              reader={moneyReader(currency)}
              put={(value, text) => {
                const { [currency]: _, ...others } = amounts;
                const now = value === undefined ? others : { ...amounts, [currency]: value };
                const isEmpty = Object.keys(now).length === 0;
                draft.setMoney(path, isEmpty ? (isNeeded ? "" : undefined) : now, texts(place, text));
              }}
            />
          );
        })}
      </div>
      {whole && (
        <p class="hint bad" data-wrong={pathOf(path)}>
          {whole}
        </p>
      )}
    </fieldset>
  );
}

const eachOf = (names: string[], value: unknown): Loose => Object.fromEntries(names.map((name) => [name, value]));

type TextInput = Input & { isNeeded?: boolean; class?: string; readOnly?: boolean; wrong?: string | undefined };

/** A text. Without `isNeeded` an empty one is a field that is not given. */
export function TextField({ path, name, label, hint, isNeeded = false, class: look, readOnly, wrong }: TextInput) {
  const draft = useDraft();
  return (
    <Field
      name={name ?? pathOf(path)}
      label={label ?? labelOf(pathOf(path))}
      value={String(at(draft.promo, path) ?? "")}
      set={(text) => draft.set(path, text === "" && !isNeeded ? undefined : text)}
      wrong={draft.wrong(path) ?? wrong}
      hint={hint}
      {...(look ? { class: look } : {})}
      {...(readOnly ? { readOnly } : {})}
    />
  );
}

/** A list of texts, one a line. */
export function Lines({ path, name, label, hint }: Input) {
  const draft = useDraft();
  const list = at(draft.promo, path) as unknown[] | null | undefined;
  const split = (text: string) =>
    text
      .split(/[\n,;]/)
      .map((each) => each.trim())
      .filter((each) => each !== "");
  // The fault of an entry is shown at the list.
  const entry = list?.map((_, i) => draft.wrong([...path, i])).find((message) => message !== undefined);
  return (
    <Field
      name={name ?? pathOf(path)}
      label={label ?? labelOf(pathOf(path))}
      value={draft.text(path) ?? (list ?? []).join("\n")}
      set={(text) => {
        const names = split(text);
        draft.set(path, names.length > 0 ? names : undefined, text);
      }}
      wrong={draft.wrong(path) ?? entry}
      rows={3}
      hint={hint}
    />
  );
}

/** A word of several. The first is meant if the promotion names none; with `isNeeded` it names it. */
export function Word({
  path,
  name,
  label,
  hint,
  options,
  isNeeded = false,
}: Input & { options: [string, string][]; isNeeded?: boolean }) {
  const draft = useDraft();
  const first = options[0]![0];
  return (
    <Choice
      name={name ?? pathOf(path)}
      label={label ?? labelOf(pathOf(path))}
      hint={hint}
      value={String(at(draft.promo, path) ?? first)}
      set={(word) => draft.set(path, word === first && !isNeeded ? undefined : word)}
      wrong={draft.wrong(path)}
      options={options}
    />
  );
}

/** A box, with the value that it stands for when it is ticked or not; `undefined` is a field that is not given. */
export function Box({ path, name, label, hint, on, off }: Input & { on: unknown; off: unknown }) {
  const draft = useDraft();
  const value = at(draft.promo, path);
  return (
    <Check
      name={name ?? pathOf(path)}
      label={label ?? labelOf(pathOf(path))}
      hint={hint}
      value={on === undefined ? value !== off : value === on}
      set={(checked) => draft.set(path, checked ? on : off)}
      wrong={draft.wrong(path)}
    />
  );
}

/** The ticket types of a list, as boxes. A type that the event does not sell has a box if it is in the stored list. */
export function Types({ path, label, hint, isNeeded = false }: Input & { isNeeded?: boolean }) {
  const { promo, event, set, wrong } = useDraft();
  const found = at(promo, path);
  const chosen = Array.isArray(found) ? found.map(String) : [];
  const sold = event.ticket_types.map(({ id }) => id);
  const foreign = chosen.filter((id) => !sold.includes(id));
  const fault = wrong(path);
  return (
    <fieldset name={pathOf(path)}>
      <legend>{label ?? labelOf(pathOf(path))}</legend>
      <div class="boxes">
        {[...sold, ...foreign].map((id) => (
          <Check
            key={id}
            name={`${pathOf(path)}=${id}`}
            label={event.ticket_types.find((type) => type.id === id)?.name ?? id}
            value={chosen.includes(id)}
            set={(checked) => {
              const now = [...sold, ...foreign].filter((each) => (each === id ? checked : chosen.includes(each)));
              set(path, now.length > 0 || isNeeded ? now : undefined);
            }}
          />
        ))}
      </div>
      <p class={`hint ${fault ? "bad" : ""}`} data-wrong={fault ? pathOf(path) : undefined}>
        {fault ?? hint}
      </p>
    </fieldset>
  );
}

/** A moment by the reader's clock. One that is not edited keeps the milliseconds, which the field does not show. */
export function Instant({ path, label, hint }: Input & { path: [string] }) {
  const draft = useDraft();
  const value = at(draft.promo, path);
  const text = draft.text(path) ?? (typeof value === "number" ? toField(value) : "");
  const second = typeof value === "number" && isSecond(value);
  const read = (typed: string, isLater: boolean) =>
    draft.set(
      path,
      meant(typed, (each) => readTime(each, isLater), false),
      typed,
    );
  const answer = text === "" ? null : readTime(text, second);
  const bound: Bound = {
    name: pathOf(path),
    label: label ?? labelOf(pathOf(path)),
    value: text,
    set: (typed) => read(typed, second),
    wrong: (answer && "ask" in answer ? answer.ask : undefined) ?? draft.wrong(path),
  };
  return <Moment {...bound} second={second} setSecond={(later) => read(text, later)} {...(hint ? { hint } : {})} />;
}
