// What happened to a code, newest first. The newest entry of an order has buttons for what can still be done about it.
import { useState } from "preact/hooks";
import type { ReleaseReason } from "redeemable";
import { api, type Entry, type Event } from "../api";
import { dateTime, moneyIn, number } from "../format";
import { once, Panel, plural, Problem, useAction } from "../ui";

const REASONS: Partial<Record<ReleaseReason, string>> = {
  buyer_released: "the buyer gave it back",
  organizer_cancelled: "we cancelled it",
  refunded: "refunded",
  forfeited: "forfeited",
  no_show: "did not come",
  disputed: "payment disputed",
  payment_failed: "payment failed",
  hold_expired: "the hold ran out",
};
/** After these reasons the shop owes the buyer a refund. After a dispute, the bank has already paid it back. */
const OWED: ReleaseReason[] = ["buyer_released", "organizer_cancelled", "refunded"];

interface Props {
  event: Event;
  entries: Entry[];
  total: number;
  changed: () => void;
}

/** The orders that still have tickets to release: the newest entry of each, and whether it is held or paid. */
function open(entries: Entry[]): Map<string, { n: number; state: "held" | "confirmed" }> {
  const orders = new Map<string, { n: number; state: "held" | "confirmed"; left: number }>();
  for (const { order, n, event, tickets } of [...entries].reverse()) {
    const was = orders.get(order) ?? { state: "held" as const, left: 0 };
    if (event === "released") orders.set(order, { ...was, n, left: was.left - tickets });
    // A late payment brings back the tickets of a lapsed hold.
    else orders.set(order, { n, state: event, left: Math.max(was.left, tickets) });
  }
  return new Map([...orders].filter(([, { left }]) => left > 0));
}

export function Ledger({ event, entries, total, changed }: Props) {
  const [notice, setNotice] = useState("");
  const [count, setCount] = useState(20);
  const orders = open(entries);
  const money = moneyIn(event.currency);
  return (
    <Panel
      title="Ledger"
      hint="Every order that touched this code, newest first. The reason of a release says whether the use comes back."
      class="wide"
    >
      <p role="status" class="notice">
        {notice}
      </p>
      {entries.length === 0 ? (
        <p class="hint">No entry yet.</p>
      ) : (
        <section class="scroll" aria-label="Entries" tabIndex={0}>
          <table class="ledger">
            <thead>
              <tr>
                <th scope="col">When</th>
                <th scope="col">What</th>
                <th scope="col" class="money">
                  Uses
                </th>
                <th scope="col" class="money">
                  Taken off
                </th>
                <th scope="col">To do</th>
              </tr>
            </thead>
            <tbody>
              {entries.slice(0, count).map((entry) => (
                <tr key={entry.n} data-event={entry.event}>
                  <td data-label="When">
                    {dateTime(entry.at_ms)}
                    <br />
                    <a href={`#/order/${entry.order}`} class="hint">
                      order {entry.order.slice(0, 8)}
                    </a>
                  </td>
                  <td data-label="What">{what(entry)}</td>
                  <td data-label="Uses" class="money">
                    {signed(entry.uses, number)} <span class="hint">then {number(entry.used)}</span>
                  </td>
                  <td data-label="Taken off" class="money">
                    {signed(entry.amount, money)}
                  </td>
                  <td data-label="To do">
                    {orders.get(entry.order)?.n === entry.n && (
                      <Acts
                        entry={entry}
                        isHeld={orders.get(entry.order)?.state === "held"}
                        say={(text) => {
                          setNotice(text);
                          changed();
                        }}
                        money={money}
                      />
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
      {entries.length > count && (
        <button type="button" class="plain" onClick={() => setCount(count + 100)}>
          Show more of {plural(total, "entry", "entries")}
        </button>
      )}
    </Panel>
  );
}

function what({ event, reason, tickets }: Entry): string {
  const some = plural(tickets, "ticket");
  if (event === "held") return `${some} held`;
  if (event === "confirmed") return `${some} paid`;
  return `${some} released: ${(reason && REASONS[reason]) ?? reason ?? ""}`;
}

const signed = (value: number, write: (value: number) => string) =>
  value === 0 ? "" : value > 0 ? `+${write(value)}` : `−${write(-value)}`;

function Acts({
  entry,
  isHeld,
  say,
  money,
}: {
  entry: Entry;
  isHeld: boolean;
  say: (text: string) => void;
  money: (amount: number) => string;
}) {
  const { busy, problem, run } = useAction();
  const [reason, setReason] = useState<ReleaseReason>(isHeld ? "organizer_cancelled" : "refunded");
  const confirm = () =>
    run(async () => {
      const ask = async () => (await api.askPayment(entry.order, (await api.order(entry.order)).total)).id;
      const { status, money } = await once(`paying ${entry.order}`, ask, api.paid);
      say(
        money === "kept"
          ? `Order ${entry.order.slice(0, 8)} is confirmed.`
          : `Not confirmed, the money goes back: ${status.replaceAll("_", " ")}.`,
      );
    });
  const release = () =>
    run(async () => {
      const { status, tickets, refundable } = await once(
        `taking back ${entry.order} ${reason}`,
        () => crypto.randomUUID(),
        (release) => api.takeBack(entry.order, release, reason),
      );
      say(
        tickets.length === 0
          ? `Nothing released: ${status.replaceAll("_", " ")}.`
          : `${plural(tickets.length, "ticket")} of order ${entry.order.slice(0, 8)} released.` +
              (refundable > 0 && OWED.includes(reason) ? ` Refund ${money(refundable)}.` : ""),
      );
    });
  const reasons = (Object.keys(REASONS) as ReleaseReason[]).filter(
    (each) => isHeld || (each !== "payment_failed" && each !== "hold_expired"),
  );
  return (
    <div class="acts">
      {isHeld && (
        <button type="button" class="small confirm" disabled={busy} onClick={confirm}>
          Confirm payment
        </button>
      )}
      <select
        aria-label={`Why release order ${entry.order.slice(0, 8)}`}
        value={reason}
        onChange={(change) => setReason(change.currentTarget.value as ReleaseReason)}
      >
        {reasons.map((each) => (
          <option key={each} value={each}>
            {REASONS[each]}
          </option>
        ))}
      </select>
      <button type="button" class="small plain release" disabled={busy} onClick={release}>
        Release
      </button>
      {problem && <Problem of={problem} />}
    </div>
  );
}
