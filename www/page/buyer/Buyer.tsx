// The order form: tickets, e-mail, codes, and the price beside them.
import { useId, useState } from "preact/hooks";
import { api, type Event, type Refusal } from "../api";
import { moneyIn } from "../format";
import { Heading, Panel, Problem, keep, kept, useAction, useKept } from "../ui";
import { MyOrders, remember } from "./MyOrders";
import { isEmail, tooManyCodes, typedCodes, usePreview, wishOf, type Draft } from "./preview";
import { Price } from "./Price";
import { Quantity } from "./Quantity";

const EMPTY: Draft = { quantities: {}, email: "", codes: "" };

export function Buyer({ event }: { event: Event }) {
  const [draft, setDraft] = useKept<Draft>("draft", EMPTY);
  const wish = wishOf(draft, event);
  const preview = usePreview(wish, event);
  const [refused, setRefused] = useState<{ wish: string; refusals: Refusal[] } | null>(null);
  const [changed, setChanged] = useState<string | null>(null);
  const { busy, problem, run } = useAction();
  const change = (part: Partial<Draft>) => setDraft((was) => ({ ...was, ...part }));
  const count = (id: string, quantity: number) =>
    setDraft((was) => ({ ...was, quantities: { ...was.quantities, [id]: quantity } }));

  const hold = (total: number) =>
    run(async () => {
      // The id is stored before the request. If the answer is lost, the same order is sent again, and is sold once.
      const id = kept<string | null>("asked", null) ?? crypto.randomUUID();
      keep("asked", id);
      const answer = await api.buy(event, { id, ...wish, max_total: total });
      keep("asked", null);
      setChanged(null);
      if (answer.order) {
        remember(id);
        setDraft((was) => ({ ...EMPTY, email: was.email }));
        location.hash = `#/order/${id}`;
      } else if (answer.status === "price_changed") {
        const money = moneyIn(event.currency);
        setChanged(
          `The price has changed: the total is now ${money(answer.quote.total)} instead of ${money(total)}. ` +
            "Nothing was ordered yet.",
        );
        preview.refresh();
      } else {
        setRefused({ wish: JSON.stringify(wish), refusals: answer.refusals });
        preview.refresh();
      }
    });

  return (
    <>
      <div class="lead">
        <Heading>{event.name}</Heading>
        <p>
          Choose tickets and type a code. The price changes as you type, and it is the price you pay: this page runs the
          same engine as the shop.
        </p>
      </div>
      <div class="two">
        <form class="panel" onSubmit={(submit) => submit.preventDefault()} aria-label="Your order">
          <h2>Your tickets</h2>
          {event.ticket_types.map((type) => (
            <Quantity
              key={type.id}
              type={type}
              price={moneyIn(event.currency)(type.price)}
              value={draft.quantities[type.id] ?? 0}
              set={(quantity) => count(type.id, quantity)}
            />
          ))}
          <Email value={draft.email} set={(email) => change({ email })} />
          <Codes value={draft.codes} set={(codes) => change({ codes })} />
        </form>
        <Panel title="The price" class="price">
          {preview.problem && <Problem of={preview.problem} again={preview.refresh} />}
          <Price
            event={event}
            preview={preview}
            busy={busy}
            hasEmail={isEmail(draft.email)}
            isEmpty={wish.lines.length === 0}
            refused={refused?.wish === JSON.stringify(wish) ? refused.refusals : []}
            hold={hold}
            add={({ ticket_type, quantity }) => count(ticket_type, (draft.quantities[ticket_type] ?? 0) + quantity)}
          />
          <p role="status" class="notice">
            {changed}
          </p>
          {problem && <Problem of={problem} />}
        </Panel>
      </div>
      <MyOrders />
    </>
  );
}

function Email({ value, set }: { value: string; set: (value: string) => void }) {
  const id = useId();
  const [left, setLeft] = useState(false);
  const wrong = left && value !== "" && !isEmail(value);
  return (
    <div class="field">
      <label for={id}>E-mail</label>
      <input
        id={id}
        name="email"
        type="email"
        autoComplete="email"
        maxLength={320}
        value={value}
        aria-invalid={wrong}
        aria-describedby={`${id}-hint`}
        onInput={(input) => set(input.currentTarget.value)}
        onBlur={() => setLeft(true)}
      />
      <p id={`${id}-hint`} class={wrong ? "hint bad" : "hint"}>
        {wrong
          ? "This is not yet an e-mail address, such as ann@example.org."
          : "Some codes have a limit for each person."}
      </p>
    </div>
  );
}

function Codes({ value, set }: { value: string; set: (value: string) => void }) {
  const id = useId();
  const wrong = tooManyCodes(typedCodes(value));
  return (
    <div class="field">
      <label for={id}>Promo codes</label>
      <input
        id={id}
        name="codes"
        class="code"
        autoComplete="off"
        autoCapitalize="characters"
        spellcheck={false}
        value={value}
        aria-invalid={wrong !== null}
        aria-describedby={`${id}-hint`}
        onInput={(input) => set(input.currentTarget.value)}
      />
      <p id={`${id}-hint`} class={wrong ? "hint bad" : "hint"}>
        {wrong ?? "Several codes are separated by commas, at most 16."} <a href="#/codes">Codes to try</a>
      </p>
    </div>
  );
}
