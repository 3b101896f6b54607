// "Change my tickets": tickets of a paid order go back, and others take their place. What is due is paid first; what
// would be left over stays with the shop.
import { useEffect, useState } from "preact/hooks";
import {
  api,
  Failure,
  type Event,
  type ExchangePrice,
  type OrderView,
  type Payment,
  type WantedExchange,
} from "../api";
import { moneyIn } from "../format";
import { once, Panel, plural, Problem, UNSURE, useAction, useKept, useLoaded, useSettled } from "../ui";
import { refusals } from "../words";
import { remember } from "./MyOrders";
import { saidOf } from "./paid";
import { typedCodes } from "./preview";
import { Quantity } from "./Quantity";

/** An exchange that the shop was asked for. It is kept in this browser until its answer is known, or its payment. */
interface Asked {
  wanted: WantedExchange & { id: string; max_due: number };
  /** Null: the shop's answer is lost. */
  payment: Payment | null;
}

export function Exchange({ order, event, changed }: { order: OrderView; event: Event; changed: () => void }) {
  const [asked, setAsked] = useKept<Asked | null>(`exchanging ${order.id}`, null);
  const [notice, setNotice] = useState("");
  // After each refusal the price is asked for again.
  const [round, setRound] = useState(0);
  const { busy, problem, run } = useAction();
  const money = moneyIn(order.currency);
  const left = order.tickets.filter(({ released }) => !released).length;

  const go = (id: string) => {
    setAsked(null);
    remember(id);
    location.hash = `#/order/${id}`;
  };
  /** Asked for again with the same id, an exchange is made once. */
  const ask = (wanted: Asked["wanted"]) =>
    run(async () => {
      setNotice("");
      setAsked({ wanted, payment: null });
      try {
        const answer = await api.exchange(order.id, wanted);
        if (answer.order) return go(answer.order.id);
        setAsked(answer.payment && { wanted, payment: answer.payment });
        if (answer.payment === null) {
          setNotice(
            answer.status === "price_changed"
              ? `The price has changed: ${money(answer.due)} is due now. Nothing was changed yet.`
              : "Nothing was changed: these tickets cannot be had any more.",
          );
          setRound((was) => was + 1);
          changed();
        }
      } catch (error) {
        if (!UNSURE.includes(Failure.of(error).code)) setAsked(null);
        throw error;
      }
    });
  const pay = (payment: Payment) =>
    run(async () => {
      const paid = await once(`paying ${payment.id}`, () => payment.id, api.paid);
      if (paid.money === "kept" && paid.order) return go(paid.order.id);
      setAsked(null);
      setNotice(saidOf(paid));
      changed();
    });
  // The answer was lost before this page was opened.
  useEffect(() => {
    if (asked !== null && asked.payment === null) ask(asked.wanted);
  }, []);

  if (order.state !== "confirmed" && asked === null && notice === "" && !problem) return null;
  return (
    <Panel
      title="Change my tickets"
      class="exchange"
      hint="Choose what goes back, and what you want instead. If it costs less, the rest stays with the shop."
    >
      {asked?.payment ? (
        <Due
          payment={asked.payment}
          busy={busy}
          pay={() => pay(asked.payment!)}
          leave={() => setAsked(null)}
          money={money}
        />
      ) : asked && !busy ? (
        <p>
          <button type="button" onClick={() => ask(asked.wanted)}>
            Ask the shop again
          </button>
        </p>
      ) : (
        left > 0 && <Wanted key={left} order={order} event={event} busy={busy} round={round} ask={ask} />
      )}
      <p role="status" class="notice">
        {notice}
      </p>
      {problem && <Problem of={problem} />}
    </Panel>
  );
}

interface DueProps {
  payment: Payment;
  busy: boolean;
  pay: () => void;
  leave: () => void;
  money: (amount: number) => string;
}

function Due({ payment, busy, pay, leave, money }: DueProps) {
  return (
    <div class="note offer">
      <p>{money(payment.total)} is due. The tickets are changed when it is paid; until then, nothing is held.</p>
      <p class="buttons">
        <button type="button" class="pay-due" disabled={busy} onClick={pay}>
          {busy ? "One moment …" : `Pay ${money(payment.total)}`}
        </button>
        <button type="button" class="plain" disabled={busy} onClick={leave}>
          Keep my tickets
        </button>
      </p>
    </div>
  );
}

interface WantedProps {
  order: OrderView;
  event: Event;
  busy: boolean;
  round: number;
  ask: (wanted: Asked["wanted"]) => void;
}

