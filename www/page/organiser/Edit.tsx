// A code's form. On every keystroke the engine in this browser checks the promotion, names the fields that are wrong,
// and warns of suspicious terms.
import { useEffect, useRef, useState } from "preact/hooks";
import type { Policy, Promo } from "redeemable";
import { api, type CodeView, type Event } from "../api";
import { moneyIn } from "../format";
import { takesOff } from "../kinds";
import { Heading, Panel, Problem, useAction, useLoaded } from "../ui";
import { currencyOf } from "./amounts";
import { TakesOff } from "./Discount";
import { DraftOf, put, useDraft, type Loose } from "./draft";
import { Check } from "./fields";
import { about, Findings, loadCodes, type Checks } from "./findings";
import { Count, Instant, TextField } from "./inputs";
import { Groups } from "./Groups";
import { useForm } from "./useForm";
import { Outcome } from "./WhatIf";
import { saidOf } from "./words";

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
      policy={found.policy}
    />
  );
}

interface EditorProps {
  event: Event;
  code: CodeView | null;
  others: Promo[];
  checks: Checks;
  policy: Policy;
}

function Editor({ event, code, others, checks: { check, validate }, policy }: EditorProps) {
  const { draft, wrong, isDirty } = useForm(code?.promo ?? null, others, event, validate);
  const promo = draft.promo as unknown as Promo;
  const [tried, setTried] = useState(false);
  // The promotion that the organiser wants to save in spite of a danger. After any change the form asks again.
  const [agreed, setAgreed] = useState("");
  // The name of a date field of which a part is missing. Browsers read it as empty, which would mean no limit.
  const [half, setHalf] = useState<{ name: string; of: Loose } | null>(null);
  const { busy, problem, run } = useAction();
  const valid = wrong.size === 0;
  // The edited promotion is put last, because a clash of two codes is reported at the later one.
  const findings = valid ? about(others.length, check([...others, promo])) : [];
  const isDangerous = findings.some(({ severity }) => severity === "danger");
  const mayBeSaved = valid && (!isDangerous || agreed === JSON.stringify(promo));
  // An empty code is shown as a mistake only after the first try to save.
  if (promo.code === "" && !tried) wrong.delete("code");
  // An error from the shop is shown at its field, too.
  const named = /^promos?(?:\[\d+\])?\.(.+)/.exec(problem?.path ?? "")?.[1];
  if (problem && named && !wrong.has(named)) wrong.set(named, problem.message);
  if (half?.of === draft.promo) wrong.set(half.name, "expected a whole date with its time, or nothing");

  // Before the organiser leaves the page with unsaved changes, the browser asks.
  useEffect(() => {
    const leaving = (event: BeforeUnloadEvent) => {
      if (isDirty && !busy) event.preventDefault();
    };
    addEventListener("beforeunload", leaving);
    return () => removeEventListener("beforeunload", leaving);
  }, [isDirty, busy]);

  const save = () => {
    setTried(true);
    const unread = [...document.querySelectorAll<HTMLInputElement>("form.edit input")].find(
      ({ validity }) => validity.badInput,
    );
    setHalf(unread ? { name: unread.name, of: draft.promo } : null);
    if (!mayBeSaved || unread) {
      setTimeout(focusFault);
      return;
    }
    run(async () => {
      const saved = code ? await api.editCode(code.id, promo, code.revision) : await api.addCode(promo);
      location.hash = `#/codes/${saved.id}`;
    });
  };

  // What the groups say of themselves is that of the last promotion that the engine has accepted.
  const said = useRef<Record<string, string[]>>({});
  if (valid) said.current = saidOf(promo, event);
  const currency = currencyOf(promo, event);
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
      <DraftOf value={draft}>
        <div class="editor">
          <Panel title="The code">
            <First code={code} />
          </Panel>
          <div class="groups">
            <Groups said={said.current} findings={findings} policy={policy} isStored={code !== null} />
          </div>
          <div class="panel save">
            <p role="status">
              <Verdict accepted={valid && wrong.size === 0 ? takesOff(promo, currency) : ""} />
            </p>
            <div role="status">
              <Findings of={findings} go={focusField} />
            </div>
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
            {/* Below the buttons: the shop's answer comes later, and must not push them away from the pointer. */}
            {code && valid && isDirty && (
              <>
                <h3>What the edit does</h3>
                <Outcome event={event} code={code} change={promo} />
              </>
            )}
            <details>
              <summary>The document that is stored</summary>
              <pre tabIndex={0}>{JSON.stringify(promo, null, 2)}</pre>
            </details>
          </div>
        </div>
      </DraftOf>
      <p class="hint">
        Ticket prices:{" "}
        {event.ticket_types.map((type) => `${type.name} ${moneyIn(event.currency)(type.price)}`).join(" · ")}
      </p>
    </form>
  );
}

