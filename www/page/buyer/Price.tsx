// The price of each ticket, what each code did or why it was rejected, and the button that holds the tickets.
import type { Applied, QuotedTicket } from "redeemable";
import type { Event, Line, Refusal } from "../api";
import { moneyIn, number } from "../format";
import { plural } from "../ui";
import { refusals } from "../words";
import type { Offer } from "./offers";
import type { Preview, Priced } from "./preview";
import { TicketRow } from "./TicketRow";

interface Props {
  event: Event;
  preview: Preview;
  busy: boolean;
  hasEmail: boolean;
  isEmpty: boolean;
  refused: Refusal[];
  hold: (total: number) => void;
  /** Adds tickets to the order. */
  add: (line: Line) => void;
}

export function Price({ event, preview, busy, hasEmail, isEmpty, refused, hold, add }: Props) {
  const money = moneyIn(event.currency);
  const { decision, asking } = preview;
  if (decision === null) {
    const why = preview.problem
      ? ""
      : asking
        ? "Working out the price …"
        : isEmpty
          ? "Choose at least one ticket."
          : "There is no price yet.";
    return (
      <p class="hint" role="status">
        {why}
      </p>
    );
  }
  const { quote } = decision;
  const partial = decision.applied.filter((each) => each.partial);
  const ready = decision.status === "accepted" && preview.problem === null && !asking && !busy;
  return (
    <div
      aria-busy={asking || busy}
      data-status={asking ? "asking" : decision.status}
      data-total={quote.total}
      class="quote"
    >
      <ul class="tickets" aria-label="Tickets with their prices">
        {rows(quote.tickets).map(({ ticket, count }, index) => (
          <li
            key={index}
            class={`stub ${ticket.discount > 0 ? "" : "full"}`}
            data-price={ticket.price}
            data-count={count}
          >
            <TicketRow ticket={ticket} event={event} count={count} />
          </li>
        ))}
      </ul>
      <div role="status">
        <Sentences decision={decision} refused={refused} event={event} />
      </div>
      {decision.offers.length > 0 && <Offers of={decision.offers} event={event} add={add} />}
      <dl class="sums">
        <dt>Tickets</dt>
        <dd>{money(quote.subtotal)}</dd>
        {quote.discount > 0 && (
          <>
            <dt>Taken off</dt>
            <dd>−{money(quote.discount)}</dd>
          </>
        )}
        <dt class="total">Total</dt>
        <dd class="total">{money(quote.total)}</dd>
      </dl>
      {decision.status === "rejected" && (
        <p class="hint">This is the price without a code. Correct or remove the code to go on.</p>
      )}
      {partial.length > 0 ? (
        <div class="note offer">
          {partial.map((each) => (
            <p key={each.code}>{offer(each, quote.tickets, money)}</p>
          ))}
          <p>The total is {money(quote.total)}. Take it?</p>
          <button type="button" class="hold" disabled={!ready || !hasEmail} onClick={() => hold(quote.total)}>
            Yes, hold my tickets for {money(quote.total)}
          </button>
        </div>
      ) : (
        <button type="button" class="hold wide" disabled={!ready || !hasEmail} onClick={() => hold(quote.total)}>
          {busy
            ? "Holding …"
            : quote.payment === "none"
              ? "Get my free tickets"
              : `Hold my tickets for ${money(quote.total)}`}
        </button>
      )}
      {!hasEmail && <p class="hint">Your e-mail is needed to hold tickets.</p>}
    </div>
  );
}

function offer({ code, tickets, discount }: Applied, all: QuotedTicket[], money: (amount: number) => string): string {
  return tickets < all.length
    ? `${code} is nearly used up: ${number(tickets)} of your ${plural(all.length, "ticket")} ` +
        `${tickets === 1 ? "gets" : "get"} the discount.`
    : `${code} is nearly used up: it can take off ${money(discount)} and no more.`;
}

/** A row for each ticket. More than 10 tickets are grouped by type and price, so that the total stays in sight. */
function rows(tickets: QuotedTicket[]): { ticket: QuotedTicket; count: number }[] {
  if (tickets.length <= 10) return tickets.map((ticket) => ({ ticket, count: 1 }));
  const groups = new Map<string, { ticket: QuotedTicket; count: number }>();
  for (const ticket of tickets) {
    const key = JSON.stringify([ticket.ticket_type, ticket.unit_price, ticket.price, ticket.codes]);
    groups.set(key, { ticket, count: (groups.get(key)?.count ?? 0) + 1 });
  }
  return [...groups.values()];
}

/** What the codes did, or why they were refused; each sentence once. */
function Sentences({ decision, refused, event }: { decision: Priced; refused: Refusal[]; event: Event }) {
  const money = moneyIn(event.currency);
  if (decision.status === "rejected" || refused.length > 0) {
    const list = decision.why.length > 0 ? decision.why : refusals(refused, event);
    return (
      <ul class="sentences bad">
        {list.map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
    );
  }
  return (
    <ul class="sentences good">
      {decision.applied.map(({ code, discount, remaining, byItself }) => (
        <li key={code}>
          {code} {byItself && "applies by itself, and "}takes off {money(discount)}.
          {remaining !== null && ` Left for you after this: ${remaining === 0 ? "none" : number(remaining)}.`}
        </li>
      ))}
      {decision.quote.not_needed.map((code) => (
        <li key={code} class="unneeded">
          {code} is not needed: without it you pay no more.
        </li>
      ))}
    </ul>
  );
}

/** Each offer with a button that adds the tickets. */
function Offers({ of, event, add }: { of: Offer[]; event: Event; add: (line: Line) => void }) {
  const money = moneyIn(event.currency);
  const name = (type: string) => event.ticket_types.find(({ id }) => id === type)?.name ?? type;
  return (
    <ul class="offers" aria-label="What would take more off">
      {of.map(({ code, said, add: more, discount }) => {
        const tickets = `${number(more.quantity)} ${name(more.ticket_type)}`;
        return (
          <li key={code} class="note" data-code={code}>
            <p>
              {said !== null && (
                <>
                  <strong>{code}:</strong> {said}{" "}
                </>
              )}
              With {tickets} more, {code} takes off {money(discount)}.
            </p>
            <button type="button" class="small plain" onClick={() => add(more)}>
              Add {tickets}
            </button>
          </li>
        );
      })}
    </ul>
  );
}