/** What goes back, and what takes its place, with its price. */
function Wanted({ order, event, busy, round, ask }: WantedProps) {
  const open = order.tickets.flatMap(({ released }, index) => (released ? [] : [index]));
  const [tickets, setTickets] = useState<number[]>(open.length === 1 ? open : []);
  const [quantities, setQuantities] = useState<Record<string, number>>({});
  const [codes, setCodes] = useState(order.codes.join(", "));
  const money = moneyIn(order.currency);
  const nameOf = (type: string | null | undefined) => event.ticket_types.find(({ id }) => id === type)?.name ?? type;
  const lines = event.ticket_types
    .map(({ id }) => ({ ticket_type: id, quantity: quantities[id] ?? 0 }))
    .filter(({ quantity }) => quantity > 0);
  const email = order.identities.find((one) => one.startsWith("email:"))?.slice(6) ?? "";
  const wanted: WantedExchange = { tickets, codes: typedCodes(codes), lines, identities: { email } };
  const text = tickets.length > 0 && lines.length > 0 ? JSON.stringify(wanted) : null;
  const settled = useSettled(text, 250);
  const [price, problem, again] = useLoaded(
    async () => (settled === null ? null : { of: settled, is: await api.priceExchange(order.id, JSON.parse(settled)) }),
    [settled, round],
  );
  const shown = text !== null && price?.of === text ? price.is : null;
  return (
    <>
      <div class="two even">
        <fieldset>
          <legend>These go back</legend>
          {open.map((index) => {
            const { ticket_type, price: paid } = order.tickets[index]!;
            return (
              <div key={index} class="check">
                <input
                  id={`back-${index}`}
                  name={`back-${index}`}
                  type="checkbox"
                  checked={tickets.includes(index)}
                  onChange={({ currentTarget: { checked } }) =>
                    setTickets(open.filter((each) => (each === index ? checked : tickets.includes(each))))
                  }
                />
                <label for={`back-${index}`}>
                  {nameOf(ticket_type)}, {money(paid)}
                </label>
              </div>
            );
          })}
        </fieldset>
        <fieldset>
          <legend>I want instead</legend>
          {event.ticket_types.map((type) => (
            <Quantity
              key={type.id}
              type={type}
              price={money(type.price)}
              value={quantities[type.id] ?? 0}
              set={(quantity) => setQuantities((was) => ({ ...was, [type.id]: quantity }))}
            />
          ))}
        </fieldset>
      </div>
      <div class="field">
        <label for="exchange-codes">Promo codes</label>
        <input
          id="exchange-codes"
          name="exchange-codes"
          class="code"
          autoComplete="off"
          spellcheck={false}
          value={codes}
          onInput={(input) => setCodes(input.currentTarget.value)}
        />
      </div>
      {problem && <Problem of={problem} again={again} />}
      <div role="status">
        {text === null ? (
          <p class="hint">Choose at least one ticket that goes back, and one that you want.</p>
        ) : shown === null ? (
          <p class="hint">{problem ? "" : "Working out the price …"}</p>
        ) : (
          <Told price={shown} event={event} money={money} />
        )}
      </div>
      <button
        type="button"
        class="change wide"
        disabled={busy || shown === null || !["accepted", "payment_due"].includes(shown.status)}
        onClick={() => shown && ask({ ...wanted, id: crypto.randomUUID(), max_due: shown.due })}
      >
        {busy ? "One moment …" : shown?.due ? `Change, for ${money(shown.due)} more` : "Change my tickets"}
      </button>
    </>
  );
}

function Told({ price, event, money }: { price: ExchangePrice; event: Event; money: (amount: number) => string }) {
  const { status, quote, due, refundable, forgone } = price;
  if (status === "already_released" || status === "not_confirmed")
    return <p class="bad">These tickets cannot be changed any more.</p>;
  if (status === "rejected") {
    return (
      <ul class="sentences bad">
        {refusals(price.refusals, event).map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
    );
  }
  const codes = [...new Set(quote.tickets.flatMap((ticket) => ticket.codes))];
  return (
    <>
      <dl class="sums" data-due={due} data-status={status}>
        <dt>
          {plural(quote.tickets.length, "new ticket")}
          {codes.length > 0 && `, with ${codes.join(", ")}`}
        </dt>
        <dd>{money(quote.total)}</dd>
        <dt>What goes back is worth</dt>
        <dd>−{money(quote.total - due + refundable + forgone)}</dd>
        <dt class="total">To pay</dt>
        <dd class="total">{money(due)}</dd>
      </dl>
      {refundable > 0 && <p>You get {money(refundable)} back.</p>}
      {forgone > 0 && <p>{money(forgone)} is left over, and stays with the shop.</p>}
    </>
  );
}
