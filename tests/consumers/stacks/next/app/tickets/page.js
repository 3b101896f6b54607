"use client";
import { useRef, useState } from "react";
import { usePromoPreview } from "redeemable/react";

const EVENT = "/api/shop/events/gala";
const euros = new Intl.NumberFormat("en", { style: "currency", currency: "EUR" });

export default function Tickets() {
  const [code, setCode] = useState("");
  const [quantity, setQuantity] = useState(1);
  const [said, setSaid] = useState("");
  const order = useRef(null);
  const lines = [{ ticket_type: "regular", quantity }];
  const { state, decision, error, retry } = usePromoPreview({ url: EVENT, codes: [code], lines });

  async function buy() {
    // Made before the first try, and sent again when an answer is lost: the order is sold once.
    order.current ??= crypto.randomUUID();
    const basket = { id: order.current, codes: [code], lines, max_total: decision.quote.total };
    const answer = await fetch(`${EVENT}/orders`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(basket),
    });
    const { status, quote } = await answer.json();
    if (status === "accepted") order.current = null;
    setSaid(status === "accepted" ? "The tickets are yours until you pay." : `Now ${euros.format(quote.total / 100)}.`);
  }

  return (
    <main>
      <input aria-label="Code" value={code} onChange={(event) => setCode(event.target.value)} />
      <input
        aria-label="Tickets"
        type="number"
        min="1"
        value={quantity}
        onChange={(event) => setQuantity(Number(event.target.value))}
      />
      <output>{state === "ready" ? euros.format(decision.quote.total / 100) : state}</output>
      {decision?.refusals.map(({ code, message }) => (
        <p key={code}>{message}</p>
      ))}
      {error && (
        <button type="button" onClick={retry}>
          Try again
        </button>
      )}
      <button type="button" disabled={state !== "ready"} onClick={buy}>
        Buy
      </button>
      <p role="status">{said}</p>
    </main>
  );
}
