// One order: how long its hold lasts, paying for it, and giving tickets back.
import { useEffect, useState } from "preact/hooks";
import type { ReleaseReason, Ticket } from "redeemable";
import { api, type Event, type OrderView } from "../api";
import { dateTime, duration, moneyIn, time } from "../format";
import { Heading, once, Panel, Problem, plural, useAction, useLoaded } from "../ui";
import { Exchange } from "./Exchange";
import { remember } from "./MyOrders";
import { saidOf } from "./paid";
import { TicketRow } from "./TicketRow";

export function Order({ event, id }: { event: Event; id: string }) {
  const [loaded, missing, again] = useLoaded(() => api.order(id), [id]);
  const [changed, setChanged] = useState<OrderView | null>(null);
  const [notice, setNotice] = useState("");
  const { busy, problem, run } = useAction();
  useEffect(() => setChanged(null), [loaded]);
  useEffect(() => {
    if (loaded) remember(id);
  }, [loaded !== null]);
  const order = changed ?? loaded;
  if (!order) {
    return (
      <>
        <Heading>Your order</Heading>
        {missing?.code === "not_found" ? (
          <p>There is no order at this address.</p>
        ) : missing ? (
          <Problem of={missing} again={again} />
        ) : (
          <p class="loading">Looking for your order …</p>
        )}
        <p>
          <a href="#/">Back to the tickets</a>
        </p>
      </>
    );
  }
  const money = moneyIn(order.currency);
  const pay = async (total: number) => {
    const paid = await once(`paying ${id}`, async () => (await api.askPayment(id, total)).id, api.paid);
    setChanged(paid.order);
    setNotice(saidOf(paid));
  };
  // Places a lapsed order again, at today's price, and pays for it.
  const orderAgain = (tickets: Ticket[], total: number) =>
    run(async () => {
      const wish = {
        codes: order.codes,
        lines: linesOf(tickets),
        identities: { email: order.identities[0]?.replace(/^email:/, "") ?? "" },
      };
      const { status, quote, order: held } = await api.buy(event, { id, ...wish, max_total: total });
      if (held) {
        setChanged(held);
        return pay(total);
      }
      setNotice(
        status === "price_changed"
          ? `Nothing was ordered: the tickets now cost ${money(quote.total)}.`
          : "Nothing was ordered: a code is not accepted any more, or used up.",
      );
    });
  const giveBack = (tickets: number[] | null) =>
    run(async () => {
      const released = await once(
        `giving back ${id} ${tickets ?? "all"}`,
        () => crypto.randomUUID(),
        (release) => api.release(id, release, tickets),
      );
      setChanged(released.order);
      setNotice(
        released.tickets.length === 0
          ? "That was given back before."
          : `${plural(released.tickets.length, "ticket")} given back.` +
              (released.refundable > 0 ? ` You get ${money(released.refundable)} back.` : ""),
      );
    });
  const lapsed = order.tickets.filter(({ released }) => released?.reason === "hold_expired");
  const lost = lapsed.reduce((sum, { price }) => sum + price, 0);
  return (
    <>
      <div class="lead">
        <Heading>Your order</Heading>
        <p>{STANDING[order.state]} This page has an address of its own: come back to it, or reload it, at any time.</p>
      </div>
      <div class="two">
        <Panel
          title="Tickets"
          hint={
            order.state === "released"
              ? undefined
              : "A ticket given back makes its discount available to others at once."
          }
        >
          <ul class="tickets" data-state={order.state} data-total={order.total}>
            {order.tickets.map((ticket, index) => (
              <OrderedTicket
                key={index}
                ticket={ticket}
                event={event}
                busy={busy}
                isPaid={order.state === "confirmed"}
                giveBack={order.state === "released" ? null : () => giveBack([index])}
              />
            ))}
          </ul>
          <p class="hint">
            Order {order.id.slice(0, 8)}
            {order.codes.length > 0 && <>, with {order.codes.join(", ")}</>}
          </p>
        </Panel>
        <Panel
          title={
            order.state === "held"
              ? "Held for you"
              : order.state === "confirmed"
                ? order.total === 0
                  ? "Yours"
                  : "Paid"
                : "Given back"
          }
          class="price"
        >
          {order.expires_at_ms !== null && <Countdown until={order.expires_at_ms} hold={event.hold_ms} over={again} />}
          <dl class="sums">
            <dt class="total">Total</dt>
            <dd class="total">{money(order.total)}</dd>
          </dl>
          {order.state === "held" && (
            <button type="button" class="pay wide" disabled={busy} onClick={() => run(() => pay(order.total))}>
              {busy ? "One moment …" : `Pay ${money(order.total)}`}
            </button>
          )}
          {order.state === "held" && (
            <button type="button" class="plain wide" disabled={busy} onClick={() => giveBack(null)}>
              Give the whole order back
            </button>
          )}
          {order.state === "confirmed" && order.confirmed_at_ms !== null && (
            <p class="hint">Confirmed on {dateTime(order.confirmed_at_ms)}.</p>
          )}
          {order.exchanged !== null && (
            <p class="hint">
              In place of tickets for {money(order.exchanged.credit)}
              {order.exchanged.due > 0 && `, and ${money(order.exchanged.due)} paid more`}.
            </p>
          )}
          {order.state === "released" && lost > 0 && order.confirmed_at_ms === null && (
            <>
              <p>
                The time to pay ran out, and the tickets went back. You can order them again for as long as they cost
                the same.
              </p>
              <button type="button" class="pay wide" disabled={busy} onClick={() => orderAgain(lapsed, lost)}>
                Order again and pay {money(lost)}
              </button>
            </>
          )}
          <p role="status" class="notice">
            {notice}
          </p>
          {(problem ?? missing) && <Problem of={(problem ?? missing)!} again={again} />}
          <p>
            <a href="#/">Buy other tickets</a>
          </p>
        </Panel>
      </div>
      <Exchange
        order={order}
        event={event}
        changed={() => {
          setChanged(null);
          again();
        }}
      />
    </>
  );
}

