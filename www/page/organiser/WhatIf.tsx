// "What happens if I change this now?" The shop answers, and stores nothing.
import { useId, useState } from "preact/hooks";
import type { Promo } from "redeemable";
import { api, type CodeView, type Event, type Next } from "../api";
import { moneyIn } from "../format";
import { Panel, plural, Problem, useLoaded } from "../ui";
import { labelOf } from "./findings";
import { readCount } from "../typed";
import { because } from "./words";

export function WhatIf({ event, code }: { event: Event; code: CodeView }) {
  const id = useId();
  const { uses } = code.figures;
  const [limit, setLimit] = useState(String(uses.limit ?? Math.max(uses.used, 10)));
  const read = readCount(limit);
  const wrong = "ask" in read ? read.ask : null;
  return (
    <Panel title="What if I change the limit now?" hint="Nothing is stored: this asks what the next buyer would get.">
      <div class="field inline">
        <label for={id}>At most</label>
        <input
          id={id}
          name="what-if"
          inputMode="numeric"
          autoComplete="off"
          value={limit}
          aria-invalid={wrong !== null}
          aria-describedby={wrong ? `${id}-hint` : undefined}
          onInput={(input) => setLimit(input.currentTarget.value)}
        />
        <span>uses</span>
      </div>
      {wrong && (
        <p id={`${id}-hint`} class="hint bad">
          {wrong}
        </p>
      )}
      <Outcome
        event={event}
        code={code}
        change={"value" in read ? { ...code.promo, single_use: false, max_uses: read.value } : null}
      />
    </Panel>
  );
}

/** What the change does, in the engine's words, and what the next buyer would then pay. */
export function Outcome({ event, code, change }: { event: Event; code: CodeView; change: Promo | null }) {
  const [answer, problem, again] = useLoaded(
    async () => (change ? api.whatIf(code.id, change) : null),
    [JSON.stringify(change), code.revision, code.figures.uses.used],
  );
  const money = moneyIn(event.currency);
  const name = event.ticket_types.find((type) => type.id === answer?.ticket_type)?.name ?? "";
  return (
    <>
      {problem && <Problem of={problem} again={again} />}
      <div role="status">
        {change && answer && (
          <ul class="sentences what-if">
            {answer.simulation.limits.map(({ message }) => (
              <li key={message}>
                {message[0]?.toUpperCase()}
                {message.slice(1)}.
              </li>
            ))}
            {answer.simulation.changes.map(({ field, message }) => (
              <li key={field}>
                “{labelOf(field)}”: {message}.
              </li>
            ))}
            {groups(answer.next, change, event).map(({ from, to, first }) => (
              <li key={from}>
                {from === to ? plural(from, `${name} ticket`) : `${from} to ${to} ${name} tickets`}:{" "}
                {first.accepted ? (
                  <>
                    {from === to ? <>the next buyer pays {money(first.total)}</> : <>accepted</>}
                    {first.partial && ", with the discount on some only"}.
                  </>
                ) : (
                  <>refused. {because(first, change, event)}</>
                )}
              </li>
            ))}
          </ul>
        )}
      </div>
    </>
  );
}

/** Joins neighbouring numbers of tickets with the same result: "1 to 3 tickets". */
function groups(next: Next[], promo: Promo, event: Event): { from: number; to: number; first: Next }[] {
  const list: { from: number; to: number; first: Next; fate: string }[] = [];
  for (const each of next) {
    const fate = JSON.stringify([each.accepted, each.partial, each.accepted ? "" : because(each, promo, event)]);
    const last = list.at(-1);
    if (last && last.fate === fate) last.to = each.tickets;
    else list.push({ from: each.tickets, to: each.tickets, first: each, fate });
  }
  return list;
}
