// A code's form. On every keystroke the engine in this browser checks the promotion, names the fields that are wrong,
// and warns of suspicious terms.
import { useEffect, useState } from "preact/hooks";
import type { Promo } from "redeemable";
import { api, type CodeView, type Event } from "../api";
import { moneyIn } from "../format";
import { Heading, Panel, Problem, useAction, useLoaded } from "../ui";
import { COUNTS } from "./counts";
import { BLANK, currencyOf, documentOf, faults, fieldOf, formOf, type Form } from "./document";
import { Check, Choice, Field, Moment, type Bound } from "./fields";
import { about, Findings, labelOf, loadCodes, type Checks } from "./findings";
import { KINDS, takesOff } from "../kinds";
import { Outcome } from "./WhatIf";

export function Edit({ event, id }: { event: Event; id: string | null }) {
  const [found, problem, again] = useLoaded(loadCodes, [id]);
  const codes = found?.codes;
  const code = codes?.find((each) => String(each.id) === id) ?? null;
  if (!found || !codes || (id !== null && code === null)) {
    return (
      <>
        <Heading>Edit a code</Heading>
        {problem ? (
          <Problem of={problem} again={again} />
        ) : (
          <p class="loading">{codes ? "There is no such code." : "Loading the code …"}</p>
        )}
        <p>
          <a href="#/codes">All codes</a>
        </p>
      </>
    );
  }
  return (
    <Editor
      event={event}
      code={code}
      others={codes.filter((each) => each !== code).map(({ promo }) => promo)}
      checks={found}
    />
  );
}

interface EditorProps {
  event: Event;
  code: CodeView | null;
  others: Promo[];
  checks: Checks;
}