/** The tickets as lines of an order. */
function linesOf(tickets: Ticket[]): { ticket_type: string; quantity: number }[] {
  const types = [...new Set(tickets.map(({ ticket_type }) => ticket_type ?? ""))];
  return types.map((type) => ({
    ticket_type: type,
    quantity: tickets.filter(({ ticket_type }) => ticket_type === type).length,
  }));
}

const GONE: Partial<Record<ReleaseReason, string>> = {
  buyer_released: "given back",
  hold_expired: "not paid in time",
  exchanged: "changed for others",
  organizer_cancelled: "cancelled",
};

const STANDING = {
  held: "Nobody else can take these tickets or their discount while the clock runs.",
  confirmed: "These tickets are yours.",
  released: "These tickets are free for others again.",
};

function OrderedTicket({
  ticket,
  event,
  busy,
  isPaid,
  giveBack,
}: {
  ticket: Ticket;
  event: Event;
  busy: boolean;
  isPaid: boolean;
  giveBack: (() => void) | null;
}) {
  const [sure, setSure] = useState(false);
  const money = moneyIn(event.currency);
  return (
    <li
      class={`stub ${ticket.released ? "gone" : ticket.price < ticket.unit_price ? "" : "full"}`}
      data-price={ticket.price}
    >
      <TicketRow ticket={ticket} event={event} />
      {ticket.released ? (
        <span class="act hint">
          {GONE[ticket.released.reason] ?? ticket.released.reason.replaceAll("_", " ")}, {time(ticket.released.at_ms)}
        </span>
      ) : (
        giveBack && (
          <span class={sure ? "act sure" : "act"}>
            {sure ? (
              <>
                {isPaid && ticket.price > 0 && <span class="hint">{money(ticket.price)} comes back.</span>}{" "}
                <button
                  type="button"
                  class="small danger"
                  disabled={busy}
                  onClick={() => {
                    setSure(false);
                    giveBack();
                  }}
                >
                  Yes, give it back
                </button>{" "}
                <button type="button" class="small plain" onClick={() => setSure(false)}>
                  Keep it
                </button>
              </>
            ) : (
              <button type="button" class="small plain" disabled={busy} onClick={() => setSure(true)}>
                Give back<span class="sr"> {name}</span>
              </button>
            )}
          </span>
        )
      )}
    </li>
  );
}

/** Counts down to the end of a hold. A screen reader reads it at the start and near the end, not every second. */
function Countdown({ until, hold, over }: { until: number; hold: number; over: () => void }) {
  const [now, setNow] = useState(Date.now);
  const left = until - now;
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  // The shop releases a lapsed hold soon after. So the page loads the order again, every 5 seconds.
  const late = left <= 0 ? Math.floor(-left / 5000) : -1;
  useEffect(() => {
    if (late >= 0) over();
  }, [late]);
  return (
    <div class="countdown">
      <p>
        {left > 0 ? (
          <>
            Pay within <strong role="timer">{duration(left)}</strong>
          </>
        ) : (
          <strong>The time to pay is over.</strong>
        )}
      </p>
      <div class="bar" aria-hidden="true">
        <i style={{ width: `${Math.max(0, Math.min(100, (left / hold) * 100))}%` }} />
      </div>
      <p class="sr" aria-live="polite">
        {left > 0 && left < 60_000 ? "Less than a minute left to pay." : ""}
      </p>
      <p class="hint">Until {time(until)}; after that the tickets go back on sale.</p>
    </div>
  );
}
