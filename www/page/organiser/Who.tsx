// For whom a code is: lists of persons, and conditions on what the shop knows of an order.
import type { Event } from "../api";
import { at, pathOf, replace, useDraft, type Loose, type Path } from "./draft";
import { Choice, Field } from "./fields";
import { operatorOf, OPERATORS, readOperand, shownOperand, type Operator } from "./facts";
import { Lines, TextField } from "./inputs";
import { Entries } from "./lists";

const known = ({ facts }: Event) => (facts.length > 0 ? ` This shop knows: ${facts.join(", ")}.` : "");

export function Who() {
  const { promo, event } = useDraft();
  const kinds = Object.keys((promo.only_for as Loose | null | undefined) ?? {}).filter((kind) => kind !== "email");
  return (
    <>
      <Lines
        path={["only_for", "email"]}
        name="only_for"
        label="Guests"
        hint="E-mails, one a line; @example.org admits everybody there. Empty: anybody."
      />
      {kinds.map((kind) => (
        <Lines key={kind} path={["only_for", kind]} label={`Guests by ${kind}`} hint="One a line." />
      ))}
      <Entries
        path={["only_if"]}
        hint={`All of them must hold.${known(event)}`}
        one="Condition"
        add="Add a condition"
        fresh={() => ({ fact: "", is: "" })}
      >
        {(entry) => <Condition path={entry} />}
      </Entries>
    </>
  );
}

/** A condition, or several of which one must hold. */
function Condition({ path }: { path: Path }) {
  const { promo, change } = useDraft();
  const condition = at(promo, path) as Loose;
  const several = condition.any as Loose[] | undefined;
  const set = (any: Loose[]) => change(replace(path, any.length === 1 ? any[0] : { any }));
  return (
    <>
      {several ? (
        several.map((_, index) => (
          <fieldset key={index} class="entry" name={pathOf([...path, "any", index])}>
            <legend>{index === 0 ? "Either" : "Or"}</legend>
            <Fact path={[...path, "any", index]} />
            <button
              type="button"
              class="plain small"
              aria-label={`Remove alternative ${index + 1}`}
              onClick={() => set(several.filter((_, each) => each !== index))}
            >
              Remove
            </button>
          </fieldset>
        ))
      ) : (
        <Fact path={path} />
      )}
      <button
        type="button"
        class="plain small"
        onClick={() => set([...(several ?? [condition]), { fact: "", is: "" }])}
      >
        Or …
      </button>
    </>
  );
}

function Fact({ path }: { path: Path }) {
  const draft = useDraft();
  const condition = at(draft.promo, path) as Loose;
  const operator = operatorOf(condition);
  const operand: Path = [...path, operator];
  const text = draft.text(operand) ?? shownOperand(condition[operator]);
  const list = Array.isArray(condition[operator]) ? (condition[operator] as unknown[]) : [];
  const fault = [operand, path, ...list.map((_, i) => [...operand, i])].map(draft.wrong).find(Boolean);
  return (
    <div class="row">
      <TextField path={[...path, "fact"]} label="Fact" hint="Such as orders_before." isNeeded />
      <Choice
        name={`${pathOf(path)}.operator`}
        label="Comparison"
        value={operator}
        set={(next) => {
          const { [operator]: _, ...rest } = condition;
          draft.change(replace(path, { ...rest, [next]: readOperand(text, next as Operator) }));
        }}
        wrong={undefined}
        options={Object.entries(OPERATORS)}
      />
      <Field
        name={pathOf(operand)}
        label="Value"
        value={text}
        set={(typed) => draft.set(operand, readOperand(typed, operator), typed)}
        wrong={fault}
        hint={
          ["in", "not_in"].includes(operator) ? "Separated by commas." : 'A number, yes, no, or a text; "5" is a text.'
        }
      />
    </div>
  );
}