function Editor({ event, code, others, checks: { check, validate } }: EditorProps) {
  const [form, setForm] = useState<Form>(() => (code ? formOf(code.promo, event) : BLANK));
  const [tried, setTried] = useState(false);
  // The promotion that the organiser wants to save in spite of a danger. After any change the form asks again.
  const [agreed, setAgreed] = useState("");
  // The name of a date field of which a part is missing. Browsers read it as empty, which would mean no limit.
  const [half, setHalf] = useState("");
  const { busy, problem, run } = useAction();
  const { promo, asks, reads } = documentOf(form, code?.promo ?? null, event);
  const wrong = faults(promo, others, validate);
  const valid = Object.keys(wrong).length === 0;
  // The edited promotion is put last, because a clash of two codes is reported at the later one.
  const findings = valid ? about(others.length, check([...others, promo])) : [];
  const isDangerous = findings.some(({ severity }) => severity === "danger");
  const mayBeSaved = valid && (!isDangerous || agreed === JSON.stringify(promo));
  // An empty code is shown as a mistake only after the first try to save.
  if (form.code === "" && !tried) delete wrong.code;
  // An error from the shop is shown at its field, too.
  const named = /^promo\.(\w+)|^promos\[\d+\]\.(\w+)/.exec(problem?.path ?? "");
  if (problem && named) wrong[fieldOf([named[1] ?? named[2] ?? ""])] ??= problem.message;
  if (half) wrong[half] ??= "expected a whole date with its time, or nothing";
  const isWrong = Object.keys(wrong).length > 0;

  // Before the organiser leaves the page with unsaved changes, the browser asks.
  const [clean] = useState(() => JSON.stringify(form));
  const dirty = JSON.stringify(form) !== clean;
  useEffect(() => {
    const leaving = (event: BeforeUnloadEvent) => {
      if (dirty && !busy) event.preventDefault();
    };
    addEventListener("beforeunload", leaving);
    return () => removeEventListener("beforeunload", leaving);
  }, [dirty, busy]);

  const set = <K extends keyof Form>(name: K, value: Form[K]) => {
    setForm((was) => ({ ...was, [name]: value }));
    setHalf("");
  };
  const bound = (
    name: { [K in keyof Form]: Form[K] extends string ? K : never }[keyof Form],
    field: string = name,
  ): Bound => ({
    name,
    label: labelOf(field),
    value: form[name],
    set: (value) => set(name, value as never),
    wrong: asks[name] ?? wrong[field],
    read: reads[name],
  });
  const save = () => {
    setTried(true);
    const unread =
      [...document.querySelectorAll<HTMLInputElement>("form.edit input")].find(({ validity }) => validity.badInput)
        ?.name ?? "";
    setHalf(unread);
    if (!mayBeSaved || unread) {
      // Move the focus to the first wrong field.
      setTimeout(() => document.querySelector<HTMLElement>("main [aria-invalid=true]")?.focus());
      return;
    }
    run(async () => {
      const saved = code ? await api.editCode(code.id, promo, code.revision) : await api.addCode(promo);
      location.hash = `#/codes/${saved.id}`;
    });
  };

  const unlimited = [form.max_uses, form.budget].every((typed) => typed.trim() === "") && form.pool.trim() === "";
  const byType = code?.promo.discounts != null;
  const field = byType ? null : KINDS[form.kind].field;
  const currency = currencyOf(code?.promo ?? null, event);
  const money = `in ${currency}`;
  const counts = (panel: "orders" | "uses") =>
    COUNTS.filter((each) => each.panel === panel).map(({ field, hint }) => (
      <Field key={field} {...bound(field)} mode="numeric" hint={hint} />
    ));
  return (
    <form
      class="edit"
      noValidate
      onSubmit={(submit) => {
        submit.preventDefault();
        save();
      }}
    >
      <div class="lead">
        <p class="back">
          <a href={code ? `#/codes/${code.id}` : "#/codes"}>{code ? "Back to the code" : "All codes"}</a>
        </p>
        <Heading>
          {code ? (
            <>
              Edit <span class="code">{code.promo.code}</span>
            </>
          ) : (
            "New code"
          )}
        </Heading>
        <p>
          The engine reads what you write as you write it, says which field is wrong, and warns of what is suspicious.
          An edit counts for later orders; whoever has a ticket keeps it at its price.
        </p>
      </div>
      <div class="two even">
        <div class="stack">
          <Panel title="The code">
            <Field
              {...bound("code")}
              class="code"
              readOnly={code !== null && code.promo.id == null}
              hint={
                code !== null && code.promo.id == null
                  ? "It cannot be changed, because the uses are counted under it."
                  : "What buyers type. Capitals do not matter."
              }
            />
            {byType ? (
              <p>It takes off, by ticket type, which only its document can change: {takesOff(code.promo, currency)}</p>
            ) : (
              <Choice
                {...bound("kind", "discount")}
                wrong={field ? undefined : wrong.discount}
                options={Object.entries(KINDS)
                  .filter(([kind, { isStored }]) => !isStored || kind === form.kind)
                  .map(([kind, { name }]) => [kind, name])}
              />
            )}
            {field && (
              <Field
                {...bound("value", "discount")}
                label={field.label}
                {...(field.mode ? { mode: field.mode } : {})}
                hint={field.hint(currency)}
              />
            )}
            <Check
              name="active"
              label={labelOf("active")}
              value={form.active}
              set={(value) => set("active", value)}
              hint="Switched off, the code is “not accepted”."
            />
          </Panel>
          <Panel title="For which orders" hint="Empty means any.">
            <fieldset>
              <legend>{labelOf("ticket_types")}</legend>
              {event.ticket_types.map((type) => (
                <Check
                  key={type.id}
                  name="ticket_types"
                  label={type.name}
                  value={form.ticket_types.includes(type.id)}
                  set={(value) =>
                    set(
                      "ticket_types",
                      event.ticket_types
                        .map((each) => each.id)
                        .filter((each) => (each === type.id ? value : form.ticket_types.includes(each))),
                    )
                  }
                />
              ))}
            </fieldset>
            <Moment
              {...bound("starts_at_ms")}
              second={form.starts_second}
              setSecond={(value) => set("starts_second", value)}
            />
            <Moment
              {...bound("ends_at_ms")}
              second={form.ends_second}
              setSecond={(value) => set("ends_second", value)}
              hint="The first moment at which it no longer works."
            />
            {counts("orders")}
            <Field {...bound("min_subtotal")} mode="decimal" hint={`Before any discount, ${money}.`} />
          </Panel>
        </div>
        <div class="stack">
          <Panel title="How often" hint="Empty means no limit.">
            <Field
              {...bound("max_uses")}
              mode="numeric"
              hint={unlimited ? "Without a limit, a leaked code is unlimited." : "By all buyers together."}
              warn={unlimited}
            />
            {counts("uses")}
            <Field {...bound("budget")} mode="decimal" hint={`Taken off all orders together, ${money}.`} />
            <Field {...bound("max_discount")} mode="decimal" hint={`In ${currency}.`} />
            <Choice
              {...bound("count_by")}
              options={[
                ["", "as usual for what it takes off"],
                ["ticket", "each ticket"],
                ["order", "the whole order"],
              ]}
            />
            <Check
              name="when_short"
              label={labelOf("when_short")}
              value={form.when_short}
              set={(value) => set("when_short", value)}
              hint="If fewer uses are left than the order needs, discount only so many tickets instead of refusing."
              wrong={wrong.when_short}
            />
          </Panel>
          <Panel title="With whom and what">
            <Field
              {...bound("only_for")}
              rows={3}
              hint="E-mails, one a line; @example.org admits everybody there. Empty: anybody."
            />
            <Check
              name="combines"
              label={labelOf("combines")}
              value={form.combines}
              set={(value) => set("combines", value)}
              hint="With codes that allow it, too."
            />
            <Field
              {...bound("priority")}
              mode="numeric"
              hint="Up to 1000. The code with the higher number is applied first."
            />
            <Field {...bound("pool", "pools.id")} hint="Codes that name the same pool share its uses." />
            {form.pool !== "" && (
              <Field {...bound("pool_uses", "pools.max_uses")} label="Uses of the pool" mode="numeric" />
            )}
          </Panel>
        </div>
      </div>
      <div class="panel save">
        <p role="status">
          {wrong[""] ??
            (isWrong ? (
              "A field is wrong: the text at the field says how."
            ) : (
              <>
                The engine accepts this code: {takesOff(promo, currency)}
                {unlimited ? ", without a limit" : ""}.
              </>
            ))}
        </p>
        <div role="status">
          <Findings of={findings} />
        </div>
        {code && valid && dirty && (
          <>
            <h3>What the edit does</h3>
            <Outcome event={event} code={code} change={promo} />
          </>
        )}
        {isDangerous && (
          <Check
            name="all_the_same"
            label="Save it all the same"
            value={mayBeSaved}
            set={(value) => setAgreed(value ? JSON.stringify(promo) : "")}
            wrong={tried && !mayBeSaved ? "There is a danger: remove it, or tick this box." : undefined}
          />
        )}
        {problem && <Problem of={problem} />}
        <p class="buttons">
          <button type="submit" class="save" disabled={busy}>
            {busy ? "Saving …" : code ? "Save" : "Create the code"}
          </button>
          <a class="button plain" href={code ? `#/codes/${code.id}` : "#/codes"}>
            Cancel
          </a>
        </p>
        <details>
          <summary>The document that is stored</summary>
          <pre tabIndex={0}>{JSON.stringify(promo, null, 2)}</pre>
        </details>
      </div>
      <p class="hint">
        Ticket prices:{" "}
        {event.ticket_types.map((type) => `${type.name} ${moneyIn(event.currency)(type.price)}`).join(" · ")}
      </p>
    </form>
  );
}
