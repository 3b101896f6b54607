// One ticket in a list: its type, its codes and its price.
import type { QuotedTicket, Ticket } from "redeemable";
import type { Event } from "../api";
import { moneyIn, number } from "../format";

/** `count` tickets of this kind; only a row of several says how many. */
export function TicketRow({
  ticket,
  event,
  count = 1,
}: {
  ticket: QuotedTicket | Ticket;
  event: Event;
  count?: number;
}) {
  const money = moneyIn(event.currency);
  const name = event.ticket_types.find((type) => type.id === ticket.ticket_type)?.name ?? ticket.ticket_type;
  return (
    <>
      <span class="name">{name}</span>
      <span class="codes">
        {ticket.codes.map((code) => (
          <span key={code} class="tag">
            {code}
          </span>
        ))}
      </span>
      <span class="money">
        {ticket.price < ticket.unit_price && (
          <>
            <span class="sr">instead of </span>
            <s>{money(ticket.unit_price)}</s>{" "}
          </>
        )}
        <strong>
          {count > 1 && `${number(count)} × `}
          {money(ticket.price)}
        </strong>
      </span>
    </>
  );
}