/** Opens the groups in which something is wrong, and moves the focus there. */
function focusFault() {
  const main = document.querySelector("main")!;
  for (const group of main.querySelectorAll<HTMLDetailsElement>("details:has([data-wrong])")) group.open = true;
  const around = main.querySelector("[data-wrong]")?.closest(".field, .check, fieldset");
  around?.querySelector<HTMLElement>("input, select, textarea, button")?.focus();
}

/** Moves the focus to the field of the promotion, which may be in a group that is folded. */
function focusField(field: string) {
  const form = document.querySelector("form.edit")!;
  const name =
    { discount: "kind", discounts: "kind", discount_percent: "kind", single_use: "max_uses" }[field] ?? field;
  const found = ["", "[0]", "."].map((rest) =>
    form.querySelector<HTMLElement>(`[name${rest && "^"}="${name}${rest}"]`),
  );
  const place = found.find((each) => each !== null);
  for (let around = place?.closest("details"); around; around = around.parentElement?.closest("details"))
    around.open = true;
  (place?.matches("fieldset") ? place.querySelector<HTMLElement>("input, select, textarea, button") : place)?.focus();
}

/** The five fields that a first code takes. */
function First({ code }: { code: CodeView | null }) {
  const { promo, change } = useDraft();
  const isCounted = code !== null && code.promo.id == null;
  return (
    <>
      <TextField
        path={["code"]}
        class="code"
        isNeeded
        readOnly={isCounted}
        hint={
          isCounted
            ? "It cannot be changed, because the uses are counted under it."
            : "What buyers type. Capitals do not matter."
        }
      />
      <TakesOff />
      <Count
        path={["max_uses"]}
        hint={
          !isUnlimited(promo)
            ? "By all buyers together."
            : promo.automatic === true
              ? "Without a limit, every order gets it."
              : "Without a limit, a leaked code is unlimited."
        }
        warn={isUnlimited(promo)}
        {...(promo.single_use === true && { value: 1 })}
        put={(value, text) =>
          change(({ promo, texts }) => ({
            promo: put(put(promo, ["single_use"], undefined), ["max_uses"], value) as Loose,
            texts: { ...texts, max_uses: text },
          }))
        }
      />
      <Instant path={["ends_at_ms"]} hint="The first moment at which it no longer works." />
    </>
  );
}

const isUnlimited = (promo: Loose) =>
  promo.max_uses == null && promo.single_use !== true && promo.budget == null && promo.pools == null;

/** Whether the engine accepts the promotion. What is wrong where no field stands is said here. */
function Verdict({ accepted }: { accepted: string }) {
  const { promo, rest, isWrong } = useDraft();
  const [[path, message] = ["", ""]] = rest();
  if (message) return path ? `${path}: ${message}` : message;
  if (!accepted) return isWrong() ? "A field is wrong: the text at the field says how." : "Write the code first.";
  return (
    <>
      The engine accepts this code: {accepted}
      {isUnlimited(promo) ? ", without a limit" : ""}.
    </>
  );
}
